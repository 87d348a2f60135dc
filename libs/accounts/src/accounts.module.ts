import { Module } from '@nestjs/common';
import { AdminUsersController } from './admin/admin-users.controller.js';
import { AdminUsersService } from './admin/admin-users.service.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { JwtStrategy } from './auth/jwt.strategy.js';
import { SessionActivity } from './auth/session-activity.js';
import { SessionTokens } from './auth/session-tokens.js';
import { signingKeyProvider } from './auth/signing-key.js';
import { CredentialsService } from './credentials.service.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

/** Accounts and sessions. The app registers `JwtAuthGuard` for all routes, its own and those of this module. */
@Module({
  controllers: [AccountsController, AdminUsersController, SessionsController],
  providers: [
    AccountsService,
    AdminUsersService,
    CredentialsService,
    JwtStrategy,
    PasswordHasher,
    SessionActivity,
    SessionsService,
    SessionTokens,
    signingKeyProvider,
  ],
  exports: [AccountsService, AdminUsersService, JwtStrategy, PasswordHasher],
})
export class AccountsModule {}
