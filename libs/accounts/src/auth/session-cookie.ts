import { AppConfig } from '@app/config';
import { Injectable } from '@nestjs/common';
import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** @param publicUrl what links begin with */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-defdrive' : 'defdrive';
}

/**
 * The cookie that a browser's session is known by. Over https its name begins with `__Host-`: such a cookie can be set
 * only by this very host, over https and for all paths, so that no neighbour under the same domain can plant one.
 */
@Injectable()
export class SessionCookie {
  private readonly name: string;
  private readonly attributes: Omit<SetCookie, 'name' | 'value' | 'maxAge'>;

  constructor({ publicUrl }: AppConfig) {
    const secure = publicUrl.startsWith('https:');
    this.name = sessionCookieName(publicUrl);
    this.attributes = { httpOnly: true, secure, sameSite: 'strict', path: '/' };
  }

  /** The secret that a request carries. */
  read({ headers: { cookie } }: FastifyRequest): string | undefined {
    return cookie === undefined ? undefined : parseCookie(cookie)[this.name];
  }

  /** @param expiresAt milliseconds since 1970 */
  give(reply: FastifyReply, secret: string, expiresAt: number): void {
    this.set(reply, secret, Math.ceil((expiresAt - Date.now()) / 1000));
  }

  /** Makes the browser forget it. */
  clear(reply: FastifyReply): void {
    this.set(reply, '', 0);
  }

  private set(reply: FastifyReply, value: string, maxAge: number): void {
    void reply.header('set-cookie', stringifySetCookie({ ...this.attributes, name: this.name, value, maxAge }));
  }
}
