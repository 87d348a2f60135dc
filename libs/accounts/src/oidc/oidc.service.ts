import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { networkOf, type RateLimit, type RequestClient, Throttles } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import type { OpenedSession } from '../sessions.service.js';
import { IdentitiesService } from './identities.service.js';
import { IdentityProvider } from './identity-provider.js';
import type { Flow } from './log-in-flow.js';

/** Failures of a network to those for one name and password: a whole office comes from one address. */
const PEOPLE = 10;

/** Carries out what a person has gone to the identity provider for. */
@Injectable()
export class OidcService {
  private readonly logger = new Logger(OidcService.name);
  private readonly failures: RateLimit;

  constructor(
    config: AppConfig,
    private readonly provider: IdentityProvider,
    private readonly identities: IdentitiesService,
    throttles: Throttles,
  ) {
    const { points, windowMs } = config.loginLimit;
    this.failures = throttles.limit('OpenID Connect', { points: PEOPLE * points, windowMs });
  }

  /**
   * @param query with which the provider has sent the person back
   * @returns the session that has been opened, where it was for a log-in
   * @throws ContractError oidcFailed, oidcUnavailable, tooManyRequests, and as IdentitiesService does
   */
  async finish(query: string, flow: Flow, client: RequestClient): Promise<OpenedSession | undefined> {
    const network = networkOf(client.address);
    await this.failures.take(network);
    try {
      const opened = await this.carryOut(query, flow, client);
      await this.failures.giveBack(network);
      return opened;
    } catch (error) {
      this.report(error, client);
      throw error;
    }
  }

  private async carryOut(query: string, flow: Flow, client: RequestClient): Promise<OpenedSession | undefined> {
    const verified = await this.provider.redeem(query, flow);
    const { intent, userId, sessionId } = flow;
    if (intent === 'log-in') return this.identities.logIn(verified, client);
    const asked = { userId: userId!, sessionId: sessionId! };
    await (intent === 'link' ? this.identities.link(verified, asked) : this.identities.confirm(verified, asked));
    return undefined;
  }

  /** The person is told only that it has failed; an admin finds the reason here. */
  private report(error: unknown, { address }: RequestClient): void {
    if (!(error instanceof ContractError) || error.errorName !== 'oidcFailed') return;
    this.logger.warn({ event: 'oidc-login-failed', reason: (error.cause as Error | undefined)?.message, address });
  }
}
