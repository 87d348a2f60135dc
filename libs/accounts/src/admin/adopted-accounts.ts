import { isUniqueViolation, UnitOfWork, User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { validate } from 'class-validator';
import { DataSource } from 'typeorm';
import { IsEmailAddress, IsPersonName } from '../person.js';
import { foldUsername, isUsername } from '../username.js';

/** An account of another installation. */
export type AdoptedAccount = Pick<
  User,
  'username' | 'name' | 'email' | 'passwordHash' | 'role' | 'maxFiles' | 'maxStorage' | 'createdAt'
>;

class PersonDto {
  @IsPersonName()
  name: string;

  @IsEmailAddress()
  email: string;
}

/** Makes accounts of those of another installation, with the hashes of their passwords. */
@Injectable()
export class AdoptedAccounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /** The name as it is stored; none for what nobody can be called. */
  usernameOf(text: string): string | undefined {
    return isUsername(text) ? foldUsername(text) : undefined;
  }

  /** Which of these two nobody can have. */
  async flawsOf(person: Pick<User, 'name' | 'email'>): Promise<('name' | 'email')[]> {
    const faults = await validate(Object.assign(new PersonDto(), person));
    return faults.map(({ property }) => property as 'name' | 'email');
  }

  /**
   * The account of that name, if it was adopted before: it was made at the same moment.
   * @returns `taken`, where it is somebody else's
   */
  async find({ username, createdAt }: Pick<User, 'username' | 'createdAt'>): Promise<User | 'taken' | undefined> {
    const user = await this.dataSource.manager.findOneBy(User, { username });
    if (!user) return undefined;
    return user.createdAt === createdAt ? user : 'taken';
  }

  async adopt(account: AdoptedAccount): Promise<User | 'taken'> {
    const found = await this.find(account);
    if (found) return found;
    const receipts = { receiptChain: null, receiptSequence: 0, receiptHash: null };
    const row = { ...account, ...receipts, disabled: false, usedFiles: 0, usedBytes: 0, removedAt: null };
    try {
      await this.units.run((unit) => unit.manager.insert(User, { ...row }));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    return (await this.find(account)) ?? 'taken';
  }

  /** Limits as they were there, once its files are here; they may be below what is used. */
  async limit(id: number, { maxFiles, maxStorage }: Pick<User, 'maxFiles' | 'maxStorage'>): Promise<void> {
    const sql = 'UPDATE users SET maxFiles = ?, maxStorage = ? WHERE id = ?';
    await this.units.run((unit) => unit.change(sql, [maxFiles, maxStorage, id]));
  }
}
