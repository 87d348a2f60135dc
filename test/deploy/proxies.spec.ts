import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Client } from '../support/client.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { freePort } from '../support/ports.js';
import { Server } from '../support/server.js';
import { until } from '../support/until.js';
import { makeCertificate, Proxy, type ProxyName } from './proxy.js';

const MIB = 1024 * 1024;
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each<ProxyName>(['nginx', 'caddy', 'haproxy'])('behind %s', (name) => {
  describeWith([name, 'curl', 'openssl'], `a drive behind ${name}, as deploy/ has it`, (proxyPath, curl, openssl) => {
    let server: Server;
    let proxy: Proxy;
    let url: string;
    let direct: Client;
    let certificate: string;
    let directory: string;

    beforeAll(async () => {
      const port = await freePort();
      url = `https://127.0.0.1:${port}`;
      directory = temporaryDirectory();
      certificate = makeCertificate(openssl!);
      const environment = await Server.environment({ TRUSTED_PROXIES: '127.0.0.1', PUBLIC_URL: `${url}/drive` });
      server = await Server.start(environment);
      const drivePort = Number(environment.PORT);
      proxy = await Proxy.start(name, proxyPath!, { port, drivePort, certificate });
      direct = await new Client(`http://127.0.0.1:${drivePort}`).signUp('alice');
    });
    afterAll(async () => {
      await proxy?.stop();
      await server?.kill('SIGTERM');
    });

    /** curl, which knows the certificate. @returns status and what it wrote */
    async function ask(...args: string[]): Promise<{ status: number; out: string }> {
      const known = args.some((arg) => arg.startsWith('authorization:'))
        ? []
        : ['-H', `authorization: Bearer ${direct.token}`];
      const common = ['-sS', '--cacert', certificate, '-w', '\n%{http_code}', ...known];
      const { stdout } = await promisify(execFile)(curl!, [...common, ...args], { maxBuffer: 8 * MIB });
      const end = stdout.lastIndexOf('\n');
      return { status: Number(stdout.slice(end + 1)), out: stdout.slice(0, end) };
    }

    function file(size: number): { path: string; bytes: Buffer } {
      const bytes = randomBytes(size);
      const path = join(directory, `${size}.bin`);
      writeFileSync(path, bytes);
      return { path, bytes };
    }

    it('takes 200 MB and gives them back, whole and in ranges', async () => {
      const { path, bytes } = file(200_000_000);
      const { status, out } = await ask('-F', `file=@${path}`, `${url}/api/upload`);
      expect([status, JSON.parse(out).file.sha256]).toEqual([200, hash(bytes)]);
      const content = `${url}/api/files/${JSON.parse(out).file.id}/content`;
      expect((await ask('-o', join(directory, 'back'), content)).status).toBe(200);
      expect(hash(readFileSync(join(directory, 'back')))).toBe(hash(bytes));
      expect((await ask('-o', join(directory, 'part'), '-r', '150000000-150000099', content)).status).toBe(206);
      expect(readFileSync(join(directory, 'part')).equals(bytes.subarray(150_000_000, 150_000_100))).toBe(true);
    });

    it('takes an upload in parts that breaks off on its way, and then its rest', async () => {
      const { path, bytes } = file(12 * MIB);
      const tus = (...headers: string[]) => ['tus-resumable: 1.0.0', ...headers].flatMap((header) => ['-H', header]);
      const metadata = `upload-metadata: filename ${Buffer.from('in parts.bin').toString('base64')}`;
      const begun = await ask(
        '-i',
        '-X',
        'POST',
        ...tus(`upload-length: ${bytes.length}`, metadata),
        `${url}/api/uploads`,
      );
      expect(begun.status).toBe(201);
      const upload = new URL(/^location: (.*)$/im.exec(begun.out)![1]!.trim(), `${url}/api/uploads`).href;
      const patch = (from: string, offset: number, ...args: string[]) => {
        const headers = tus(`upload-offset: ${offset}`, 'content-type: application/offset+octet-stream', 'expect:');
        return ask('-i', '-X', 'PATCH', '-T', from, ...headers, ...args, upload);
      };
      // So much of it arrives as fits into that time; curl then goes away.
      await expect(patch(path, 0, '--limit-rate', '6M', '--max-time', '1')).rejects.toMatchObject({ code: 28 });
      let offset = 0;
      await until(async () => {
        const { status, out } = await ask('-I', ...tus(), upload);
        offset = Number(/^upload-offset: (\d+)/im.exec(out)?.[1]);
        return status === 200 && offset > 0;
      });
      expect(offset).toBeLessThan(bytes.length);
      const rest = join(directory, 'rest');
      let answer = { status: 0, out: '' };
      // Its holder may not have let go when the look at it was answered.
      await until(async () => {
        offset = Number(/^upload-offset: (\d+)/im.exec((await ask('-I', ...tus(), upload)).out)?.[1]);
        writeFileSync(rest, bytes.subarray(offset));
        answer = await patch(rest, offset);
        return answer.status === 204;
      });
      const content = /^content-location: (.*)$/im.exec(answer.out)![1]!.trim();
      expect((await ask('-o', join(directory, 'resumed'), `${url}${content}/content`)).status).toBe(200);
      expect(hash(readFileSync(join(directory, 'resumed')))).toBe(hash(bytes));
    });

    it('takes a slow upload', async () => {
      const { path, bytes } = file(300_000);
      const { status, out } = await ask(
        '--limit-rate',
        '150k',
        '-F',
        `file=@${path};filename=slow`,
        `${url}/api/upload`,
      );
      expect([status, JSON.parse(out).file.sha256]).toEqual([200, hash(bytes)]);
    });

    it('is reached below a path, and its links lead there', async () => {
      const { id } = await direct.file('below');
      await direct.put(`/api/files/${id}/access`, { public: true });
      const { body } = await direct.post(`/api/files/${id}/accesses`, { public: true });
      expect(body.link).toMatch(`${url}/drive/link/`);
      expect(await ask(body.link)).toEqual({ status: 200, out: 'bytes of below' });
      expect((await ask(`${url}/drive/api/health`)).status).toBe(200);
    });

    it('knows the address of the client, whatever the client says', async () => {
      const { id } = await direct.file('near');
      await direct.put(`/api/files/${id}/access`, { public: true });
      const { body } = await direct.post(`/api/files/${id}/accesses`, { public: true, ips: ['127.0.0.2'] });
      const forged = ['-H', 'x-forwarded-for: 127.0.0.2'];
      expect((await ask('--interface', '127.0.0.2', body.link)).status).toBe(200);
      expect((await ask('--interface', '127.0.0.3', ...forged, body.link)).status).toBe(403);
    });

    it('hands on an early refusal to a client that still sends', async () => {
      const { path } = file(40 * MIB);
      const upload = (...args: string[]) => ask('-H', 'expect:', ...args, '-F', `file=@${path}`, `${url}/api/upload`);
      const room = (bytes: number) =>
        admin(server.config, ['users', 'set-limits', 'alice', '--max-storage', `${bytes}`]);
      await room(1);
      for (let n = 0; n < 5; n += 1) {
        const unknown = await upload('-H', 'authorization: Bearer no');
        expect([unknown.status, JSON.parse(unknown.out).code]).toEqual([401, 'not_authenticated']);
        const full = await upload();
        expect([full.status, JSON.parse(full.out).code]).toEqual([403, 'storage_limit_exceeded']);
      }
      await room(1024 * MIB);
    });
  });
});

describeWith('systemd-analyze', 'the unit for systemd', (systemdAnalyze) => {
  it('is one that systemd takes', async () => {
    const unit = readFileSync(join(import.meta.dirname, '../../deploy/defdrive.service'), 'utf8');
    const path = join(temporaryDirectory(), 'defdrive.service');
    writeFileSync(path, unit.replace('/usr/bin/node', process.execPath));
    const { stdout, stderr } = await promisify(execFile)(systemdAnalyze!, ['verify', path]);
    expect(stdout + stderr).toBe('');
  });
});
