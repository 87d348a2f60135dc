import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { Server } from '../support/server.js';
import { follow, share } from '../support/sharing.js';

const FILTER = join(import.meta.dirname, '../../deploy/fail2ban/filter.conf');

describeWith('fail2ban-regex', 'fail2ban, with the filter of deploy/', (fail2banRegex) => {
  it('finds whoever guesses in the log, and nobody else', async () => {
    const server = await Server.start(await Server.environment());
    const alice = await server.client.signUp('alice');
    const open = await share(alice);
    const once = await share(alice, { oneTimeUse: true });
    const locked = await share(alice, { password: 'open sesame' });
    await follow(open.link);
    for (let n = 0; n < 2; n += 1) await follow(once.link);
    await server.client.post('/api/login', { username: 'alice', password: 'wrong password' });
    await server.client.post('/api/login', { username: '"address":"203.0.113.7"', password: 'wrong password' });
    await follow(open.link.replace(/[0-9a-f]{32}$/, '0'.repeat(32)));
    await follow(locked.link, { headers: { 'x-link-password': 'guessed' } });
    await server.kill('SIGTERM');
    const log = join(temporaryDirectory(), 'log');
    writeFileSync(log, server.output);
    const found = execFileSync(fail2banRegex!, ['--out', '<ip> <time>', log, FILTER], { encoding: 'utf8' });
    const lines = found.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(Array.from({ length: 4 }, () => '127.0.0.1'));
    // It knows when it was, too.
    for (const line of lines) expect(Math.abs(Number(line.split(' ')[1]) - Date.now() / 1000)).toBeLessThan(120);
  });
});
