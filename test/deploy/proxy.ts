import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.js';

export type ProxyName = 'nginx' | 'caddy' | 'haproxy';

/** The file of `deploy/` as an admin copies it. */
const example = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');

/** What must be said differently on a test's own ports and directory; all else of the examples is used as it stands. */
export interface Place {
  readonly directory: string;
  readonly port: number;
  readonly drivePort: number;
  /** Certificate and key in one file. */
  readonly certificate: string;
}

/** Every text must be there: an example that has changed is not passed over. */
function replaced(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`The example has no «${from}»`);
    return changed.replaceAll(from, to);
  }, text);
}

function nginx({ directory, port, drivePort, certificate }: Place): string[] {
  const below = replaced(example('nginx-below-a-path.conf'), [['127.0.0.1:3000', `127.0.0.1:${drivePort}`]]);
  const server = replaced(example('nginx.conf'), [
    ['127.0.0.1:3000', `127.0.0.1:${drivePort}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/nginx/drive.example.org.crt', certificate],
    ['/etc/nginx/drive.example.org.key', certificate],
  ]).replace(/\}\s*$/, `${below}}\n`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n');
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; user ${userInfo().username}; pid ${directory}/pid; error_log stderr;
     events {} http { access_log off; ${paths} ${server} }`,
  );
  return ['-p', directory, '-c', file, '-e', 'stderr'];
}

function caddy({ directory, port, drivePort, certificate }: Place): string[] {
  const file = join(directory, 'Caddyfile');
  // Both sites stand on one address here, so the second is told by its path.
  const text = replaced(example('Caddyfile'), [
    ['127.0.0.1:3000', `127.0.0.1:${drivePort}`],
    ['drive.example.org {', `https://127.0.0.1:${port} {\n\ttls ${certificate} ${certificate}`],
    ['}\n\n# Below a path, for PUBLIC_URL=https://www.example.org/drive:\nwww.example.org {', ''],
  ]);
  writeFileSync(
    file,
    `{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n\tstorage file_system ${directory}\n}\n${text}`,
  );
  return ['run', '--adapter', 'caddyfile', '--config', file];
}

function haproxy({ directory, port, drivePort, certificate }: Place): string[] {
  const file = join(directory, 'haproxy.cfg');
  const text = replaced(example('haproxy.cfg'), [
    ['127.0.0.1:3000', `127.0.0.1:${drivePort}`],
    ['bind :443 ssl crt /etc/haproxy/drive.example.org.pem', `bind 127.0.0.1:${port} ssl crt ${certificate}`],
  ]);
  writeFileSync(file, text);
  return ['-db', '-f', file];
}

const COMMANDS: Record<ProxyName, (place: Place) => string[]> = { nginx, caddy, haproxy };

/** A certificate of one's own for 127.0.0.1, with its key in the same file. */
export function makeCertificate(openssl: string): string {
  const file = join(temporaryDirectory(), 'certificate.pem');
  const key = `${file}.key`;
  const subject = ['-subj', '/CN=drive.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(openssl, ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', file, ...subject], {
    stdio: 'ignore',
  });
  writeFileSync(file, readFileSync(file, 'utf8') + readFileSync(key, 'utf8'));
  return file;
}

/** A real proxy before a drive, by the example of `deploy/`. */
export class Proxy {
  private said = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly ended: Promise<unknown>,
  ) {
    process.stderr!.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  static async start(name: ProxyName, path: string, place: Omit<Place, 'directory'>): Promise<Proxy> {
    const directory = join(temporaryDirectory(), name);
    mkdirSync(directory);
    const args = COMMANDS[name]({ ...place, directory });
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: directory } });
    const proxy = new Proxy(child, once(child, 'close'));
    await proxy.listening(place.port);
    return proxy;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.ended;
  }

  private async listening(port: number): Promise<void> {
    while (this.process.exitCode === null) {
      const socket = connect(port, '127.0.0.1');
      const answered = await once(socket, 'connect').then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The proxy ended before it listened:\n${this.said}`);
  }
}
