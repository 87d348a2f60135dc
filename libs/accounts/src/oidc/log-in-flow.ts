import type { KeyObject } from 'node:crypto';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newSecret } from '../auth/secrets.js';
import { SIGNING_KEY } from '../auth/signing-key.js';
import { ALGORITHM, ISSUER } from '../auth/token-claims.js';

/** Seconds that somebody may take to log in at the provider. */
const TTL_S = 600;
/** Not that of sessions: a flow opens nothing by itself. */
const AUDIENCE = 'defdrive-oidc';

/** What a person has gone to the provider for. */
export type Intent = 'log-in' | 'link' | 'confirm';

/** What has to be known again when the provider sends a person back. */
export interface Flow {
  readonly intent: Intent;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE: only who began the flow can redeem its code. */
  readonly verifier: string;
  /** Where the person was, a path below PUBLIC_URL. */
  readonly back: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Whose account is linked or confirmed, and the session in which he asked for it. */
  readonly userId?: number;
  readonly sessionId?: string;
}

/**
 * Keeps a flow in a cookie of its own, signed and for ten minutes. It is `Lax`, because the browser comes back from
 * another site; the session's cookie is not sent then.
 */
@Injectable()
export class LogInFlows {
  private readonly jwt: JwtService;
  private readonly name: string;
  private readonly secure: boolean;

  constructor(
    private readonly config: AppConfig,
    @Inject(SIGNING_KEY) key: KeyObject,
  ) {
    this.jwt = new JwtService({ secret: key });
    this.secure = config.publicUrl.startsWith('https:');
    this.name = this.secure ? '__Host-defdrive-oidc' : 'defdrive-oidc';
  }

  /** @param back where the person wants to be afterwards; what is no place of ours becomes the start page */
  begin(reply: FastifyReply, begun: Pick<Flow, 'intent' | 'userId' | 'sessionId'>, back: string | undefined): Flow {
    const [state, nonce, verifier] = [newSecret(), newSecret(), newSecret()];
    const flow: Flow = { ...begun, state, nonce, verifier, back: this.placeOf(back), startedAt: Date.now() };
    const claims = { issuer: ISSUER, audience: AUDIENCE, expiresIn: TTL_S, algorithm: ALGORITHM } as const;
    this.set(reply, this.jwt.sign({ ...flow }, claims), TTL_S);
    return flow;
  }

  /**
   * The flow that a browser comes back with; it is good for this once.
   * @throws ContractError oidcFailed where there is none, or it has expired
   */
  end(request: FastifyRequest, reply: FastifyReply): Flow {
    const cookie = parseCookie(request.headers.cookie ?? '')[this.name];
    this.set(reply, '', 0);
    try {
      return this.jwt.verify<Flow>(cookie ?? '', { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM] });
    } catch (error) {
      const cause = new Error('This browser has not begun a log-in, or too long ago', { cause: error });
      throw new ContractError('oidcFailed', { cause });
    }
  }

  /** Where a person is sent to when all is done. */
  addressOf({ back }: Pick<Flow, 'back'>): string {
    return `${this.config.publicUrl}${back}`;
  }

  /** A path on this server: whatever a browser would take for another one is not. */
  private placeOf(back = '/'): string {
    if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(back)) return '/';
    const url = new URL(this.addressOf({ back }));
    const base = new URL(`${this.config.publicUrl}/`);
    return url.origin === base.origin && url.pathname.startsWith(base.pathname) ? back : '/';
  }

  private set(reply: FastifyReply, value: string, maxAge: number): void {
    const attributes = { httpOnly: true, secure: this.secure, sameSite: 'lax', path: '/' } as const;
    void reply.header('set-cookie', stringifySetCookie({ ...attributes, name: this.name, value, maxAge }));
  }
}
