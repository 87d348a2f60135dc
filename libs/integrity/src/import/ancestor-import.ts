import { AppConfig } from '@app/config';
import type { User } from '@app/database';
import { foldName, nameKey } from '@app/files';
import { AdoptedLinks } from '@app/sharing';
import { SourceTree } from '@app/storage';
import { AdoptedAccounts } from '@app/accounts';
import { Injectable } from '@nestjs/common';
import { AncestorAccounts, type AncestorMap, type KnownOwner } from './ancestor-accounts.js';
import {
  accessesOf,
  type AncestorAccess,
  type AncestorFile,
  type AncestorTables,
  filesOf,
  linkFieldsOf,
} from './ancestor-tables.js';
import { type Brought, FileImport, refuse } from './file-import.js';
import { placesOf } from './ancestor-places.js';

const AT_ONCE = 16;

export interface AncestorPlan {
  readonly tables: AncestorTables;
  /** Its directory of bytes. */
  readonly uploads: string;
  readonly map: AncestorMap;
  readonly dryRun: boolean;
}

export interface AncestorEntry {
  readonly kind: 'user' | 'file' | 'access';
  /** There. */
  readonly id: string;
  readonly what: string;
  readonly outcome: Brought['outcome'];
  /** Why it is refused, or what is not as it was. */
  readonly notes: readonly string[];
  readonly bytes: number;
}

/**
 * Brings an installation of DefDrive's ancestor in: users with their passwords, files with their bytes, links with their
 * addresses, limits. What is there already from an earlier run is left as it is. For whoever holds the lease.
 */
@Injectable()
export class AncestorImport {
  constructor(
    private readonly config: AppConfig,
    private readonly accounts: AncestorAccounts,
    private readonly adopted: AdoptedAccounts,
    private readonly links: AdoptedLinks,
    private readonly files: FileImport,
  ) {}

  async *run(plan: AncestorPlan): AsyncGenerator<AncestorEntry> {
    if (!plan.dryRun) await this.files.recover();
    const owners = new Map<string, KnownOwner>();
    for await (const { entry, owner } of this.accounts.run(plan)) {
      if (owner) owners.set(owner.ancestor.id, owner);
      yield entry;
    }
    const run = new FilesRun(plan, owners, this.files);
    yield* inBatches(filesOf(plan.tables), (file) => run.bring(file));
    yield* inBatches(accessesOf(plan.tables), (access) => this.bringLink(access, run, plan.dryRun));
    if (!plan.dryRun) for (const owner of owners.values()) await this.limit(owner);
  }

  private async bringLink({ id, fileId, row }: AncestorAccess, run: FilesRun, dryRun: boolean): Promise<AncestorEntry> {
    const fields = linkFieldsOf(row);
    const entry = { kind: 'access', id, what: fields.name, bytes: 0 } as const;
    const file = run.brought.get(fileId);
    if (!file) return { ...entry, outcome: 'refused', notes: [`its file ${fileId} is not imported`] };
    if (dryRun) return { ...entry, outcome: 'possible', notes: this.links.notesOf(fields) };
    const { outcome, notes } = await this.links.adopt(file, fields);
    return { ...entry, outcome, notes };
  }

  /** Those of there; where there were none, those of here, or what is used already. */
  private async limit({ user, ancestor }: KnownOwner): Promise<void> {
    const now = await this.adopted.find(user);
    if (!now || now === 'taken') return;
    const most = (given: number | undefined, byDefault: number, used: number) => given ?? Math.max(byDefault, used);
    await this.adopted.limit(now.id, {
      maxFiles: most(ancestor.maxFiles, this.config.defaultMaxFiles, now.usedFiles),
      maxStorage: most(ancestor.maxStorage, this.config.defaultMaxStorage, now.usedBytes),
    });
  }
}

type OwnerId = Pick<User, 'id'>;

class FilesRun {
  /** By the ids of there: the files of here. */
  readonly brought = new Map<string, { id: number; ownerId: number }>();
  private readonly tree: SourceTree;
  /** Which file has the bytes at a location: the newest. */
  private readonly holders = new Map<string, AncestorFile>();
  private readonly names = new Map<string, AncestorFile>();
  private readonly whole = new Map<string, Promise<AncestorEntry>>();

  constructor(
    private readonly plan: AncestorPlan,
    private readonly owners: ReadonlyMap<string, KnownOwner>,
    private readonly files: FileImport,
  ) {
    this.tree = new SourceTree(plan.uploads);
  }

  /** To be called for the newest first: what is decided between two files is decided at once. */
  bring(file: AncestorFile): Promise<AncestorEntry> {
    const bringing = this.begin(file);
    this.whole.set(file.id, bringing);
    return bringing;
  }

  private begin(file: AncestorFile): Promise<AncestorEntry> {
    const owner = this.owners.get(file.ownerId);
    const name = this.plan.map.files.get(file.id) ?? file.name;
    if (!owner) return this.tell(file, name, refuse(`its owner ${file.ownerId} is not imported`));
    const holder = this.holders.get(file.location);
    if (holder)
      return holder.ownerId === file.ownerId ? this.follow(file, holder) : this.overwritten(file, name, holder);
    this.holders.set(file.location, file);
    const key = `${file.ownerId}/${nameKey(foldName(name))}`;
    const twin = this.names.get(key);
    if (twin) return this.tell(file, name, refuse(`the newer file ${twin.id} has this name: map one of them`));
    this.names.set(key, file);
    return this.take(file, name, owner);
  }

  private async take(file: AncestorFile, name: string, { user }: KnownOwner): Promise<AncestorEntry> {
    const { size, sha256, public: isPublic, createdAt } = file;
    const keep = { public: isPublic, ...(createdAt > 0 && { createdAt }) };
    const path = await this.placeOf(file);
    const wanted = { tree: this.tree, path, name, size, sha256, keep };
    const brought =
      path === '' ? refuse('its bytes are not there') : await this.files.bring(user, wanted, this.plan.dryRun);
    this.note(file, brought, user);
    return this.tell(file, name, brought);
  }

  /** Uploaded again there, it overwrote its own bytes: its links have long opened the newer one. */
  private async follow(file: AncestorFile, holder: AncestorFile): Promise<AncestorEntry> {
    const { outcome, what } = await this.whole.get(holder.id)!;
    if (outcome === 'refused')
      return this.tell(file, file.name, refuse(`it is the file ${holder.id}, which is refused`));
    this.brought.set(file.id, this.brought.get(holder.id)!);
    const notes = [`was uploaded again as ${holder.id}, which its links open`];
    return { kind: 'file', id: file.id, what, outcome: 'there', notes, bytes: 0 };
  }

  private overwritten(file: AncestorFile, name: string, holder: AncestorFile): Promise<AncestorEntry> {
    return this.tell(file, name, refuse(`its bytes were overwritten by the file ${holder.id} of another user`));
  }

  private async placeOf({ location }: AncestorFile): Promise<string> {
    for (const path of placesOf(location)) if ((await this.tree.size(path)) !== undefined) return path;
    return '';
  }

  private note({ id }: AncestorFile, brought: Brought, owner: OwnerId): void {
    if (brought.outcome !== 'refused') this.brought.set(id, { id: brought.fileId ?? 0, ownerId: owner.id });
  }

  private async tell({ id }: AncestorFile, what: string, brought: Brought): Promise<AncestorEntry> {
    if (brought.outcome === 'refused')
      return { kind: 'file', id, what, outcome: 'refused', notes: [brought.detail], bytes: 0 };
    return { kind: 'file', id, what, outcome: brought.outcome, notes: [], bytes: brought.bytes };
  }
}

async function* inBatches<Item>(items: readonly Item[], work: (item: Item) => Promise<AncestorEntry>) {
  for (let start = 0; start < items.length; start += AT_ONCE)
    yield* await Promise.all(items.slice(start, start + AT_ONCE).map(work));
}
