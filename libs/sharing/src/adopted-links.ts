import { randomBytes } from 'node:crypto';
import { Access, type File, UnitOfWork } from '@app/database';
import { parseTime } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseAddress, parseNetwork } from './addresses.js';
import { DEFAULT_SETTINGS } from './access-settings.js';
import { linkOf } from './link-token.js';

const LINK_BYTES = 16;
const LONGEST_NAME = 255;

/** A link of another installation, as it stands there. */
export interface AdoptedLink {
  readonly name: string;
  /** The token, or the whole address. */
  readonly link: string;
  readonly subnets: readonly string[];
  readonly ips: readonly string[];
  /** RFC 3339; empty for never. */
  readonly expires: string;
  readonly public: boolean;
  readonly oneTimeUse: boolean;
  readonly used: boolean;
  readonly enableTTL: boolean;
  /** Uses that are left. */
  readonly ttl: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface Adopted {
  readonly outcome: 'imported' | 'there' | 'refused';
  /** What is not as it was there. */
  readonly notes: readonly string[];
}

/** Makes links of those of another installation, under their own tokens, never more open than they were. */
@Injectable()
export class AdoptedLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /** What would not be as it was there. */
  notesOf(given: AdoptedLink): string[] {
    return read(given).notes;
  }

  async adopt(file: Pick<File, 'id' | 'ownerId'>, given: AdoptedLink): Promise<Adopted> {
    const { access, notes } = read(given);
    const link = linkOf(given.link);
    const row = { ...access, link: link ?? randomBytes(LINK_BYTES).toString('hex') };
    const before = await this.find(
      link === undefined ? { fileId: file.id, createdAt: row.createdAt, name: row.name } : { link },
    );
    if (before) return judgeTwin(before, file, notes);
    await this.units.run(async (unit) => {
      await unit.lock('users', file.ownerId);
      const rest = { fileId: file.id, ownerId: file.ownerId, refusals: {}, lastUsedAt: null, passwordHash: null };
      await unit.manager.insert(Access, { ...row, ...rest });
    });
    return { outcome: 'imported', notes };
  }

  private find(where: Partial<Pick<Access, 'link' | 'fileId' | 'createdAt' | 'name'>>): Promise<Access | null> {
    return this.dataSource.manager.findOneBy(Access, where);
  }
}

function judgeTwin(before: Access, file: Pick<File, 'id'>, notes: string[]): Adopted {
  if (before.fileId === file.id) return { outcome: 'there', notes };
  return { outcome: 'refused', notes: [...notes, 'another file has this link already'] };
}

/** What of a restriction cannot be read must not be left out: then the link is shut. */
function read(given: AdoptedLink) {
  const notes: string[] = [];
  let isShut = false;
  const shut = (why: string) => {
    isShut = true;
    notes.push(`${why}: it is not public any more`);
  };
  const subnets = given.subnets.map(parseNetwork).filter((one) => one !== undefined);
  const ips = given.ips.map(parseAddress).filter((one) => one !== undefined);
  if (subnets.length < given.subnets.length) shut(`the networks ${given.subnets.join(', ')} cannot be read`);
  if (ips.length < given.ips.length) shut(`the addresses ${given.ips.join(', ')} cannot be read`);
  const expiresAt = given.expires === '' ? null : parseTime(given.expires);
  if (expiresAt === undefined) shut(`the expiry ${given.expires} cannot be read`);
  if (linkOf(given.link) === undefined) notes.push('its address cannot be kept: it has a new one');
  const name = [...given.name.replaceAll(/\p{Cc}/gu, ' ')].slice(0, LONGEST_NAME).join('');
  const access = {
    ...DEFAULT_SETTINGS,
    ...{ name, subnets, ips, expiresAt: expiresAt ?? null, public: given.public && !isShut },
    ...usesOf(given),
    createdAt: given.createdAt,
  };
  return { access, notes };
}

/** There a limited link counts down; here it counts up. */
function usesOf({ oneTimeUse, used, enableTTL, ttl }: AdoptedLink) {
  const isOver = (oneTimeUse && used) || (enableTTL && ttl < 1);
  const limit = Math.max(1, ttl);
  return { oneTimeUse, enableTTL, ttl: enableTTL || ttl > 0 ? limit : null, uses: isOver ? limit : 0 };
}
