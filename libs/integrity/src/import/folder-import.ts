import { AdminUsersService } from '@app/accounts';
import { foldName, nameKey } from '@app/files';
import { type SourceEntry, SourceTree } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { type Brought, FileImport, type Owner, reasonOf, refuse } from './file-import.js';

/** Files that are brought in side by side, so that they share syncs and commits. */
const AT_ONCE = 16;

export interface FolderPlan {
  readonly directory: string;
  /** Whose files they become; none: each folder at the top is called as its user. */
  readonly username?: string | undefined;
  /** `path`: a file is called as its path, with `separator` for the slashes; `base`: as itself. */
  readonly names: 'path' | 'base';
  readonly separator: string;
  /** By paths (of folders at the top as well): what is to be called otherwise. */
  readonly mapped: ReadonlyMap<string, string>;
  readonly dryRun: boolean;
}

export type FolderEntry = Brought & { readonly path: string; readonly user: string; readonly name: string };

/** Brings a tree of files in. There are no folders in a drive: their names become a part of the files'. */
@Injectable()
export class FolderImport {
  constructor(
    private readonly users: AdminUsersService,
    private readonly files: FileImport,
  ) {}

  /** @throws ContractError userNotFound, where one user is named */
  async *run(plan: FolderPlan): AsyncGenerator<FolderEntry> {
    const only = plan.username === undefined ? undefined : await this.users.byName(plan.username);
    if (!plan.dryRun) await this.files.recover();
    const run = new Run(plan, this.users, this.files, only);
    let some: SourceEntry[] = [];
    for await (const entry of run.tree.files()) {
      if (some.push(entry) < AT_ONCE) continue;
      yield* await Promise.all(some.map((one) => run.bring(one)));
      some = [];
    }
    yield* await Promise.all(some.map((one) => run.bring(one)));
  }
}

class Run {
  readonly tree: SourceTree;
  private readonly owners = new Map<string, Promise<Owner | string>>();
  /** Names that are taken in this run, by owner: the second of two is told why. */
  private readonly taken = new Map<string, string>();

  constructor(
    private readonly plan: FolderPlan,
    private readonly users: AdminUsersService,
    private readonly files: FileImport,
    private readonly only: Owner | undefined,
  ) {
    this.tree = new SourceTree(plan.directory);
  }

  async bring({ path, flaw, modifiedAt }: SourceEntry): Promise<FolderEntry> {
    const [folder = '', ...below] = path.split('/');
    const user = this.only?.username ?? this.plan.mapped.get(folder) ?? folder;
    const parts = this.only ? [folder, ...below] : below;
    const name = this.plan.mapped.get(path) ?? this.nameOf(parts);
    const tell = (brought: Brought) => ({ path, user, name, ...brought });
    if (flaw !== undefined) return tell(refuse(flaw));
    if (parts.length === 0) return tell(refuse('is in no folder of a user'));
    const owner = this.only ?? (await this.ownerOf(user));
    if (typeof owner === 'string') return tell(refuse(owner));
    const twin = this.claim(owner, name, path);
    if (twin !== undefined) return tell(refuse(`would be called as ${twin} is`));
    const wanted = { tree: this.tree, path, name, keep: { createdAt: modifiedAt } };
    return tell(await this.files.bring(owner, wanted, this.plan.dryRun));
  }

  private nameOf(parts: readonly string[]): string {
    return this.plan.names === 'base' ? (parts.at(-1) ?? '') : parts.join(this.plan.separator);
  }

  private claim({ username }: Owner, name: string, path: string): string | undefined {
    const key = `${username}/${nameKey(foldName(name))}`;
    const twin = this.taken.get(key);
    if (twin === undefined) this.taken.set(key, path);
    return twin;
  }

  private ownerOf(username: string): Promise<Owner | string> {
    const found = this.owners.get(username) ?? this.users.byName(username).catch(reasonOf);
    this.owners.set(username, found);
    return found;
  }
}
