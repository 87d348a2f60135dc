import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { beginUpload, part } from '../support/multipart.js';
import { itOnDisk } from '../support/store.js';
import { until } from '../support/until.js';

const drive = driveFixture({ MAX_FILE_SIZE: '2000000' });

const newcomer = () => drive.newcomer();

describe('POST /api/upload', () => {
  it('leaves nothing of an upload whose client goes away', async () => {
    const client = await newcomer();
    const socket = await beginUpload(client, ['Content-Length: 2000000']);
    socket.write(part('gone.txt', 'some bytes').slice(0, -2));
    await until(async () => (await drive.temporaryFiles()).length === 1);
    socket.destroy();
    await until(async () => (await drive.probe.rows("SELECT id FROM files WHERE name = 'gone.txt'")).length === 0);
    expect(await drive.temporaryFiles()).toEqual([]);
    expect((await client.upload('gone.txt')).status).toBe(200);
  });

  itOnDisk('leaves foreign bytes at its key alone', async () => {
    const client = await newcomer();
    await client.file('own.txt');
    const { mkdirSync, writeFileSync, readFileSync, rmSync } = await import('node:fs');
    const path = `${drive.config.dataDir}/uploads/${client.username}/foreign.txt`;
    mkdirSync(`${drive.config.dataDir}/uploads/${client.username}`, { recursive: true });
    writeFileSync(path, 'precious');
    const answer = await client.upload('foreign.txt', 'new');
    expect([answer.status, answer.body.error]).toEqual([500, 'Internal server error']);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    expect(await drive.probe.rows("SELECT id FROM files WHERE name = 'foreign.txt'")).toEqual([]);
    rmSync(path);
  });

  it.each([
    ['INSERT', 'upload'],
    ['INSERT', 'uploadInChunks'],
    ['UPDATE', 'uploadInChunks'],
  ] as const)('leaves nothing when the database refuses the %s of an %s', async (event, send) => {
    const client = await newcomer();
    const lift = await drive.probe.plantFault(event, 'files');
    const answer = await client[send]('refused.txt');
    await lift();
    expect(await drive.temporaryFiles()).toEqual([]);
    expect([answer.status, answer.body.error]).toEqual([500, 'Internal server error']);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    expect((await client.upload('refused.txt')).status).toBe(200);
  });

  it('undoes later what it could not undo at once', async () => {
    const client = await newcomer();
    const [liftUpdate, liftDelete] = [
      await drive.probe.plantFault('UPDATE', 'users'),
      await drive.probe.plantFault('DELETE', 'files'),
    ];
    expect((await client.uploadInChunks('stuck.txt')).status).toBe(500);
    expect(await drive.probe.rows("SELECT state FROM files WHERE name = 'stuck.txt'")).toEqual([{ state: 'pending' }]);
    expect((await client.upload('stuck.txt')).status).toBe(409);
    expect((await client.get('/api/files')).body.files).toEqual([]);
    await liftUpdate();
    await liftDelete();
    await drive.probe.run("UPDATE files SET createdAt = 0 WHERE name = 'stuck.txt'");
    await until(async () => (await drive.probe.rows("SELECT id FROM files WHERE name = 'stuck.txt'")).length === 0);
    expect((await client.upload('stuck.txt')).status).toBe(200);
  });
});
