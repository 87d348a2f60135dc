// The built server, as it runs for people: production settings, its log in a file.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER, START_SETTINGS, UNBUNDLED } from './built.mjs';
import { freePort, Program } from './program.mjs';
import { json } from './requests.mjs';
import { openSeeder, seedFiles, syncDisk, writeBlobs } from './seed.mjs';

export { bulkRemoval, removal, upload } from './requests.mjs';

/** Long enough; the same for every drive and floor, so that one token opens both. */
export const JWT_SECRET = 'a secret of the benchmark, which nobody else knows';
/** A connection that is kept would be one more of those that the server is measured with. */
const ONCE = { connection: 'close' };
const ACCOUNT = { username: 'bench', password: 'bench bench', email: 'bench@example.org', name: 'Bench' };

/** A drive with one user, who is logged in. */
export class Drive {
  /** @type {string} */
  dataDir;
  /** Where the bytes are. @type {string} */
  uploads;
  /** @type {ReturnType<typeof environment> & Record<string, string>} */
  environment;
  /** @type {string} */
  url;
  /** Of the server. @type {number} */
  pid;
  /** @type {Awaited<ReturnType<typeof openSeeder>>} */
  seeder;
  /** @type {{ username: string, password: string }} */
  account;
  /** Somebody else than who is measured. @type {{ username: string, password: string }} */
  stranger;
  /** @type {import('./load.mjs').Request} */
  logIn;
  /** @type {string} */
  token;
  /** @type {{ id: number, username: string }} */
  owner;
  /** @type {string} */
  storageId;
  /** @type {Program} */
  #program;
  #nextFile = 1;

  /**
   * @typedef {object} Options
   * @property {string} [databaseUrl] of a MariaDB; without it SQLite
   * @property {string} [storageUrl] of a bucket; without it a disk
   * @property {Record<string, string>} [settings] further ones
   * @property {string} [program] the server, where it is another build's
   * @property {string} [profileDirectory] where the engine leaves a profile of the main thread when the drive has stopped
   *
   * @param {{ directory: string }} bench
   * @param {string} name of its directory
   * @param {Options} options
   */
  static async start(
    bench,
    name,
    { databaseUrl, storageUrl, settings = {}, profileDirectory, program = profileDirectory ? UNBUNDLED : SERVER } = {},
  ) {
    const drive = new Drive();
    const directory = join(bench.directory, name);
    mkdirSync(directory, { recursive: true });
    drive.dataDir = join(directory, 'data');
    drive.environment = {
      ...environment(drive.dataDir, await freePort(), databaseUrl),
      ...(storageUrl ? { STORAGE_URL: storageUrl } : {}),
      ...settings,
    };
    drive.url = `http://127.0.0.1:${drive.environment.PORT}`;
    drive.uploads = join(drive.dataDir, 'uploads');
    const profiling = profileDirectory
      ? ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profileDirectory}`]
      : [];
    drive.#program = new Program(process.execPath, [...profiling, program], {
      log: join(directory, 'log'),
      env: drive.environment,
      ...(profileDirectory ? { signal: 'TERM' } : {}),
    });
    drive.pid = await drive.#program.pid;
    await drive.#program.ready(async () => requireStatus(await fetch(`${drive.url}/api/health`, { headers: ONCE })));
    drive.seeder = await openSeeder(databaseUrl ?? join(drive.dataDir, 'defdrive.sqlite'));
    await drive.#enter();
    return drive;
  }

  /** Starts a further server of the same drive, which must be one that several can share. */
  async startAnother(bench, name) {
    const directory = join(bench.directory, name);
    mkdirSync(directory, { recursive: true });
    const port = String(await freePort());
    const env = { ...this.environment, DATA_DIR: join(directory, 'data'), PORT: port };
    const program = new Program(process.execPath, [SERVER], { log: join(directory, 'log'), env });
    const url = `http://127.0.0.1:${port}`;
    await program.ready(async () => requireStatus(await fetch(`${url}/api/health`, { headers: ONCE })));
    return { url, pid: await program.pid, stop: () => program.stop() };
  }

  async #enter() {
    await this.send('POST', '/api/signup', ACCOUNT);
    const { username, password } = ACCOUNT;
    // Of one account's sessions a hundred stay, and the least used end.
    this.account = { username, password };
    this.stranger = { username: `${username}-2`, password };
    await this.send('POST', '/api/signup', { ...ACCOUNT, username: this.stranger.username });
    this.logIn = this.logInOf(this.stranger.username);
    const { token, user } = await this.send('POST', '/api/login', { username, password });
    this.token = token;
    this.owner = user;
    const [{ id }] = await this.seeder.rows('SELECT id FROM storages');
    this.storageId = id;
  }

  /** Makes a further user. @returns a token of theirs */
  async enter(username) {
    await this.send('POST', '/api/signup', { ...ACCOUNT, username });
    return (await this.send('POST', '/api/login', { username, password: ACCOUNT.password })).token;
  }

  /** A log-in for the load, of somebody with the account's password. */
  logInOf(username) {
    return { method: 'POST', path: '/api/login', ...json({ username, password: ACCOUNT.password }) };
  }

  get authorization() {
    return { authorization: `Bearer ${this.token}` };
  }

  async send(method, path, body) {
    const headers = { ...ONCE, 'content-type': 'application/json', ...(this.token ? this.authorization : {}) };
    const options = { method, headers, body: JSON.stringify(body) };
    return requireStatus(await fetch(this.url + path, options)).json();
  }

  /** Logs in as a browser does. @returns the cookie */
  async openSession() {
    const options = {
      method: 'POST',
      headers: { ...ONCE, 'content-type': 'application/json' },
      body: JSON.stringify(this.account),
    };
    const answer = requireStatus(await fetch(`${this.url}/api/session`, options));
    return String(answer.headers.getSetCookie()[0]?.split(';')[0]);
  }

  /** @returns an API token that may read the account */
  async makeToken() {
    return (await this.send('POST', '/api/user/tokens', { name: 'bench', scopes: ['account:read'] })).token;
  }

  async get(path) {
    return requireStatus(await fetch(this.url + path, { headers: { ...ONCE, ...this.authorization } })).json();
  }

  /** Makes further files with accesses, and their bytes unless there are to be none. @returns their ids */
  async seed(count, { accesses = 0, blobs = true } = {}) {
    const files = { owner: this.owner, storageId: this.storageId, from: this.#nextFile, count, accesses };
    this.#nextFile += count;
    if (blobs) writeBlobs(this.uploads, files);
    const ids = await seedFiles(this.seeder, files);
    syncDisk(this.dataDir);
    return ids;
  }

  async stop() {
    await this.seeder.close();
    await this.#program.stop();
  }
}

function environment(dataDir, port, databaseUrl) {
  return {
    ...START_SETTINGS,
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    JWT_SECRET,
    DEFAULT_MAX_FILES: '1000000000',
    DEFAULT_MAX_STORAGE: String(2 ** 45),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  };
}

function requireStatus(answer) {
  if (answer.status !== 200) throw new Error(`${answer.status} from ${answer.url}`);
  return answer;
}
