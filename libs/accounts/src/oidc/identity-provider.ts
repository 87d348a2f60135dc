import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Injectable } from '@nestjs/common';
import type { Configuration, IDToken } from 'openid-client';
import type { Flow } from './log-in-flow.js';
import { refusalOf } from './provider-errors.js';

type OpenId = typeof import('openid-client');
type Tokens = Awaited<ReturnType<OpenId['authorizationCodeGrant']>>;

/** Seconds that the provider may take for an answer. */
const TIMEOUT_S = 5;
/** Seconds by which its clock and ours may differ. */
const TOLERANCE_S = 30;
/** Milliseconds after which it is asked again what it can do and where. */
const DISCOVERED_FOR_MS = 3_600_000;

/** What the provider says of a person, for an account that is made of it. Nobody is known by it. */
export type Profile = Readonly<Partial<Record<'preferred_username' | 'name' | 'email', unknown>>>;

/** Who has logged in at the provider. */
export interface Verified {
  /** Together with the subject the one thing that says who it is. */
  readonly issuer: string;
  readonly subject: string;
  /** Asks the provider once more, where the first answer has not said it. */
  profile(): Promise<Profile>;
}

interface Connection {
  readonly openid: OpenId;
  readonly configuration: Configuration;
}

/**
 * The OpenID provider that is configured: the one place that talks to it. It is asked only when somebody wants to log in
 * by it, so that a drive starts and works while it is away.
 */
@Injectable()
export class IdentityProvider {
  /** Where it sends people back to; it must have been told this address. */
  private readonly callback: string;
  private connection: Promise<Connection> | undefined;
  private discoveredAt = 0;

  constructor(private readonly config: AppConfig) {
    this.callback = `${config.publicUrl}/api/auth/oidc/callback`;
  }

  /**
   * Where a person logs in. Somebody who is to prove once more who he is has to type his password there again.
   * @throws ContractError oidcUnavailable
   */
  async addressFor({ state, nonce, verifier, intent }: Flow): Promise<string> {
    const { openid, configuration } = await this.connect();
    const again: Record<string, string> = intent === 'confirm' ? { prompt: 'login', max_age: '0' } : {};
    const parameters = {
      redirect_uri: this.callback,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...again,
    };
    return openid.buildAuthorizationUrl(configuration, parameters).href;
  }

  /**
   * Turns what the provider has sent a person back with into who that is: state, issuer, code, signature, audience,
   * times and nonce are checked.
   * @param query of the request, with its question mark
   * @throws ContractError oidcFailed, oidcUnavailable
   */
  async redeem(query: string, flow: Flow): Promise<Verified> {
    const connection = await this.connect();
    try {
      const url = new URL(`${this.callback}${query}`);
      const tokens = await connection.openid.authorizationCodeGrant(connection.configuration, url, checksOf(flow));
      const claims = tokens.claims()!;
      return { issuer: claims.iss, subject: claims.sub, profile: () => profileOf(connection, tokens, claims) };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** One discovery for all who ask at once; one that failed is made anew by the next. */
  private connect(): Promise<Connection> {
    if (!this.connection || Date.now() - this.discoveredAt > DISCOVERED_FOR_MS) {
      this.discoveredAt = Date.now();
      const connection = this.discover();
      this.connection = connection;
      connection.catch(() => this.connection === connection && (this.connection = undefined));
    }
    return this.connection;
  }

  private async discover(): Promise<Connection> {
    const { oidcIssuer, oidcClientId, oidcClientSecret } = this.config;
    if (!oidcIssuer || !oidcClientId) throw new ContractError('notFound');
    // Loaded only where it is needed.
    const openid = await import('openid-client');
    const issuer = new URL(oidcIssuer);
    const execute = [openid.enableNonRepudiationChecks];
    // Only an issuer on this machine: the settings let no other pass.
    if (issuer.protocol === 'http:') execute.push(openid.allowInsecureRequests);
    const metadata = { [openid.clockTolerance]: TOLERANCE_S };
    const auth = authenticationOf(openid, oidcClientSecret);
    try {
      const options = { execute, timeout: TIMEOUT_S };
      return { openid, configuration: await openid.discovery(issuer, oidcClientId, metadata, auth, options) };
    } catch (error) {
      throw new ContractError('oidcUnavailable', { cause: error, retryAfter: TIMEOUT_S });
    }
  }
}

function checksOf({
  state,
  nonce,
  verifier,
  intent,
  startedAt,
}: Flow): Parameters<OpenId['authorizationCodeGrant']>[2] {
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
  // Who logged in before he was asked to has not done so anew.
  return intent === 'confirm' ? { ...checks, maxAge: Math.ceil((Date.now() - startedAt) / 1000) } : checks;
}

/** As the provider takes it: in the header, which is what a client does that has agreed on nothing else, or in the body. */
function authenticationOf(openid: OpenId, secret: string | undefined): ReturnType<OpenId['None']> {
  if (!secret) return openid.None();
  const [basic, post] = [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

async function profileOf({ openid, configuration }: Connection, tokens: Tokens, claims: IDToken): Promise<Profile> {
  const whole = claims.preferred_username !== undefined && claims.email !== undefined;
  if (whole || !configuration.serverMetadata().userinfo_endpoint) return claims as Profile;
  try {
    return { ...claims, ...(await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)) };
  } catch (error) {
    throw refusalOf(error);
  }
}
