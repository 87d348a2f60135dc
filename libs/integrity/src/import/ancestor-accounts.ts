import { randomBytes } from 'node:crypto';
import { AdoptedAccounts, PasswordHasher } from '@app/accounts';
import type { User } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { AncestorEntry, AncestorPlan } from './ancestor-import.js';
import { type AncestorUser, usersOf } from './ancestor-tables.js';

/** By an admin's word, what does not fit is called otherwise here. */
export interface AncestorMap {
  /** By user names of there. */
  readonly users: ReadonlyMap<string, string>;
  /** Addresses, by user names of there. */
  readonly emails: ReadonlyMap<string, string>;
  /** By ids of there. */
  readonly files: ReadonlyMap<string, string>;
}

export interface KnownOwner {
  readonly ancestor: AncestorUser;
  readonly user: Pick<User, 'id' | 'username' | 'createdAt'>;
}

export interface AccountOutcome {
  readonly entry: AncestorEntry;
  readonly owner?: KnownOwner;
}

const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/;
/** While files come in, limits must not stand in their way: those of there count at the end. */
const WIDE = { maxFiles: 2_147_483_647, maxStorage: Number.MAX_SAFE_INTEGER };

/** The users of DefDrive's ancestor. */
@Injectable()
export class AncestorAccounts {
  constructor(
    private readonly accounts: AdoptedAccounts,
    private readonly passwords: PasswordHasher,
  ) {}

  async *run({ tables, map, dryRun }: AncestorPlan): AsyncGenerator<AccountOutcome> {
    const taken = new Map<string, AncestorUser>();
    for (const ancestor of usersOf(tables)) {
      const wanted = map.users.get(ancestor.username) ?? ancestor.username;
      const username = this.accounts.usernameOf(wanted);
      const twin = username === undefined ? undefined : taken.get(username);
      if (username === undefined) yield refusal(ancestor, `nobody can be called ${wanted} here: map the name`);
      else if (twin) yield refusal(ancestor, `${twin.username} is ${username} already: map one of them`);
      else {
        taken.set(username, ancestor);
        yield await this.adopt(ancestor, username, map, dryRun);
      }
    }
  }

  private async adopt(
    ancestor: AncestorUser,
    username: string,
    map: AncestorMap,
    dryRun: boolean,
  ): Promise<AccountOutcome> {
    const { createdAt, password } = ancestor;
    const { person, notes } = await this.personOf(ancestor, username, map);
    const there = await this.accounts.find({ username, createdAt });
    if (there === 'taken') return refusal(ancestor, `there is another ${username} already: map the name`);
    const keepsPassword = BCRYPT.test(password);
    if (!keepsPassword) notes.push('the password cannot be taken over: "users reset-password" gives a new one');
    const entry = { kind: 'user', id: ancestor.id, what: username, notes, bytes: 0 } as const;
    if (there) return { entry: { ...entry, outcome: 'there' }, owner: { ancestor, user: there } };
    if (dryRun)
      return { entry: { ...entry, outcome: 'possible' }, owner: { ancestor, user: { id: 0, username, createdAt } } };
    const passwordHash = keepsPassword ? password : await this.passwords.hash(randomBytes(48).toString('base64url'));
    const role = ancestor.isAdmin ? 'admin' : 'user';
    const user = await this.accounts.adopt({ username, ...person, passwordHash, role, ...WIDE, createdAt });
    if (user === 'taken') return refusal(ancestor, `there is another ${username} already: map the name`);
    return { entry: { ...entry, outcome: 'imported' }, owner: { ancestor, user } };
  }

  private async personOf(ancestor: AncestorUser, username: string, map: AncestorMap) {
    const given = { name: ancestor.name, email: map.emails.get(ancestor.username) ?? ancestor.email };
    const flaws = await this.accounts.flawsOf(given);
    const instead = { name: username, email: `${username}@imported.invalid` };
    const notes = flaws.map(
      (field) => `the ${field} ${JSON.stringify(given[field])} does not fit: it is ${instead[field]}`,
    );
    return { person: { ...given, ...Object.fromEntries(flaws.map((field) => [field, instead[field]])) }, notes };
  }
}

function refusal({ id, username }: AncestorUser, note: string): AccountOutcome {
  return { entry: { kind: 'user', id, what: username, outcome: 'refused', notes: [note], bytes: 0 } };
}
