import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { type CanActivate, Injectable } from '@nestjs/common';

/** 404 where no provider is configured. */
@Injectable()
export class OidcConfiguredGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(): boolean {
    if (this.config.oidcIssuer) return true;
    throw new ContractError('notFound');
  }
}
