import { randomBytes } from 'node:crypto';
import { HeldKey, PasswordHasher } from '@app/accounts';
import { ContractError } from '@app/contract';
import { Access, type File, type Unit, UnitOfWork } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { judge, type Verdict } from './access-policy.js';
import { type AccessSettings, applySettings, DEFAULT_SETTINGS, startsUsesAnew } from './access-settings.js';
import type { AccessSettingsDto } from './dto/access-settings.dto.js';
import type { CheckAccessDto } from './dto/check.dto.js';
import { LinkTally } from './link-tally.js';
import { parseTime } from '@app/http';

/** Accesses that a file may have, and all files of an owner together. */
const MOST_OF_A_FILE = 1_000;
const MOST_OF_AN_OWNER = 20_000;
/** Bytes: 128 bits cannot be guessed. */
const LINK_BYTES = 16;

/** What an owner does with the accesses of a file. */
@Injectable()
export class AccessesService {
  private readonly logger = new Logger(AccessesService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly tally: LinkTally,
    private readonly passwords: PasswordHasher,
  ) {}

  /**
   * Makes an access with a new link.
   * @param key by which the request is known again
   * @throws ContractError badRequest, with what is wrong; fileNotFound when the file has been deleted meanwhile;
   * accessLimitExceeded
   */
  async create(file: File, body: AccessSettingsDto, key?: HeldKey): Promise<Access> {
    const settings = { ...applySettings(DEFAULT_SETTINGS, body), passwordHash: null, ...(await this.hashed(body)) };
    const link = randomBytes(LINK_BYTES).toString('hex');
    const work = async (unit: Unit) => {
      await unit.lock('users', file.ownerId);
      await lockLiveFile(unit, file);
      await requireRoom(unit, file);
      return insert(unit, { ...settings, fileId: file.id, ownerId: file.ownerId, link });
    };
    const access = await HeldKey.run(key, this.units, work, ({ id }) => ({ accessId: id }));
    this.logger.log({ event: 'link-made', accessId: access.id, fileId: file.id, userId: file.ownerId });
    return access;
  }

  /** The access with all counts up to this moment. @throws ContractError accessNotFound */
  async get(access: Access): Promise<Access> {
    if (!(await this.tally.settle([access.id]))) return access;
    const settled = await this.dataSource.manager.findOneBy(Access, { id: access.id });
    if (!settled) throw new ContractError('accessNotFound');
    return settled;
  }

  /**
   * Changes what is given and nothing else, as one step among uses and other changes: what others write meanwhile stays.
   * @throws ContractError badRequest, with what is wrong; accessNotFound when it has been deleted meanwhile
   */
  async update({ id, file }: Access, body: AccessSettingsDto): Promise<Access> {
    // What is counted but not written yet was counted under the settings before.
    await this.tally.settle([id]);
    const password = await this.hashed(body);
    const changed = await this.units.run(async (unit) => {
      const stored = await lockAccess(unit, id);
      const settings = { ...applySettings(stored, body), ...password };
      const uses = startsUsesAnew(stored, settings) ? 0 : stored.uses;
      await unit.manager.update(Access, { id }, { ...settings, uses });
      return { ...stored, ...settings, uses };
    });
    this.logger.log({ event: 'link-changed', accessId: id, fileId: file.id, userId: file.ownerId });
    return changed;
  }

  /** Deletes an access; its link is dead at once. @throws ContractError accessNotFound when somebody else was first */
  async remove({ id, file }: Access): Promise<void> {
    const removed = await this.units.run((unit) =>
      unit.change('DELETE FROM accesses WHERE id = ? AND fileId = ?', [id, file.id]),
    );
    if (removed !== 1) throw new ContractError('accessNotFound');
    this.logger.log({ event: 'link-deleted', accessId: id, fileId: file.id, userId: file.ownerId });
  }

  /** The column of the password as an owner wants it; nothing where he says nothing of it. Slow on purpose: outside of the unit. */
  private async hashed({ password }: AccessSettingsDto): Promise<Partial<Pick<Access, 'passwordHash'>>> {
    if (password === undefined) return {};
    return { passwordHash: password === null ? null : await this.passwords.hash(password) };
  }

  /** What a stranger with this address would get, at a moment or now. A dry run: takes no use and counts nothing. */
  check(access: Access, { ip, at }: CheckAccessDto): Verdict {
    return judge(access, access.file, ip, (at === undefined ? undefined : parseTime(at)) ?? Date.now());
  }
}

/** A delete of the file locks it first, too: it comes either before this, and there is no file, or takes the access along. */
async function lockLiveFile(unit: Unit, { id, ownerId }: File): Promise<void> {
  const live = await unit.rows(
    `SELECT id FROM files WHERE id = ? AND ownerId = ? AND state = 'live'${unit.forUpdate}`,
    [id, ownerId],
  );
  if (live.length !== 1) throw new ContractError('fileNotFound');
}

async function lockAccess(unit: Unit, id: number): Promise<Access> {
  await unit.lock('accesses', id);
  const access = await unit.manager.findOneBy(Access, { id });
  if (!access) throw new ContractError('accessNotFound');
  return access;
}

/** Exact under any number at once, because the owner's row is locked. */
async function requireRoom(unit: Unit, { id, ownerId }: File): Promise<void> {
  const bounds = [
    ['fileId', id, MOST_OF_A_FILE],
    ['ownerId', ownerId, MOST_OF_AN_OWNER],
  ] as const;
  for (const [column, value, most] of bounds) {
    const sql = `SELECT COUNT(*) AS count FROM (SELECT 1 FROM accesses WHERE ${column} = ? LIMIT ?) AS counted`;
    const [{ count }] = (await unit.rows<{ count: number }>(sql, [value, most])) as [{ count: number }];
    if (count < most) continue;
    throw new ContractError('accessLimitExceeded', { fields: { currentAccesses: count, maxAccesses: most } });
  }
}

async function insert(
  unit: Unit,
  fields: AccessSettings & Pick<Access, 'fileId' | 'ownerId' | 'link' | 'passwordHash'>,
): Promise<Access> {
  const row = { ...fields, uses: 0, refusals: {}, lastUsedAt: null, createdAt: Date.now() };
  const { identifiers } = await unit.manager.insert(Access, { ...row });
  return unit.manager.findOneByOrFail(Access, { id: identifiers[0]!.id as number });
}
