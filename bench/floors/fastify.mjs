// Floor of the guarded reads: bare Fastify, jsonwebtoken with a KeyObject, and the raw driver on the drive's own database.
// A module for `Remote`.
import { createSecretKey } from 'node:crypto';
import fastify from 'fastify';
import jwt from 'jsonwebtoken';
import { importBuilt } from '../support/built.mjs';
import { answerCalls } from '../support/remote.mjs';

const { SqliteDatabase } = await importBuilt('libs/data-directory/src/sqlite-driver.js');

/** @typedef {import('fastify').FastifyRequest & { user?: any }} Asked its user, once the guard knows who it is */

/** @type {import('jsonwebtoken').VerifyOptions} */
const OPTIONS = { algorithms: ['HS256'], issuer: 'defdrive', audience: 'defdrive-api' };

/** Opens the server. @param file the database @returns its URL */
async function open({ file, secret }) {
  const database = new SqliteDatabase(file, { readonly: true });
  const key = createSecretKey(Buffer.from(secret));
  const session = database.prepare(
    `SELECT u.id, u.username, u.name, u.email, u.role, s.lastSeenAt FROM sessions s JOIN users u ON u.id = s.userId
     WHERE s.id = ? AND s.userId = ? AND s.expiresAt > ? AND u.disabled = 0`,
  );
  const server = fastify();
  server.decorateRequest('user', undefined);
  server.addHook('onRequest', (/** @type {Asked} */ request, reply, done) => {
    try {
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      const { sub, jti } = /** @type {import('jsonwebtoken').JwtPayload} */ (jwt.verify(token, key, OPTIONS));
      request.user = session.get(jti, Number(sub), Date.now());
    } catch {
      request.user = undefined;
    }
    if (request.user) done();
    else reply.code(401).send({ error: 'User not authenticated' });
  });
  addRoutes(server, database);
  return server.listen({ host: '127.0.0.1', port: 0 });
}

function addRoutes(server, database) {
  const limits = database.prepare('SELECT maxFiles, maxStorage, usedFiles, usedBytes FROM users WHERE id = ?');
  server.get('/api/user/limits', (/** @type {Asked} */ request, reply) => {
    const { maxFiles, maxStorage, usedFiles, usedBytes } = limits.get(request.user.id);
    const remaining = { remainingFiles: maxFiles - usedFiles, remainingStorage: maxStorage - usedBytes };
    reply.send({ maxFiles, maxStorage, currentFiles: usedFiles, currentStorage: usedBytes, ...remaining });
  });
  const page = database.prepare(
    `SELECT id, name, size, sha256, public, createdAt, updatedAt FROM files
     WHERE ownerId = ? AND state = 'live' ORDER BY createdAt DESC, id DESC LIMIT 51`,
  );
  server.get('/api/files', (/** @type {Asked} */ request, reply) => {
    const found = page.all(request.user.id);
    const files = found.slice(0, 50);
    const last = files.at(-1);
    const position = found.length > 50 ? JSON.stringify(['-createdAt', last.createdAt, last.id]) : undefined;
    const nextCursor = position ? Buffer.from(position).toString('base64url') : null;
    reply.send({ files: files.map((file) => present(file, request.user.username)), nextCursor });
  });
}

function present({ id, name, size, sha256, public: isPublic, createdAt, updatedAt }, username) {
  return {
    id,
    name,
    location: `${username}/${name}`,
    size,
    sha256,
    public: isPublic === 1,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

answerCalls({ open });
