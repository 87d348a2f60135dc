import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Client } from '../support/client.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith, engine, type EngineName, enginesRequired, missing, skipVisibly } from '../support/engines.js';
import { freePort } from '../support/ports.js';
import { Server } from '../support/server.js';
import { accessNow, share, tally } from '../support/sharing.js';
import { Nginx } from './nginx.js';

const BYTES = randomBytes(3 * 1024 * 1024 + 7);
/** Bytes of the largest file that the drive takes here. */
const MOST = 4 * 1024 * 1024;
const NAME = 'Übung 1 (größer).bin';

/** What a program is told. */
interface Task {
  readonly program: string;
  readonly url: string;
  readonly token: string;
  /** The file to upload. */
  readonly path: string;
  /** Where a download belongs. */
  readonly out: string;
  readonly link: string;
}
type Command = (task: Task) => [string, ...string[]];

interface Program {
  readonly engine: EngineName;
  /** None for one that only downloads. */
  readonly upload?: Command;
  readonly download: Command;
  /** Not even the CI installs it. */
  readonly optional?: boolean;
}

const script = (file: string, ...args: string[]): string[] => [join(import.meta.dirname, 'scripts', file), ...args];
const python = (library: string, engine: EngineName): Program => ({
  engine,
  upload: ({ program, url, token, path }) => [program, ...script('transfer.py', library, 'upload', url, token, path)],
  download: ({ program, link, out }) => [program, ...script('transfer.py', library, 'download', link, out)],
});

const PROGRAMS: Record<string, Program> = {
  curl: {
    engine: 'curl',
    upload: ({ program, url, token, path }) => [
      program,
      '-sS',
      '--fail-with-body',
      '-H',
      `Authorization: Bearer ${token}`,
      ...['-F', `file=@${path}`, `${url}/api/upload`],
    ],
    download: ({ program, link, out }) => [program, '-sS', '--fail', '-o', out, link],
  },
  wget: { engine: 'wget', download: ({ program, link, out }) => [program, '-q', '-O', out, link] },
  aria2: {
    engine: 'aria2',
    download: ({ program, link, out }) => [
      program,
      '-q',
      '-x8',
      '-s8',
      '-k1M',
      '--file-allocation=none',
      '--no-conf',
      ...['-d', join(out, '..'), '-o', out.split('/').at(-1)!, link],
    ],
  },
  httpie: {
    engine: 'httpie',
    upload: ({ program, url, token, path }) => [
      program,
      '--ignore-stdin',
      '--check-status',
      '--multipart',
      'POST',
      ...[`${url}/api/upload`, `Authorization:Bearer ${token}`, `file@${path}`],
    ],
    download: ({ program, link, out }) => [program, '--ignore-stdin', '--check-status', '-d', '-q', '-o', out, link],
  },
  rclone: { engine: 'rclone', download: ({ program, link, out }) => [program, 'copyurl', '-q', link, out] },
  'Python requests': python('requests', 'python-requests'),
  'Python httpx': python('httpx', 'python-httpx'),
  'Python aiohttp': python('aiohttp', 'python-aiohttp'),
  "Java's HttpClient": {
    engine: 'java',
    optional: true,
    upload: ({ program, url, token, path }) => [program, ...script('Transfer.java', 'upload', url, token, path)],
    download: ({ program, link, out }) => [program, ...script('Transfer.java', 'download', link, out)],
  },
};

describe.each(['directly', 'behind nginx with its defaults'])('real programs, %s', (way) => {
  const proxied = way !== 'directly';
  describeWith(proxied ? ['nginx'] : [], `real programs, ${way}`, (nginxPath) => {
    let server: Server;
    let nginx: Nginx | undefined;
    let url: string;
    let alice: Client;
    let directory: string;
    let path: string;

    beforeAll(async () => {
      const environment = await Server.environment({
        MAX_FILE_SIZE: String(MOST),
        ...(proxied ? { TRUSTED_PROXIES: '127.0.0.1' } : {}),
      });
      const port = await freePort();
      url = `http://127.0.0.1:${proxied ? port : environment.PORT}`;
      server = await Server.start({ ...environment, PUBLIC_URL: url, LOG_LEVEL: 'warn' });
      if (proxied) nginx = await Nginx.start(nginxPath!, port, Number(environment.PORT));
      alice = await new Client(url).signUp('alice');
      directory = temporaryDirectory();
      mkdirSync(join(directory, 'files'));
      path = join(directory, 'files', NAME);
      writeFileSync(path, BYTES);
    });
    afterAll(async () => {
      await nginx?.stop();
      await server.kill();
    });

    const run = ([command, ...args]: [string, ...string[]]) =>
      promisify(execFile)(command, args, {
        cwd: directory,
        env: { PATH: process.env.PATH, HOME: directory, LANG: 'C.UTF-8' },
        timeout: 60_000,
      });

    describe.each(Object.entries(PROGRAMS))('%s', (title, { engine: name, upload, download, optional }) => {
      const program = engine(name);
      if (program === undefined && (optional || !enginesRequired())) {
        skipVisibly(missing(title, name));
        return;
      }
      const task = (link = ''): Task => ({
        ...{ program: program!, url, token: alice.token!, path, link },
        out: join(directory, `${name}.out`),
      });

      it('downloads every byte of a link, for one use', async () => {
        if (program === undefined) throw new Error(missing(title, name));
        const shared = await share(alice, {}, { bytes: BYTES });
        await run(download(task(shared.link)));
        expect(readFileSync(task().out).equals(BYTES)).toBe(true);
        expect((await accessNow(alice, shared)).uses).toBe(1);
      }, 90_000);

      if (!upload) return;
      it('uploads a file, with its name and every byte', async () => {
        if (program === undefined) throw new Error(missing(title, name));
        await run(upload!(task()));
        const [file] = (await alice.get(`/api/files?q=${encodeURIComponent(NAME)}`)).body.files;
        expect([file.name, file.size]).toEqual([NAME.normalize('NFC'), BYTES.length]);
        const content = await alice.fetch(`/api/files/${file.id}/content`);
        expect(Buffer.from(await content.arrayBuffer()).equals(BYTES)).toBe(true);
        expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
      }, 90_000);
    });

    it('a refusal that comes before the end of a body is read as what it is', async () => {
      const limited = await new Client(url).signUp('limited');
      await admin(server.config, ['users', 'set-limits', 'limited', '--max-storage', '1']);
      for (const [client, bytes, status, code] of [
        [new Client(url, 'no token'), BYTES, 401, 'not_authenticated'],
        [limited, BYTES, 403, 'storage_limit_exceeded'],
        [alice, Buffer.alloc(MOST + 1), 413, 'file_too_large'],
      ] as const) {
        const answers = [];
        for (let n = 0; n < 20; n += 1) answers.push(await client.upload('a.bin', bytes));
        expect(tally(answers)).toEqual({ [status]: 20 });
        expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set([code]));
      }
      expect((await alice.get('/api/files?q=a.bin')).body.files).toEqual([]);
    }, 90_000);
  });
});
