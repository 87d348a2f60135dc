import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import type { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/engines.js';
import { accessNow, follow, parallel, share, tally } from '../support/sharing.js';

/** A drive with an account for a suite. */
function withDrive(settings: NodeJS.ProcessEnv): { drive: Drive; alice: Client } {
  const opened = { drive: driveFixture(settings) } as { drive: Drive; alice: Client };
  beforeAll(async () => void (opened.alice = await opened.drive.signUp('alice')));
  return opened;
}

const from = (forwarded: string) => ({ headers: { 'x-forwarded-for': forwarded } });

describe('a caller', () => {
  const opened = withDrive({});

  it('who says that he is somebody else is still who he is', async () => {
    const { alice } = opened;
    const [mine, another] = [await share(alice, { ips: ['127.0.0.1'] }), await share(alice, { ips: ['10.1.2.3'] })];
    for (const forwarded of ['10.1.2.3', '::ffff:10.1.2.3', '10.1.2.3, 127.0.0.1', 'nonsense', '']) {
      expect((await follow(mine.link, from(forwarded))).status).toBe(200);
      expect((await follow(another.link, from(forwarded))).status).toBe(403);
    }
    const headers = { 'x-real-ip': '10.1.2.3', forwarded: 'for=10.1.2.3', 'cf-connecting-ip': '10.1.2.3' };
    expect((await follow(another.link, { headers })).status).toBe(403);
  });
});

describe('a caller behind a listed proxy', () => {
  const opened = withDrive({ TRUSTED_PROXIES: '127.0.0.1, 172.16.0.0/12' });

  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['8.8.8.8, 10.1.2.3', true],
    ['10.1.2.3, 172.16.9.9', true],
    ['8.8.8.8, 10.1.2.3, 172.16.9.9, 172.31.0.1', true],
    ['10.1.2.3, 8.8.8.8', false],
    ['10.1.2.3, 8.8.8.8, 172.16.9.9', false],
    ['172.16.9.9', false],
    ['11.1.2.3', false],
    ['nonsense', false],
    ['10.1.2.3, nonsense', false],
    ['', false],
  ])('with %j comes from 10.0.0.0/8: %j', async (forwarded, within) => {
    const shared = await share(opened.alice, { subnets: ['10.0.0.0/8'] });
    expect((await follow(shared.link, from(forwarded))).status).toBe(within ? 200 : 403);
  });

  it('is himself where he does not say otherwise', async () => {
    const shared = await share(opened.alice, { ips: ['127.0.0.1'] });
    expect((await follow(shared.link)).status).toBe(200);
  });

  it('may be nonsense where nothing is restricted', async () => {
    const shared = await share(opened.alice);
    expect((await follow(shared.link, from('nonsense'))).status).toBe(200);
  });
});

describeWith('nginx', 'a drive behind nginx', (nginx) => {
  const opened = withDrive({ TRUSTED_PROXIES: '127.0.0.1/32' });

  it('knows its callers, and sends them everything', async () => {
    const { drive, alice } = opened;
    const bytes = Buffer.alloc(3_000_000, 'nginx');
    const shared = await share(alice, { ips: ['127.0.0.5'] }, { bytes });
    const proxy = await startNginx(nginx, drive.url);
    try {
      const link = shared.link.replace(drive.url, proxy.url);
      const whole = await follow(link, from('10.9.9.9'));
      expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
      expect((await follow(link, { headers: { range: 'bytes=1000000-' } })).status).toBe(206);
      expect((await follow(shared.link)).status).toBe(403);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, refusals: { ips: 1 } });
    } finally {
      await proxy.stop();
    }
  });
});

/** A reverse proxy as an admin would set it up; it reaches the drive from 127.0.0.1 and its clients come from 127.0.0.5. */
async function startNginx(nginx: string, upstream: string): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = temporaryDirectory();
  const port = await freePort();
  mkdirSync(join(directory, 'tmp'));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/tmp;`,
  );
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
    events { worker_connections 64; }
    http {
      access_log off; ${paths.join(' ')}
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${upstream};
          proxy_http_version 1.1;
          proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for, 127.0.0.5";
        }
      }
    }`,
  );
  const server = spawn(nginx, ['-c', join(directory, 'nginx.conf'), '-p', directory], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(() =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  return {
    url,
    async stop() {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    },
  };
}

describe('who guesses links', () => {
  const opened = withDrive({ LINK_LIMIT: '5/1h', TRUSTED_PROXIES: '127.0.0.1' });
  const guess = (address: string, hash = 'f'.repeat(32)) => follow(`${opened.drive.url}/link/${hash}`, from(address));

  it('is stopped after some, and told for how long', async () => {
    const answers = await parallel(20, (index) => guess('10.0.0.1', index.toString(16).padStart(32, '0')));
    expect(tally(answers)).toEqual({ 404: 5, 429: 15 });
    const late = await guess('10.0.0.1');
    expect(JSON.parse(late.bytes.toString()).error).toBe('Too many requests');
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect((await guess('10.0.0.2')).status).toBe(404);
  });

  it('cannot tell a malformed, deleted or unknown link by the count', async () => {
    const gone = await share(opened.alice);
    await opened.alice.delete(`/api/accesses/${gone.access.id}`);
    const links = ['x', 'F'.repeat(32), '0'.repeat(31), gone.access.hash, '0'.repeat(32)];
    for (const hash of links) expect((await guess('10.0.1.1', hash)).status).toBe(404);
    for (const hash of links) expect((await guess('10.0.1.1', hash)).status).toBe(429);
  });

  it('still gets what he has a link for, and is told why not', async () => {
    const [free, once, refused] = [
      await share(opened.alice),
      await share(opened.alice, { oneTimeUse: true }),
      await share(opened.alice, { ips: ['10.9.9.9'] }),
    ];
    await parallel(6, () => guess('10.0.2.1'));
    expect((await guess('10.0.2.1')).status).toBe(429);
    expect((await guess('10.0.2.1', free.access.hash)).status).toBe(200);
    expect((await guess('10.0.2.1', once.access.hash)).status).toBe(200);
    expect((await guess('10.0.2.1', refused.access.hash)).status).toBe(403);
  });

  it('uses nothing up by following links that are known', async () => {
    const [free, refused] = [await share(opened.alice), await share(opened.alice, { ips: ['10.9.9.9'] })];
    await parallel(20, (index) => guess('10.0.3.1', (index % 2 ? free : refused).access.hash));
    expect(tally(await parallel(5, () => guess('10.0.3.1')))).toEqual({ 404: 5 });
  });

  it('is one for all addresses of an IPv6 customer', async () => {
    const answers = await parallel(8, (index) => guess(`2001:db8:1:2::${index + 1}`));
    expect(tally(answers)).toEqual({ 404: 5, 429: 3 });
    expect((await guess('2001:db8:1:3::1')).status).toBe(404);
  });
});
