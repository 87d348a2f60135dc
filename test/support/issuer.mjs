// An OpenID provider for tests, in a process of its own: it asks for a name, believes it, and says who that is.
// Usage: node issuer.mjs '{"port":…, "callback":"…", "clockOffsetMs":0, "clientSecret":"…"}'
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { port, callback, clockOffsetMs = 0, clientSecret } = JSON.parse(process.argv[2]);
const now = Date.now;
Date.now = () => now() + clockOffsetMs;

const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'defdrive',
      ...(clientSecret ? { client_secret: clientSecret } : { token_endpoint_auth_method: 'none' }),
      redirect_uris: [callback],
    },
  ],
  // What real providers tell only when they are asked once more.
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: id,
      name: `${id} of the company`,
      email: `${id}@example.org`,
      email_verified: true,
    }),
  }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['a key for tests'] },
  ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
});

const FORM =
  '<!doctype html><title>Company</title><form><label>Name <input name="person"></label><button>Enter</button></form>';

async function interact(request, response) {
  const person = new URL(request.url, issuer).searchParams.get('person');
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login' && !person) return response.setHeader('content-type', 'text/html').end(FORM);
  const accountId = person ?? session.accountId;
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId }, consent });
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return void answer(request, response);
  interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
