import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Client } from './client.js';
import { openProbe } from './probe.js';
import { Server } from './server.js';
import { findViolations, sha256 } from './violations.js';

/** How often a server is killed while one file is uploaded. */
export const KILLS = 5;

/** MiB of that file: 256 by `TUS_MIB=256`, fewer where nobody says so. */
export const mebibytes = (few: number): number => Number(process.env.TUS_MIB ?? few);

/** A drive whose server is killed by `kill -9` and started again, time and again, while somebody uploads. */
export class MortalServer {
  kills = 0;
  private dying: Promise<void> | undefined;
  /** What was sent since the server rose, of how much. */
  private last: [number, number] = [0, 1];

  private constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private server: Server,
    /** Somebody with an account. */
    readonly alice: Client,
  ) {}

  static async start(settings: NodeJS.ProcessEnv = {}): Promise<MortalServer> {
    const environment = await Server.environment({ LOG_LEVEL: 'silent', ...settings });
    const server = await Server.start(environment);
    return new MortalServer(environment, server, await server.client.signUp('alice'));
  }

  get url(): string {
    return this.server.client.url;
  }

  /** To be told how much has been sent: each time that a further share is, the server dies, and is started again. */
  progressed(sent: number, total: number): void {
    this.last = [sent, total];
    // A client may have handed over all that is left before it notices.
    const due = sent > ((this.kills + 1) * total) / (KILLS + 3);
    if (!this.dying && this.kills < KILLS && due) this.dying = this.dieAndRise();
  }

  /** Resolves when the server runs that was started last. */
  async risen(): Promise<void> {
    while (this.dying) await this.dying;
  }

  /**
   * What is left of an upload that is over: the file with these bytes, and nothing else.
   * @returns what is not so
   */
  async findings(name: string, bytes: Uint8Array): Promise<string[]> {
    await this.risen();
    const { files } = (await this.alice.get('/api/files')).body;
    const [file] = files.filter((one: { name: string }) => one.name === name);
    if (file?.sha256 !== sha256(bytes)) return [`${name} has the sum ${file?.sha256}`];
    const content = await (await this.alice.fetch(`/api/files/${file.id}/content`)).arrayBuffer();
    const probe = await openProbe(this.server.config);
    const reserved = await probe.rows('SELECT id FROM uploads WHERE reserved IS NOT NULL');
    const found = await findViolations(probe, this.environment.DATA_DIR!);
    await probe.close();
    return [
      ...(sha256(new Uint8Array(content)) === file.sha256 ? [] : [`${name} is sent with other bytes`]),
      ...reserved.map(() => 'room is held'),
      ...(this.kills === KILLS ? [] : [`only ${this.kills} kills`]),
      ...found,
    ];
  }

  async destroy(): Promise<void> {
    await this.risen();
    await this.server.kill();
    rmSync(dirname(this.environment.DATA_DIR!), { recursive: true, force: true });
  }

  private async dieAndRise(): Promise<void> {
    this.kills += 1;
    await this.server.kill('SIGKILL');
    this.last = [0, 1];
    this.server = await Server.start(this.environment);
    this.dying = undefined;
    this.progressed(...this.last);
  }
}
