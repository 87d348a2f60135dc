/**
 * Who may ask for what: every route of the server, and what it asks of its caller. A new route here is a decision, not an
 * accident: the tests enumerate the routes and compare. HEAD asks what GET asks.
 *
 * - `open`: nobody is asked who he is
 * - `session`: a log-in, by bearer token or by cookie; no API token, whatever its scopes
 * - a scope: a log-in, or an API token that has it
 * - `admin`: an admin's log-in, or an admin's API token with the scope `admin`
 */
export const ROUTES: Record<string, string> = {
  'GET /api/deletions/keys': 'open',
  'GET /api/health': 'open',
  // Where METRICS is on; its own guard asks for an admin or a listed network.
  'GET /api/metrics': 'open',
  'GET /api/health/ready': 'open',
  'GET /link/:hash': 'open',
  'GET /link/:hash/content': 'open',
  'GET /link/assets/:name': 'open',
  'POST /link/:hash/use': 'open',
  'OPTIONS /api/uploads': 'open',
  'OPTIONS /api/uploads/:uploadId': 'open',
  // Where OIDC_ISSUER is given.
  'GET /api/auth/oidc': 'open',
  'GET /api/auth/oidc/callback': 'open',
  'POST /api/login': 'open',
  'POST /api/session': 'open',
  'POST /api/signup': 'open',

  'POST /api/logout': 'session',
  'PUT /api/user/password': 'session',
  'PATCH /api/user': 'session',
  'DELETE /api/user': 'session',
  'DELETE /api/user/sessions/:id': 'session',
  'POST /api/user/confirmation': 'session',
  'POST /api/user/identities': 'session',
  'DELETE /api/user/identities/:id': 'session',
  'POST /api/user/tokens': 'session',
  'DELETE /api/user/tokens/:id': 'session',

  'GET /api/user': 'account:read',
  'GET /api/user/identities': 'account:read',
  'GET /api/user/limits': 'account:read',
  'GET /api/user/sessions': 'account:read',
  'GET /api/user/tokens': 'account:read',

  'GET /api/files': 'files:read',
  'GET /api/files/stats': 'files:read',
  'GET /api/files/:fileId': 'files:read',
  'GET /api/files/:fileId/deletion': 'files:read',
  'GET /api/deletions': 'files:read',
  'GET /api/deletions/:fileId': 'files:read',
  'GET /api/files/:fileId/content': 'files:read',
  'GET /api/files/archive': 'files:read',
  'POST /api/upload': 'files:write',
  'GET /api/uploads': 'files:write',
  'POST /api/uploads': 'files:write',
  'HEAD /api/uploads/:uploadId': 'files:write',
  'PATCH /api/uploads/:uploadId': 'files:write',
  'DELETE /api/uploads/:uploadId': 'files:write',
  'DELETE /api/files/:fileId': 'files:delete',
  'POST /api/files/delete': 'files:delete',

  'PUT /api/files/:fileId/access': 'sharing',
  'GET /api/files/:fileId/accesses': 'sharing',
  'POST /api/files/:fileId/accesses': 'sharing',
  'GET /api/accesses': 'sharing',
  'GET /api/accesses/:accessId': 'sharing',
  'PUT /api/accesses/:accessId': 'sharing',
  'PUT /api/accesses/:accessId/access': 'sharing',
  'DELETE /api/accesses/:accessId': 'sharing',
  'POST /api/accesses/:accessId/check': 'sharing',

  'GET /api/admin/overview': 'admin',
  'GET /api/admin/users': 'admin',
  'POST /api/admin/users': 'admin',
  'PATCH /api/admin/users/:userId': 'admin',
  'DELETE /api/admin/users/:userId': 'admin',
  'GET /api/admin/users/limits': 'admin',
  'PUT /api/admin/users/:userId/limits': 'admin',
};
