import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { blobsIn, findViolations, removalsSettled, sha256 } from '../support/violations.js';

/** A drive that outlives the processes that serve it. */
interface Scene {
  readonly env: NodeJS.ProcessEnv;
  readonly alice: Client;
  readonly probe: Probe;
}

let scene: Scene;
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await scene.probe.close();
  rmSync(join(scene.env.DATA_DIR!, '..'), { recursive: true, force: true });
});

async function start(env: NodeJS.ProcessEnv, failpoint = ''): Promise<Server> {
  const server = await Server.start({ ...env, FAILPOINT: failpoint });
  servers.push(server);
  return server;
}

/** A drive with one file, whose next process dies at the failpoint. */
async function prepare(failpoint: string): Promise<{ file: Record<string, any>; server: Server }> {
  const env = await Server.environment();
  const first = await start(env);
  const alice = await first.client.signUp('alice');
  const file = await alice.file('old.txt', 'old bytes');
  const probe = await openProbe(first.config);
  await removalsSettled(probe);
  await first.kill('SIGTERM');
  scene = { env, alice, probe };
  return { file, server: await start(env, failpoint) };
}

/** What the server's death leaves of a request: no answer. */
const unanswered = (request: Promise<{ status: number }>) =>
  request.then(
    ({ status }) => `answered ${status}`,
    () => 'no answer',
  );

async function restart(): Promise<void> {
  await start(scene.env);
  await removalsSettled(scene.probe);
  expect(await findViolations(scene.probe, scene.env.DATA_DIR!)).toEqual([]);
  expect(await scene.probe.rows('SELECT * FROM blobRemovals')).toEqual([]);
}

const names = async () =>
  (await scene.probe.rows<{ name: string }>('SELECT name FROM files ORDER BY name')).map(({ name }) => name);

describe('kill -9 during an upload', () => {
  it.each(['upload.claimed', 'upload.created', 'upload.synced', 'upload.linked', 'upload.published', 'upload.live'])(
    'at %s leaves the whole file or nothing of it',
    async (failpoint) => {
      const { server } = await prepare(failpoint);
      expect(await unanswered(scene.alice.upload('new.txt', 'new bytes'))).toBe('no answer');
      expect((await server.ended).signal).toBe('SIGKILL');
      await restart();
      const whole = failpoint === 'upload.live';
      expect(await names()).toEqual(whole ? ['new.txt', 'old.txt'] : ['old.txt']);
      expect((await scene.alice.upload('new.txt', 'newer')).status).toBe(whole ? 409 : 200);
      expect(await findViolations(scene.probe, scene.env.DATA_DIR!)).toEqual([]);
    },
  );

  it.each(['rollback.unlinked', 'rollback.cleared', 'rollback.dropped'])(
    'and again during the recovery, at %s, leaves nothing of it',
    async (failpoint) => {
      const { server } = await prepare('upload.published');
      await unanswered(scene.alice.upload('new.txt', 'new bytes'));
      await server.ended;
      const recovering = Server.spawn({ ...scene.env, FAILPOINT: failpoint });
      expect((await recovering.ended).signal).toBe('SIGKILL');
      await restart();
      expect(await names()).toEqual(['old.txt']);
    },
  );
});

describe('kill -9 during a delete', () => {
  it.each(['delete.recorded', 'delete.committed', 'removal.unlinked', 'removal.flushed', 'removal.settled'])(
    'at %s leaves the whole file or, in the end, nothing of it',
    async (failpoint) => {
      const { file, server } = await prepare(failpoint);
      await unanswered(scene.alice.delete(`/api/files/${file.id}`));
      expect((await server.ended).signal).toBe('SIGKILL');
      await restart();
      if (failpoint === 'delete.recorded') {
        expect(blobsIn(scene.env.DATA_DIR!)).toEqual([{ key: 'alice/old.txt', size: 9, sha256: sha256('old bytes') }]);
        expect((await scene.alice.delete(`/api/files/${file.id}`)).status).toBe(200);
      } else {
        expect((await scene.alice.delete(`/api/files/${file.id}`)).status).toBe(404);
      }
      expect(await names()).toEqual([]);
      expect((await scene.alice.file('old.txt', 'again')).id).toBeGreaterThan(file.id);
    },
  );
});
