// Downloads with token and database against nginx with neither, and links against the owner's own downloads.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { Drive } from '../support/drive.mjs';
import { content } from '../support/files.mjs';
import { startNginx } from '../support/nginx.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const NEEDS = { needs: ['wrk', 'nginx'] };
const KIB = 1024;
const MIB = 1024 * KIB;
const ROWS = [
  { ...row('download 1 KiB, 1 client : nginx static', 0.6, NEEDS), clients: 1, size: () => KIB },
  { ...row('download 1 KiB, 16 clients : nginx static', 0.35, NEEDS), clients: 16, size: () => KIB },
  { ...row('download 1 MiB, 16 clients : nginx static', 0.8, NEEDS), clients: 16, size: () => MIB },
  {
    ...row('download 1 GiB, 1 client : nginx static', 0.65, NEEDS),
    clients: 1,
    size: (bench) => bench.count(1024) * MIB,
  },
];
const LINK = row('public link, 1 KiB, 16 clients : the owner', 0.85, { needs: ['wrk'] });

export const rows = [...ROWS, LINK];

export async function run(bench) {
  const drive = await Drive.start(bench, 'download');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  if (bench.wants(...ROWS)) await againstNginx(bench, drive, load);
  if (bench.wants(LINK)) await link(bench, drive, load);
  await Promise.all([drive.stop(), load.close()]);
}

async function againstNginx(bench, drive, load) {
  const nginx = await startNginx(bench.directory);
  for (const one of ROWS.filter((candidate) => bench.wants(candidate))) {
    const size = one.size(bench);
    const path = await content(drive, load, size);
    writeFileSync(join(nginx.root, String(size)), Buffer.alloc(size));
    // Of big files few are whole when the time is over.
    const figure = size > KIB ? 'bytesPerSecond' : 'perSecond';
    const get = (url, token) => () => measure(bench, url, one.clients, token).then((result) => result[figure]);
    await bench.compare(one, get(drive.url + path, drive.token), get(`${nginx.url}/${size}`));
  }
  const small = drive.url + (await content(drive, load, KIB));
  const perSecond = (url, clients, token) => measure(bench, url, clients, token).then((result) => result.perSecond);
  await bench.curve(
    'download',
    (clients) => perSecond(small, clients, drive.token),
    () => perSecond(`${nginx.url}/${KIB}`, 16),
  );
  await nginx.stop();
}

async function link(bench, drive, load) {
  const path = await content(drive, load, KIB);
  const [, fileId] = /files\/(\d+)/.exec(path) ?? [];
  await drive.send('PUT', `/api/files/${fileId}/access`, { public: true });
  const { link: url } = await drive.send('POST', `/api/files/${fileId}/accesses`, { public: true });
  const perSecond = (target, token) => () => measure(bench, target, 16, token).then((result) => result.perSecond);
  await bench.compare(LINK, perSecond(url), perSecond(drive.url + path, drive.token));
}

function measure(bench, url, clients, token) {
  return wrk(url, { clients, seconds: bench.form.seconds, token });
}
