/** What happened, what is still true, what to do: all that a refusal says. */
export interface Explanation {
  readonly title: string;
  readonly still: string;
  readonly next: string;
}

/** A phrase for each plural form that its language has; `{n}` is the number. */
export type Counted = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** What a page may have to explain; everything else is `fault`. */
export const EXPLAINED = [
  'linkNotFound',
  'linkNotPublic',
  'linkSubnet',
  'linkIp',
  'linkExpired',
  'linkUsed',
  'linkTtl',
  'tooManyRequests',
  'notFound',
  'oidcFailed',
  'oidcUnavailable',
  'signUpClosed',
  'identityTaken',
  'unavailable',
  'fault',
] as const;

/** All that the pages say, in one language. `{…}` stands for what is put in. */
export interface Words {
  /** Above the name of the file. */
  readonly shared: string;
  readonly size: string;
  readonly openUntil: string;
  readonly usesLeft: string;
  readonly times: Counted;
  readonly download: string;
  /** Below the button, where uses are counted. */
  readonly takesOne: string;
  /** Below the button, where they are not. */
  readonly resumable: string;
  readonly checksum: string;
  /** After the button was pressed, by script. */
  readonly started: string;
  readonly again: string;
  readonly until: string;
  readonly locked: string;
  readonly lockedHint: string;
  readonly password: string;
  readonly wrongPassword: string;
  readonly toStart: string;
  /** What an admin can find the request by. */
  readonly request: string;
  readonly explanations: Record<(typeof EXPLAINED)[number], Explanation>;
}
