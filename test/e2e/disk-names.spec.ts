import { afterEach, expect, it } from 'vitest';
import { Fault } from '../crash/support/strace.js';
import { blobsIn, sha256 } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { openProbe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { findViolations, temporaryFilesIn } from '../support/violations.js';

/** Calls of one kind in the one thread that there is are counted, so that a name of some length meets its own error. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' };

describeWith('strace-attach', 'a disk that holds shorter names', (strace) => {
  let server: Server;
  afterEach(() => server.kill());

  it('refuses a name that is found to be too long only when it is to be published, and keeps nothing of it', async () => {
    server = await Server.start(await Server.environment(ONE_THREAD));
    const probe = await openProbe(server.config);
    const alice = await server.client.signUp('alice');
    const fault = await Fault.on(strace, server.process.pid!, { call: 'link,linkat', how: 'error=ENAMETOOLONG' });
    const { status, body } = await alice.upload(`${'x'.repeat(200)}.txt`);
    expect(await fault.off()).toBeGreaterThan(0);
    expect([status, body.error, body.details]).toEqual([
      ...[400, 'Invalid file name'],
      { name: ['is none that the disk can hold'] },
    ]);
    expect([blobsIn(server.config.dataDir), temporaryFilesIn(server.config.dataDir)]).toEqual([[], []]);
    expect(await findViolations(probe, server.config.dataDir)).toEqual([]);
    expect((await alice.upload(`${'x'.repeat(200)}.txt`, 'later')).body.file.sha256).toBe(sha256('later'));
    await probe.close();
  });
});
