import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { type CanActivate, Injectable } from '@nestjs/common';

/** 403 where only admins make accounts. A guard, because it must answer before the body is looked at. */
@Injectable()
export class SignUpOpenGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(): boolean {
    if (this.config.signUp === 'open') return true;
    throw new ContractError('signUpClosed');
  }
}
