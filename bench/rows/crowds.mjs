// As many sessions and tokens as a user may have, against one.
import { row } from '../support/bench.mjs';
import { Drive } from '../support/drive.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const ROWS = {
  list: row('list of files, 100 sessions and 50 tokens : one, 16 clients', 0.9, { needs: ['wrk'] }),
  logIn: row('log-in, 100 sessions and 50 tokens : one, 8 clients', 0.9),
};
const LIST = '/api/files';
/** As many as a user may have. */
const CROWD = { sessions: 100, tokens: 50 };
const FAR = 4_000_000_000_000;

export const rows = Object.values(ROWS);

export async function run(bench) {
  const drive = await Drive.start(bench, 'crowds');
  await drive.seed(200, { blobs: false });
  await lists(bench, drive);
  if (bench.wants(ROWS.logIn)) await logIns(bench, drive);
  await drive.stop();
}

/** The same user with one session and with a hundred: the crowd comes and goes. */
async function lists(bench, drive) {
  const options = { clients: 16, seconds: bench.form.seconds, token: drive.token };
  const one = async () => (await wrk(drive.url + LIST, options)).perSecond;
  await bench.compare(
    ROWS.list,
    async () => {
      await crowd(drive.seeder, drive.owner.username);
      return one();
    },
    async () => {
      await disperse(drive.seeder, drive.owner.username);
      return one();
    },
  );
}

/** Log-ins of one user with as many as there may be, against those of users who have none and so get their first. */
async function logIns(bench, drive) {
  const { seeder, url } = drive;
  const count = bench.count(400, 8);
  const { username } = drive.stranger;
  await copyUsers(seeder, username, count);
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const send = async (requests) => (await load.call('send', { url, clients: 8, requests, status: 200 })).perSecond;
  const all = Array.from({ length: count }, (_, n) => drive.logInOf(`first-${n + 1}`));
  await bench.compare(
    ROWS.logIn,
    async () => {
      await crowd(seeder, username);
      return send(all.map(() => drive.logIn));
    },
    async () => {
      await seeder.change("DELETE FROM sessions WHERE userId IN (SELECT id FROM users WHERE username LIKE 'first-%')");
      return send(all);
    },
  );
  load.close();
}

/** Gives a user as many sessions and tokens as there may be. */
async function crowd(seeder, username) {
  const { numbers, hash } = seeder.dialect;
  await disperse(seeder, username);
  await seeder.change(
    `INSERT INTO sessions (id, userId, createdAt, expiresAt, lastSeenAt, userAgent)
     SELECT CONCAT('crowd-', u.id, '-', seq), u.id, 1, ${FAR}, seq, 'bench'
     FROM users u CROSS JOIN ${numbers(2, CROWD.sessions)} AS numbers WHERE u.username = ?`,
    username,
  );
  await seeder.change(
    `INSERT INTO apiTokens (userId, name, secretHash, scopes, createdAt)
     SELECT u.id, 'crowd', ${hash("CONCAT('crowd-', u.id, '-', seq)")}, 'files:read', 1
     FROM users u CROSS JOIN ${numbers(2, CROWD.tokens)} AS numbers WHERE u.username = ?`,
    username,
  );
}

async function disperse(seeder, username) {
  const ofUser = 'userId = (SELECT id FROM users WHERE username = ?)';
  await seeder.change(`DELETE FROM sessions WHERE id LIKE 'crowd-%' AND ${ofUser}`, username);
  await seeder.change(`DELETE FROM apiTokens WHERE name = 'crowd' AND ${ofUser}`, username);
}

/** Users with the password of another one, who have never logged in. */
async function copyUsers(seeder, username, count) {
  await seeder.change(
    `INSERT INTO users (username, name, email, passwordHash, role, disabled, maxFiles, maxStorage, usedFiles, usedBytes, createdAt)
     SELECT CONCAT('first-', seq), '', '', passwordHash, 'user', 0, 0, 0, 0, 0, 1
     FROM users CROSS JOIN ${seeder.dialect.numbers(1, count)} AS numbers WHERE username = ?`,
    username,
  );
}
