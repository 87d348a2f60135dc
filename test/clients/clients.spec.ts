import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith, engine, enginesRequired, missing, skipVisibly } from '../support/engines.js';
import { LANGUAGES, readBlocks, run } from './programs.js';

/** The section whose programs are run by resumable.spec.ts. */
const RESUMABLE = 'Uploads that go on';
const [before, shown, ...blocks] = readBlocks('docs/CLIENTS.md').filter(({ section }) => section !== RESUMABLE);
const programs = blocks.filter(({ language }) => language in LANGUAGES);
/** What no test machine has: telephones, and a browser's own page. */
const SHOWN_ONLY = ['jsx', 'kotlin', 'swift', 'html', 'text', 'text'];
const VARIABLES = ['DEFDRIVE_URL', 'DEFDRIVE_USERNAME', 'DEFDRIVE_PASSWORD'];
const LINK = /^http.*\/link\/[0-9a-f]{32}$/m;

// The preparation itself uses cURL.
describeWith('curl', 'docs/CLIENTS.md', () => {
  const drive = driveFixture();
  let directory: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    directory = temporaryDirectory();
    const machine = { PATH: process.env.PATH!, HOME: directory };
    env = {
      ...machine,
      ...(await prepare(before!.code, { ...machine, DEFDRIVE_URL: drive.url })),
      GOCACHE: join(directory, 'go-build'),
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
    };
  });

  /** Runs the block "Before" in a shell, and gives what it exports. */
  async function prepare(code: string, given: Record<string, string>): Promise<Record<string, string>> {
    const tell = VARIABLES.map((name) => `printf '%s\\0' "$${name}" >> exports`).join('\n');
    writeFileSync(join(directory, 'before.sh'), `set -eu\n${code}\n${tell}\n`);
    const { status, stderr } = await run(['/bin/sh', 'before.sh'], directory, given);
    expect(status, stderr).toBe(0);
    const values = readFileSync(join(directory, 'exports'), 'utf8').split('\0');
    return Object.fromEntries(VARIABLES.map((name, at) => [name, values[at]!]));
  }

  it('shows a program in every language that a test can run, and nothing else', () => {
    expect([before?.section, shown?.section]).toEqual(['Before', 'Before']);
    expect(programs.map(({ language }) => language)).toEqual(Object.keys(LANGUAGES));
    const others = blocks.filter((block) => !programs.includes(block)).map(({ language }) => language);
    expect(others).toEqual(SHOWN_ONLY);
  });

  it('makes an account and a file before', async () => {
    expect(await drive.probe.rows('SELECT username FROM users')).toEqual([{ username: env.DEFDRIVE_USERNAME }]);
    expect(readFileSync(join(directory, 'hello.txt'), 'utf8')).toBe('Hello, DefDrive\n');
  });

  describe.each(programs)('$section', ({ language: name, code }) => {
    const language = LANGUAGES[name]!;
    const path = language.engine ? engine(language.engine) : process.execPath;

    if (path === undefined && (language.optional || !enginesRequired())) {
      skipVisibly(missing(`the ${name} program`, language.engine!));
      return;
    }

    it('prints what the page shows, and leaves nothing behind', async () => {
      if (path === undefined) throw new Error(missing(name, language.engine!));
      writeFileSync(join(directory, language.file), code);
      const { status, stdout, stderr } = await run(language.command(path, language.file), directory, env);
      expect(stderr).toBe('');
      expect(status).toBe(0);

      const link = LINK.exec(stdout)?.[0];
      expect(link?.startsWith(`${drive.url}/link/`)).toBe(true);
      expect(stdout.replace(link!, '<link>')).toBe(shown!.code.replace(LINK, '<link>'));

      expect(await drive.violations()).toEqual([]);
      expect(await drive.blobs()).toEqual([]);
      for (const table of ['files', 'accesses', 'blobRemovals', 'sessions'])
        expect(await drive.probe.rows(`SELECT * FROM ${table}`), table).toEqual([]);
      expect(await drive.probe.rows('SELECT usedFiles, usedBytes FROM users')).toEqual([
        { usedFiles: 0, usedBytes: 0 },
      ]);
      expect(await drive.anonymous().get(link!)).toMatchObject({
        status: 404,
        body: { error: 'Access link not found' },
      });
    }, 180_000);
  });
});
