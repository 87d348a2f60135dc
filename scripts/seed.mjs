// Fills a drive with users, files (real rows, small real blobs) and accesses: npm run seed -- --files 100000 --users 10 --accesses 1000
// For trying things out and for measuring. The server must be stopped; what is there stays.
import 'reflect-metadata';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { AppConfig } = await load('libs/config/src/index.js');
const { lockDataDirectory, prepareDataDirectory } = await load('libs/data-directory/src/index.js');
const { openDatabase, File, User, Access } = await load('libs/database/src/index.js');
const { LocalStorageService } = await load('libs/storage/src/local/local-storage.service.js');
const { Storages } = await load('libs/storage/src/index.js');
const { StorageRegistry } = await load('libs/files/src/index.js');
const { draftOf } = await load('libs/files/src/incoming/file-draft.js');
const { PasswordHasher, RECOUNT_ALL } = await load('libs/accounts/src/index.js');

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000' },
    users: { type: 'string', default: '10' },
    accesses: { type: 'string', default: '100' },
    prefix: { type: 'string', default: 'seed' },
  },
});
const [files, users, accesses] = [Number(values.files), Number(values.users), Number(values.accesses)];
if (
  ![files, accesses].every((count) => Number.isInteger(count) && count >= 0) ||
  !Number.isInteger(users) ||
  users < 1
) {
  process.stderr.write('--files, --users and --accesses take whole numbers, at least one user\n');
  process.exit(1);
}

const PASSWORD = 'correct horse battery';
const BATCH = 500;
const EXTENSIONS = ['pdf', 'jpg', 'txt', 'md', 'zip', ''];

const config = AppConfig.load();
prepareDataDirectory(config.dataDir);
const lock = lockDataDirectory(config.dataDir);
const database = await openDatabase(config);
const { units } = database;
const uploads = join(config.dataDir, 'uploads');
const storage = new LocalStorageService(uploads);
await new StorageRegistry(database.reader, units, new Storages(storage), config).attach();

const owners = await makeUsers();
for (let done = 0; done < files; done += BATCH) {
  await makeFiles(done, Math.min(BATCH, files - done));
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${files} files`);
}
await units.run(async (unit) => {
  for (const sql of RECOUNT_ALL) await unit.change(sql, []);
});
await database.close();
lock.release();
process.stdout.write(
  `${files} files and ${Math.min(accesses, files)} accesses of ${users} users (${owners[0].username} …, password "${PASSWORD}") in ${config.dataDir}\n`,
);

async function makeUsers() {
  const passwordHash = await new PasswordHasher().hash(PASSWORD);
  const perUser = Math.ceil(files / users);
  return units.run(async (unit) => {
    const made = [];
    for (let number = 1; number <= users; number++) {
      const username = `${values.prefix}${number}`;
      const row = { username, name: `Seed ${number}`, email: `${username}@example.org`, passwordHash, role: 'user' };
      const limits = { disabled: false, maxFiles: perUser + 1000, maxStorage: 2 ** 40, usedFiles: 0, usedBytes: 0 };
      const { identifiers } = await unit.manager.insert(User, { ...row, ...limits, createdAt: Date.now() });
      mkdirSync(join(uploads, username), { mode: 0o700 });
      made.push({ id: identifiers[0].id, username });
    }
    return made;
  });
}

async function makeFiles(first, count) {
  const rows = Array.from({ length: count }, (_, index) => makeFile(first + index));
  await units.run(async (unit) => {
    await unit.manager.insert(File, rows);
    const shared = rows.filter((_, index) => first + index < accesses);
    if (shared.length > 0) await unit.manager.insert(Access, await accessesTo(unit, shared));
  });
}

function makeFile(number) {
  const owner = owners[number % owners.length];
  const extension = EXTENSIONS[number % EXTENSIONS.length];
  const name = `file-${String(number).padStart(7, '0')}${extension && `.${extension}`}`;
  const bytes = randomBytes(16 + (number % 112));
  const draft = draftOf(storage, owner, name);
  writeFileSync(join(uploads, draft.storageKey), bytes, { mode: 0o600, flag: 'wx' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...draft, state: 'live', size: bytes.length, sha256, createdAt: draft.updatedAt - number * 1000 };
}

async function accessesTo(unit, rows) {
  const marks = rows.map(() => '?').join(', ');
  const keys = rows.map(({ storageKey }) => storageKey);
  const found = await unit.rows(`SELECT id, ownerId FROM files WHERE storageKey IN (${marks})`, keys);
  return found.map(({ id, ownerId }) => ({
    fileId: id,
    ownerId,
    name: 'seeded',
    link: randomBytes(16).toString('hex'),
    subnets: [],
    ips: [],
    expiresAt: null,
    public: true,
    oneTimeUse: false,
    enableTTL: false,
    ttl: null,
    uses: 0,
    refusals: {},
    lastUsedAt: null,
    createdAt: Date.now(),
  }));
}
