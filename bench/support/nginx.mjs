// nginx as a peer: static files and WebDAV, one worker as the drive is one process, and, as Debian has it, an access log.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { commandPath } from './engines.mjs';
import { freePort, Program, takesConnections } from './program.mjs';

const configuration = (directory, port) => `
daemon off;
user ${userInfo().username};
worker_processes 1;
pid ${directory}/pid;
error_log stderr;
events { worker_connections 512; }
http {
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  access_log ${directory}/access.log;
  client_max_body_size 0;
  client_body_temp_path ${directory}/tmp;
  proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${directory}/root;
    location / { dav_methods PUT; }
  }
}
`;

/** @returns its URL, and the directory whose files it serves */
export async function startNginx(parent) {
  const directory = mkdtempSync(join(parent, 'nginx-'));
  const root = join(directory, 'root');
  mkdirSync(root);
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(directory, port));
  const args = ['-p', directory, '-c', file, '-e', 'stderr'];
  // Its worker would outlive a master that is killed.
  const program = new Program(commandPath('nginx'), args, { log: join(directory, 'log'), signal: 'TERM' });
  await program.ready(() => takesConnections(port));
  return { url: `http://127.0.0.1:${port}`, root, stop: () => program.stop() };
}
