import { type FactoryProvider, Module } from '@nestjs/common';
import { AdminUsersController } from './admin/admin-users.controller.js';
import { AdminUsersService } from './admin/admin-users.service.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { type Authenticator, AUTHENTICATORS } from './auth/authenticator.js';
import { CookieSessions } from './auth/cookie-sessions.js';
import { JwtStrategy } from './auth/jwt.strategy.js';
import { SessionActivity } from './auth/session-activity.js';
import { SessionCookie } from './auth/session-cookie.js';
import { SessionTokens } from './auth/session-tokens.js';
import { signingKeyProvider } from './auth/signing-key.js';
import { CredentialsService } from './credentials.service.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { RequestKeys } from './request-keys/request-keys.js';
import { SessionAnswers } from './session-answers.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { Usage } from './usage.js';

/** Who may say who he is, and how, in the order in which they are asked. */
const authenticators: FactoryProvider<readonly Authenticator[]> = {
  provide: AUTHENTICATORS,
  inject: [JwtStrategy, CookieSessions],
  useFactory: (...all: Authenticator[]) => all,
};

/** Accounts and sessions. The app registers `AuthGuard` for all routes, its own and those of this module. */
@Module({
  controllers: [AccountsController, AdminUsersController, SessionsController],
  providers: [
    AccountsService,
    AdminUsersService,
    authenticators,
    CookieSessions,
    CredentialsService,
    JwtStrategy,
    PasswordHasher,
    RequestKeys,
    SessionActivity,
    SessionAnswers,
    SessionCookie,
    SessionsService,
    SessionTokens,
    signingKeyProvider,
    Usage,
  ],
  exports: [AccountsService, AdminUsersService, AUTHENTICATORS, PasswordHasher, RequestKeys, Usage],
})
export class AccountsModule {}
