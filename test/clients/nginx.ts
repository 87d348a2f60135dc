import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** nginx before a drive with nothing said but where it is, and that bodies may be larger than 1 MiB. */
export class Nginx {
  private constructor(private readonly process: ChildProcess) {}

  static async start(path: string, port: number, drivePort: number): Promise<Nginx> {
    const directory = temporaryDirectory();
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const paths = places.map((name) => `${name}_temp_path ${directory}/${name};`).join(' ');
    const forwarded = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';
    const location = `location / { proxy_pass http://127.0.0.1:${drivePort}; ${forwarded} }`;
    const server = `server { listen 127.0.0.1:${port}; client_max_body_size 0; ${location} }`;
    const file = join(directory, 'nginx.conf');
    const top = `daemon off; user ${userInfo().username}; pid ${directory}/pid; error_log stderr crit; events {}`;
    writeFileSync(file, `${top} http { access_log off; ${paths} ${server} }`);
    const child = spawn(path, ['-p', directory, '-c', file, '-e', 'stderr'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error('nginx ended before it listened');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return new Nginx(child);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'close');
    this.process.kill('SIGTERM');
    await ended;
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}
