import { type Authenticator, AUTHENTICATORS, identify } from '@app/accounts';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** Lets in whoever comes from a listed network, and else admins; where there are no metrics, there is no such route. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    private readonly config: AppConfig,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
  ) {}

  /** @throws ContractError notFound, notAuthenticated, adminRequired, beyondScope */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { metrics } = this.config;
    if (!metrics) throw new ContractError('notFound');
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (metrics.some((network) => isWithin(request.ip, network))) return true;
    const { user, scopes } = await identify(this.authenticators, request, http.getResponse<FastifyReply>());
    if (user.role !== 'admin') throw new ContractError('adminRequired');
    if (scopes && !scopes.includes('admin')) throw new ContractError('beyondScope');
    return true;
  }
}

/** @param network in CIDR notation, or an address */
function isWithin(ip: string, network: string): boolean {
  if (!ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  const [base, bits] = network.includes('/') ? ipaddr.parseCIDR(network) : [ipaddr.process(network), undefined];
  return base.kind() === address.kind() && address.match(base, bits ?? address.toByteArray().length * 8);
}
