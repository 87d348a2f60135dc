import { randomBytes } from 'node:crypto';
import { BucketView } from './bucket.js';
import { Client } from './client.js';
import { openProbe, type Probe } from './probe.js';
import { RawClient } from './raw.js';
import { Server } from './server.js';
import { until } from './until.js';
import { findViolations } from './violations.js';

/** Milliseconds of a lease, in these tests. */
const LEASE = '2s';

/** Two servers of one drive: one database, one bucket, and a data directory for each. */
export class Pair {
  private constructor(
    readonly a: Server,
    readonly b: Server,
    readonly probe: Probe,
    readonly bucket: BucketView,
  ) {}

  static async start(settings: NodeJS.ProcessEnv = {}): Promise<Pair> {
    return Pair.on(await Pair.environment(settings));
  }

  /** What is the same for both, and the data directory of the first. */
  static environment(settings: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
    const secrets = { JWT_SECRET: randomBytes(48).toString('hex'), RECEIPT_KEY: randomBytes(32).toString('base64') };
    return Server.environment({ SERVER_LEASE: LEASE, DEFAULT_MAX_FILES: '1000', ...secrets, ...settings });
  }

  /** @param prepare what is done with the data directory of the second before it starts */
  static async on(first: NodeJS.ProcessEnv, prepare: (dataDir: string) => void = () => undefined): Promise<Pair> {
    const a = await Server.start(first);
    const own = await Server.environment();
    prepare(own.DATA_DIR!);
    const b = await Server.start({ ...first, PORT: own.PORT, DATA_DIR: own.DATA_DIR });
    return new Pair(a, b, await openProbe(a.config), new BucketView(first.STORAGE_URL!));
  }

  /** The same pair with another process in the place of one that has ended. */
  async again(which: 'a' | 'b'): Promise<Pair> {
    const server = await Server.start(this[which].environment);
    return new Pair(which === 'a' ? server : this.a, which === 'b' ? server : this.b, this.probe, this.bucket);
  }

  async stop(): Promise<void> {
    for (const { process } of [this.a, this.b]) process.kill('SIGCONT');
    await Promise.all([this.a.kill(), this.b.kill()]);
    await this.probe.close();
    this.bucket.close();
  }

  /** The same person, at another server. */
  at(server: Server, client: Client): Client {
    return new Client(server.config.publicUrl, client.token);
  }

  /** Resolves once nothing is left to do, to what is not as it must be. */
  async settled(): Promise<string[]> {
    await until(
      async () => (await this.count('blobRemovals')) + (await this.count('files', "state = 'pending'")) === 0,
    );
    return findViolations(this.probe, '', this.bucket);
  }

  async count(table: string, where = '1 = 1'): Promise<number> {
    return (await this.probe.rows(`SELECT 1 FROM ${table} WHERE ${where}`)).length;
  }
}

/** A multipart upload whose bytes come as they are told to. */
export class SlowUpload {
  private constructor(readonly socket: RawClient) {}

  static async begin(client: Client, name: string, length: number): Promise<SlowUpload> {
    const socket = await RawClient.connect(client.url);
    const head = ['--b', `content-disposition: form-data; name="file"; filename="${name}"`, '', ''].join('\r\n');
    const tail = '\r\n--b--\r\n';
    const upload = new SlowUpload(socket);
    socket.send(
      'POST /api/upload HTTP/1.1',
      `host: ${new URL(client.url).host}`,
      `authorization: Bearer ${client.token}`,
      'content-type: multipart/form-data; boundary=b',
      `content-length: ${head.length + length + tail.length}`,
      '',
      head,
    );
    return upload;
  }

  write(bytes: Buffer): void {
    this.socket.socket.write(bytes);
  }

  async finish(bytes: Buffer): Promise<number> {
    this.write(bytes);
    this.socket.socket.write('\r\n--b--\r\n');
    return (await this.socket.answer()).status;
  }
}
