import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { ContractError } from '@app/contract';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Algorithm, hash, type Options, verify } from '@node-rs/argon2';
import PQueue from 'p-queue';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID: Options = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19456, timeCost: 2, parallelism: 1 };
/**
 * At once; each takes its 19 MiB, and a thread of libuv's pool, which the disk needs too. More than there are processors
 * would make no log-in sooner and everything else later.
 */
const CONCURRENCY = Math.min(4, availableParallelism());
/** Beyond them a caller would wait longer than it is worth. */
const MAX_WAITING = 64;
/** Of those from networks that have failed before; they also come last, so that who guesses keeps nobody else out. */
const MAX_SUSPECTS = 16;
/** The hashes of DefDrive's ancestor, as an import brings them. */
const BCRYPT = /^\$2[abxy]\$/;
const SUSPECT = 0;
const TRUSTED = 1;

/**
 * Makes and checks password hashes (argon2id, in PHC format).
 * A bounded queue keeps a flood of log-ins from taking the machine's memory and threads.
 */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly queue = new PQueue({ concurrency: CONCURRENCY });
  private decoy: string;

  async onModuleInit(): Promise<void> {
    this.decoy = await hash(randomBytes(32), ARGON2ID);
  }

  /**
   * @param password taken whole: neither trimmed nor cut
   * @throws ContractError `unavailable` when too many are waiting
   */
  hash(password: string): Promise<string> {
    return this.enqueue(() => hash(password, ARGON2ID));
  }

  /**
   * Whether `password` is the one behind `passwordHash`. Without a hash, as of a user that does not exist or has no
   * password (the empty hash), the answer is no after the same work, so that its time does not tell which names exist.
   * @param suspect whether whoever asks has guessed wrong before
   * @throws ContractError `unavailable` when too many are waiting
   */
  async verify(password: string, passwordHash: string | undefined, suspect = false): Promise<boolean> {
    const matches = await this.enqueue(() => matchesHash(password, passwordHash || this.decoy), suspect);
    return matches && Boolean(passwordHash);
  }

  /** Whether a hash is one of another installation, to be replaced once its password is known. */
  isForeign(passwordHash: string): boolean {
    return BCRYPT.test(passwordHash);
  }

  private enqueue<Result>(work: () => Promise<Result>, suspect = false): Promise<Result> {
    const priority = suspect ? SUSPECT : TRUSTED;
    const waiting = this.queue.sizeBy({ priority });
    if (waiting >= (suspect ? MAX_SUSPECTS : MAX_WAITING)) throw new ContractError('unavailable', { retryAfter: 1 });
    return this.queue.add(work, { priority });
  }
}

async function matchesHash(password: string, passwordHash: string): Promise<boolean> {
  if (!BCRYPT.test(passwordHash)) return verify(passwordHash, password);
  // Loaded where there is one: most drives never have any.
  const { compare } = await import('bcryptjs');
  return compare(password, passwordHash);
}
