import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Whatever starts the server sets it: Node.js has made its threads before the server's first line runs. */
it.each([
  ['npm start', 'package.json', /"start": ".*UV_THREADPOOL_SIZE=\$\{UV_THREADPOOL_SIZE:-(\d+)\}/],
  ['npm run start:built', 'package.json', /"start:built": ".*UV_THREADPOOL_SIZE=\$\{UV_THREADPOOL_SIZE:-(\d+)\}/],
  ['the image', 'Dockerfile', /^ENV .*\bUV_THREADPOOL_SIZE=(\d+)/m],
  ['the unit of systemd', 'deploy/defdrive.service', /^Environment=.*\bUV_THREADPOOL_SIZE=(\d+)/m],
])('%s gives the disk as many threads as were measured', (_, file, setting) => {
  const [, threads] = setting.exec(readFileSync(file, 'utf8')) ?? [];
  expect(threads).toBe('16');
});
