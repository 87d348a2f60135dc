/** A row of a CSV file, by the names of its columns. */
export type CsvRow = Readonly<Record<string, string>>;

export interface AncestorTables {
  readonly users: readonly CsvRow[];
  readonly files: readonly CsvRow[];
  readonly accesses: readonly CsvRow[];
}

export interface AncestorUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly createdAt: number;
  readonly isAdmin: boolean;
  readonly maxFiles: number | undefined;
  readonly maxStorage: number | undefined;
}

export interface AncestorFile {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly location: string;
  readonly size: number | undefined;
  readonly sha256: string | undefined;
  readonly public: boolean;
  readonly createdAt: number;
}

export interface AncestorAccess {
  readonly id: string;
  readonly fileId: string;
  readonly row: CsvRow;
}

/** Rows that were deleted there stay as such in its tables. */
const isLive = (row: CsvRow) => text(row, 'deleted_at') === '';
const text = (row: CsvRow, ...names: string[]): string => names.map((name) => row[name]).find((value) => value) ?? '';
const flag = (row: CsvRow, name: string): boolean => /^(?:t|true|1|yes)$/i.test(text(row, name));

function number(row: CsvRow, name: string): number | undefined {
  const value = text(row, name);
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** PostgreSQL writes `2025-03-01 10:00:00.123456+00`. @returns milliseconds since 1970; 0 for what cannot be read */
export function timeOf(row: CsvRow, name: string): number {
  const [, day, clock, fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text(row, name)) ?? [];
  if (day === undefined) return 0;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const time = Date.parse(`${day}T${clock}${fraction.slice(0, 4)}${offset}`);
  return Number.isFinite(time) ? time : 0;
}

/** An array of PostgreSQL (`{10.0.0.0/8,"a b"}`), or a single value as older versions have it. */
export function listOf(value: string): string[] {
  const inner = /^\{(.*)\}$/s.exec(value)?.[1] ?? value;
  const entries = [...inner.matchAll(/\s*"((?:[^"\\]|\\.)*)"\s*|([^,]+)/gs)];
  return entries
    .map(([, quoted, plain]) => (quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain ?? '').trim())
    .filter(Boolean);
}

export function usersOf({ users }: AncestorTables): AncestorUser[] {
  return users.filter(isLive).map((row) => ({
    id: text(row, 'id', 'user_id'),
    username: text(row, 'username'),
    name: text(row, 'name'),
    email: text(row, 'email'),
    password: text(row, 'password'),
    createdAt: timeOf(row, 'created_at'),
    isAdmin: flag(row, 'is_admin') || text(row, 'role') === 'admin',
    maxFiles: number(row, 'max_files'),
    maxStorage: number(row, 'max_storage'),
  }));
}

/** The newest first: of several that share their bytes, it is the one that they are. */
export function filesOf({ files }: AncestorTables): AncestorFile[] {
  const live = files.filter(isLive).map((row) => ({
    id: text(row, 'id', 'file_id'),
    ownerId: text(row, 'owner_id'),
    name: text(row, 'name'),
    location: text(row, 'location'),
    size: number(row, 'size'),
    sha256: /^[0-9a-f]{64}$/i.exec(text(row, 'hash'))?.[0].toLowerCase(),
    public: flag(row, 'public'),
    createdAt: timeOf(row, 'created_at'),
  }));
  return live.toSorted((a, b) => Number(b.id) - Number(a.id));
}

export function accessesOf({ accesses }: AncestorTables): AncestorAccess[] {
  return accesses
    .filter(isLive)
    .map((row) => ({ id: text(row, 'id', 'access_id'), fileId: text(row, 'file_id'), row }));
}

/** The rest of an access, as `AdoptedLinks` takes it. */
export function linkFieldsOf(row: CsvRow) {
  return {
    name: text(row, 'name'),
    link: text(row, 'link'),
    subnets: listOf(text(row, 'subnets', 'subnet')),
    ips: listOf(text(row, 'ips', 'ip')),
    expires: text(row, 'expires'),
    public: flag(row, 'public'),
    oneTimeUse: flag(row, 'one_time_use'),
    used: flag(row, 'used'),
    enableTTL: flag(row, 'enable_ttl'),
    ttl: number(row, 'ttl') ?? 0,
    createdAt: timeOf(row, 'created_at'),
  };
}
