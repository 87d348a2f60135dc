import type { Setting } from './setting.js';
import { given, issuerUrl } from './secrets-and-urls.js';
import { anyText, matching, oneOf } from './values.js';

/** Log-in by OpenID Connect; without an issuer there is none. */
export const OIDC_SETTINGS = {
  oidcIssuer: {
    variable: 'OIDC_ISSUER',
    parse: issuerUrl,
    absent: 'no such log-in',
    about: 'the OpenID provider by which people may log in, as it calls itself',
  },
  oidcClientId: {
    variable: 'OIDC_CLIENT_ID',
    parse: anyText,
    absent: 'none',
    about: 'what the provider knows DefDrive by',
  },
  oidcClientSecret: {
    variable: 'OIDC_CLIENT_SECRET',
    parse: anyText,
    absent: 'a public client',
    about: 'what DefDrive proves to the provider who it is with',
    show: given,
  },
  oidcName: {
    variable: 'OIDC_NAME',
    parse: matching(/^(?=.*\S)\P{Cc}{1,50}$/u, 'must be text of 1 to 50 characters'),
    absent: "the issuer's host",
    about: 'what the log-in button calls the provider',
  },
  oidcSignUp: {
    variable: 'OIDC_SIGNUP',
    parse: oneOf('open', 'closed'),
    absent: 'as `SIGNUP`',
    about: '`open`: whoever logs in by the provider for the first time gets an account',
  },
} as const satisfies Record<string, Setting<unknown>>;
