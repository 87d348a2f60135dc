import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { underLoad } from '../support/load.js';
import { findingsOf, seededDrive } from '../support/seeded-drive.js';

const FILES = 2_000;

const drive = seededDrive(FILES);
const run = (...args: string[]) => admin(drive.config, args);

describe('storage check, on a drive in use', () => {
  it('gives a clean verdict while files come and go beside it', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map((n) => drive.anonymous().logIn(`seed${n}`)));
    const done = await underLoad(clients, async () => {
      for (const args of [[], ['--deep'], []]) {
        const check = ['storage', 'check', '--json', ...args];
        const { code, json, err } = await admin(drive.config, check, { stutter: true });
        expect([code, err, findingsOf(json)]).toEqual([0, '', []]);
        expect(json.at(-1)).toMatchObject({ type: 'verdict', clean: true, findings: 0 });
        expect(json.at(-1)!.files).toBeGreaterThan(FILES / 2);
      }
    });
    expect(done).toBeGreaterThan(20);
    const { code, out } = await run('storage', 'check');
    expect([code, out.split('\n').at(-2)]).toEqual([0, 'The drive is clean.']);
  }, 120_000);
});
