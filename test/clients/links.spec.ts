import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith, type EngineName } from '../support/engines.js';
import { accessNow, share } from '../support/sharing.js';
import { run } from './programs.js';

/** 8 MiB, so that a program that wants parts gets to ask for them. */
const WHOLE = Buffer.from(Array.from({ length: 8 << 20 }, (_, index) => (index * 7 + (index >> 13)) % 251));
const TORSO = WHOLE.subarray(0, 2_500_000);
const ONCE = { oneTimeUse: true };

/** What is on the disk: nothing, a part of the file, or all of it. */
type State = 'none' | 'torso' | 'whole';

interface Row {
  /** As docs/COMPATIBILITY.md has it. */
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: Record<string, unknown>;
  readonly before: State;
  /** Exit codes of a failure differ by version; that it is one does not. */
  readonly ends: 'well' | 'with an error';
  readonly after: State;
  readonly uses: number;
}

const ARIA2 = ['--no-conf', '--quiet', '--max-tries=2', '--retry-wait=1', '--out=file'];
const PARTS = ['-x8', '-s8', '-k1M'];
const row = (
  command: string,
  args: string[],
  limits: object,
  before: State,
  ends: Row['ends'],
  after: State,
  uses: number,
): Row => ({
  ...{ command, args, before, ends, after, uses },
  limits: { ...limits },
});

const ROWS: Partial<Record<EngineName, Row[]>> = {
  curl: [
    row('curl', ['-sS', '-o', 'file'], ONCE, 'none', 'well', 'whole', 1),
    row('curl -C -', ['-sS', '-C', '-', '-o', 'file'], ONCE, 'torso', 'with an error', 'torso', 0),
    row('curl -f -C -', ['-sSf', '-C', '-', '-o', 'file'], ONCE, 'torso', 'with an error', 'torso', 0),
    row('curl -C -', ['-sS', '-C', '-', '-o', 'file'], ONCE, 'whole', 'well', 'whole', 0),
    row('curl -C -', ['-sS', '-C', '-', '-o', 'file'], {}, 'torso', 'well', 'whole', 0),
  ],
  wget: [
    row('wget', ['-q', '-O', 'file'], ONCE, 'none', 'well', 'whole', 1),
    row('wget -c', ['-q', '-c', '-t', '2', '-O', 'file'], ONCE, 'torso', 'with an error', 'torso', 0),
    row('wget -c', ['-q', '-c', '-t', '2', '-O', 'file'], ONCE, 'whole', 'well', 'whole', 0),
    row('wget -c', ['-q', '-c', '-t', '2', '-O', 'file'], {}, 'torso', 'well', 'whole', 0),
  ],
  httpie: [
    row('http -d', ['--ignore-stdin', '-q', '-d', '-o', 'file'], ONCE, 'none', 'well', 'whole', 1),
    row('http -d -c', ['--ignore-stdin', '-q', '-d', '-c', '-o', 'file'], ONCE, 'torso', 'with an error', 'torso', 0),
  ],
  aria2: [
    row('aria2c', ARIA2, ONCE, 'none', 'well', 'whole', 1),
    row('aria2c -x8', [...ARIA2, ...PARTS], ONCE, 'none', 'well', 'whole', 1),
    row('aria2c -c', [...ARIA2, '-c'], ONCE, 'torso', 'well', 'whole', 1),
    row('aria2c -c -x8', [...ARIA2, ...PARTS, '-c'], ONCE, 'torso', 'well', 'whole', 1),
    row('aria2c -x8', [...ARIA2, ...PARTS], { enableTTL: true, ttl: 9 }, 'none', 'well', 'whole', 1),
    row('aria2c -x8', [...ARIA2, ...PARTS], {}, 'none', 'well', 'whole', 1),
  ],
};

for (const [name, rows] of Object.entries(ROWS) as [EngineName, Row[]][]) {
  describeWith(name, `${name} at a link`, (program) => {
    let alice: Client;
    let directory: string;

    const drive = driveFixture();
    beforeAll(async () => {
      alice = await drive.signUp('alice');
    });
    beforeEach(() => (directory = temporaryDirectory()));

    it.each(rows)('$command, with $before of it, $limits: ends $ends, has $after of it, $uses uses', async (asked) => {
      const shared = await share(alice, asked.limits, { bytes: WHOLE });
      const path = join(directory, 'file');
      if (asked.before !== 'none') writeFileSync(path, asked.before === 'torso' ? TORSO : WHOLE);
      const env = { PATH: process.env.PATH!, HOME: directory };
      const { status, stdout, stderr } = await run([program!, ...asked.args, shared.link], directory, env);
      expect(status === 0 ? 'well' : 'with an error', `${stdout}${stderr}`).toBe(asked.ends);
      const after = readFileSync(path);
      expect(after.equals(WHOLE) ? 'whole' : after.equals(TORSO) ? 'torso' : `${after.length} other bytes`).toBe(
        asked.after,
      );
      expect(await accessNow(alice, shared)).toMatchObject({ uses: asked.uses });
    });
  });
}
