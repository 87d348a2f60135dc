import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Server } from '../support/server.js';

it('a start says what took the place of the settings of the ancestor, and goes by a PUBLIC_URL with an underscore and a path', async () => {
  const environment = await Server.environment({ PUBLIC_URL: 'http://my_nas:8080/drive' });
  const elsewhere = join(environment.DATA_DIR!, '../elsewhere');
  const server = await Server.start({ ...environment, HOST_URL: 'http://old.example', DATA_PATH: elsewhere });
  try {
    expect(server.output).toContain('Warning: HOST_URL is not read: it is PUBLIC_URL now\n');
    expect(server.output).toContain('Warning: DATA_PATH is not read: it is DATA_DIR now\n');
    expect(existsSync(elsewhere)).toBe(false);
    const alice = await new Client(`http://127.0.0.1:${environment.PORT}`).signUp('alice');
    const { id } = await alice.file('a.txt');
    const { link } = (await alice.post(`/api/files/${id}/accesses`, { public: true })).body;
    expect(link).toMatch(/^http:\/\/my_nas:8080\/drive\/link\/[0-9a-f]{32}$/);
    const { servers } = (await alice.get('/docs/json')).body;
    expect(servers.map(({ url }: { url: string }) => url)).toContain('http://my_nas:8080/drive');
  } finally {
    await server.kill('SIGTERM');
  }
});
