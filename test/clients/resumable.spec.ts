import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith, engine, missing, skipVisibly } from '../support/engines.js';
import { readBlocks, run } from './programs.js';

const programs = readBlocks('docs/CLIENTS.md').filter(({ section }) => section === 'Uploads that go on');
const codeOf = (language: string) => programs.find((program) => program.language === language)!.code;

describeWith('curl', 'docs/CLIENTS.md, uploads that go on', () => {
  const drive = driveFixture();
  let alice: Client;
  let directory: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    alice = await drive.signUp('alice');
    directory = temporaryDirectory();
    writeFileSync(join(directory, 'hello.txt'), 'Hello, DefDrive\n');
    symlinkSync(join(process.cwd(), 'node_modules'), join(directory, 'node_modules'));
    env = { PATH: process.env.PATH!, HOME: directory, DEFDRIVE_URL: drive.url };
    Object.assign(env, { DEFDRIVE_USERNAME: 'alice', DEFDRIVE_PASSWORD: PASSWORD });
  });

  /** Runs a program; it must leave the file and nothing else, which is deleted again. @returns what it printed */
  async function uploadBy(command: [string, ...string[]], file: string, language: string): Promise<[string, number]> {
    writeFileSync(join(directory, file), codeOf(language));
    const { status, stdout, stderr } = await run(command, directory, env);
    expect([status, stderr]).toEqual([0, '']);
    const { files } = (await alice.get('/api/files')).body;
    expect(files).toMatchObject([{ name: 'hello.txt', size: 16, sha256: sha256('Hello, DefDrive\n') }]);
    expect(await drive.violations()).toEqual([]);
    await alice.delete(`/api/files/${files[0].id}`);
    return [stdout.trim(), files[0].id];
  }

  it('cURL by hand prints the address of the file', async () => {
    const [printed, id] = await uploadBy(['/bin/sh', 'tus.sh'], 'tus.sh', 'sh');
    expect(printed).toBe(`/api/files/${id}`);
  });

  it('tus-js-client prints the address of the file', async () => {
    const [printed, id] = await uploadBy([process.execPath, 'tus.mjs'], 'tus.mjs', 'js');
    expect(printed).toBe(`/api/files/${id}`);
  });

  // Of PyPI, which the CI does not ask.
  const python = engine('python-tus');
  if (python === undefined) {
    skipVisibly(missing('the program for tuspy', 'python-tus'));
    return;
  }
  it('tuspy says how much is there', async () => {
    const [printed] = await uploadBy([python, 'tus.py'], 'tus.py', 'python');
    expect(printed).toBe('16 bytes are there');
  });
});
