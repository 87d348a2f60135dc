import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { describeWith } from '../support/engines.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/until.js';
import { Containers, optionsOfCompose } from './container.js';

const IMAGE = 'localhost/defdrive';
const MODULES = join(import.meta.dirname, '../../node_modules');

/** Milliseconds: a container starts slowly where much else does. */
const PATIENCE = 120_000;

describeWith('podman', 'the image in a container, with what compose.yaml gives it', (podman) => {
  const containers = new Containers(podman!);
  let port: number;
  let url: string;

  beforeAll(async () => {
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    containers.buildImage(IMAGE);
  }, PATIENCE);
  afterAll(() => containers.destroy(), PATIENCE);

  const inside = (...command: string[]) => containers.run('exec', 'drive', ...command);
  const options = (user: string) => [
    ...[...optionsOfCompose(), `--user=${user}`, '--network=host'],
    ...['--env=HOST=127.0.0.1', `--env=PORT=${port}`, `--env=PUBLIC_URL=${url}`],
    ...['--volume=drive:/data', '--volume=backups:/backups', `--volume=${MODULES}:/app/node_modules:ro`],
  ];
  /** Starts the server as a container, once it is healthy. */
  async function up(user = '54321'): Promise<void> {
    containers.start('--detach', '--name=drive', ...options(user), IMAGE);
    await until(() => inside('defdrive-health').code === 0);
  }
  /** As `docker compose stop`. @returns the exit code */
  function stop(): number {
    containers.do('stop', '--time=20', 'drive');
    return Number(containers.do('inspect', '--format={{.State.ExitCode}}', 'drive'));
  }

  it('says what it is, who it runs as and how it is', () => {
    const [{ Config }] = JSON.parse(containers.do('image', 'inspect', IMAGE)) as [{ Config: Record<string, any> }];
    expect(Config).toMatchObject({
      User: 'node',
      Labels: { 'org.opencontainers.image.title': 'DefDrive', 'org.opencontainers.image.licenses': 'MIT' },
      ExposedPorts: { '3000/tcp': {} },
      Volumes: { '/data': {} },
    });
    const [{ Healthcheck }] = JSON.parse(containers.do('image', 'inspect', IMAGE)) as [Record<string, any>];
    expect(Healthcheck).toMatchObject({ Test: ['CMD', 'defdrive-health'] });
  });

  it(
    'serves as a user that nobody knows, with nothing that can be written but its data',
    async () => {
      await up();
      const alice = await new Client(url).signUp('alice');
      await alice.file('kept.txt', 'kept');
      expect(inside('defdrive', 'users', 'list').out).toMatch(/alice/);
      const tried = ['/app/x', '/tmp/x', '/x'].map(
        (path) => `try{fs.writeFileSync('${path}','');process.stdout.write('${path}')}catch{}`,
      );
      expect(inside('node', '-e', tried.join(';'))).toMatchObject({ code: 0, out: '' });
      const who =
        "process.stdout.write(process.getuid() + ' ' + /CapBnd:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1])";
      expect(inside('node', '-e', who).out.trim()).toBe('54321 0000000000000000');
    },
    PATIENCE,
  );

  it(
    'is backed up while it serves, ends on SIGTERM, and goes on with its data as another container',
    async () => {
      expect(
        inside('defdrive', 'database', 'backup', '/backups/drive', '--incremental', '--keep-daily', '7').code,
      ).toBe(0);
      expect(
        inside('node', '-p', "fs.readdirSync('/backups/drive').filter((name) => name !== 'lock').length").out,
      ).toBe('1\n');
      expect(stop()).toBe(0);
      containers.do('rm', 'drive');
      await up();
      const alice = await new Client(url).logIn('alice');
      expect((await alice.get('/api/files')).body.files).toMatchObject([{ name: 'kept.txt' }]);
      await alice.file('later.txt', 'later');
    },
    PATIENCE,
  );

  it(
    'is restored from its backup, and proves itself',
    async () => {
      expect(stop()).toBe(0);
      containers.do('rm', 'drive');
      const restore = ['defdrive', 'database', 'restore', '/backups/drive', '--replace'];
      containers.start('--rm', ...options('54321'), IMAGE, ...restore);
      await up();
      const alice = await new Client(url).logIn('alice');
      expect((await alice.get('/api/files')).body.files).toMatchObject([{ name: 'kept.txt' }]);
      expect(inside('defdrive', 'storage', 'check', '--deep').code).toBe(0);
    },
    PATIENCE,
  );
});
