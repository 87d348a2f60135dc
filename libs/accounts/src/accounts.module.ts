import { type FactoryProvider, Module } from '@nestjs/common';
import { AdminUsersController } from './admin/admin-users.controller.js';
import { AdminUsersService } from './admin/admin-users.service.js';
import { AdoptedAccounts } from './admin/adopted-accounts.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { Activity } from './auth/activity.js';
import { type Authenticator, AUTHENTICATORS } from './auth/authenticator.js';
import { CookieSessions } from './auth/cookie-sessions.js';
import { JwtStrategy } from './auth/jwt.strategy.js';
import { SessionCookie } from './auth/session-cookie.js';
import { SessionTokens } from './auth/session-tokens.js';
import { signingKeyProvider } from './auth/signing-key.js';
import { CredentialsService } from './credentials.service.js';
import { IdentitiesController } from './oidc/identities.controller.js';
import { IdentitiesService } from './oidc/identities.service.js';
import { IdentityProvider } from './oidc/identity-provider.js';
import { LogInFlows } from './oidc/log-in-flow.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcService } from './oidc/oidc.service.js';
import { OwnerProof } from './oidc/owner-proof.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { RequestKeys } from './request-keys/request-keys.js';
import { SessionAnswers } from './session-answers.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { ApiTokensAuthenticator } from './tokens/api-tokens.authenticator.js';
import { ApiTokensController } from './tokens/api-tokens.controller.js';
import { ApiTokensService } from './tokens/api-tokens.service.js';
import { Usage } from './usage.js';

/** Who may say who he is, and how, in the order in which they are asked. */
const authenticators: FactoryProvider<readonly Authenticator[]> = {
  provide: AUTHENTICATORS,
  inject: [ApiTokensAuthenticator, JwtStrategy, CookieSessions],
  useFactory: (...all: Authenticator[]) => all,
};

/** Accounts and sessions. The app registers `AuthGuard` for all routes, its own and those of this module. */
@Module({
  controllers: [
    AccountsController,
    AdminUsersController,
    ApiTokensController,
    IdentitiesController,
    OidcController,
    SessionsController,
  ],
  providers: [
    AccountsService,
    Activity,
    AdminUsersService,
    AdoptedAccounts,
    ApiTokensAuthenticator,
    ApiTokensService,
    authenticators,
    CookieSessions,
    CredentialsService,
    IdentitiesService,
    IdentityProvider,
    JwtStrategy,
    LogInFlows,
    OidcService,
    OwnerProof,
    PasswordHasher,
    RequestKeys,
    SessionAnswers,
    SessionCookie,
    SessionsService,
    SessionTokens,
    signingKeyProvider,
    Usage,
  ],
  exports: [
    AccountsService,
    AdminUsersService,
    AdoptedAccounts,
    ApiTokensService,
    AUTHENTICATORS,
    CredentialsService,
    OwnerProof,
    PasswordHasher,
    RequestKeys,
    SessionCookie,
    SessionsService,
    Usage,
  ],
})
export class AccountsModule {}
