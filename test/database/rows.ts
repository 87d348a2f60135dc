import type { Unit } from '@app/database';

/** A user as the database wants one, with what a test says about it. */
export const userRow = (username: string, more: Record<string, unknown> = {}) => ({
  username,
  name: username,
  email: `${username}@example.org`,
  passwordHash: 'none',
  role: 'user' as const,
  disabled: false,
  maxFiles: 10,
  maxStorage: 2 ** 50,
  usedFiles: 0,
  usedBytes: 0,
  receiptChain: null,
  receiptSequence: 0,
  receiptHash: null,
  removedAt: null,
  createdAt: 1_764_000_000_123,
  ...more,
});

export const fileRow = (ownerId: number, name: string, more: Record<string, unknown> = {}) => ({
  ownerId,
  name,
  nameKey: name,
  foldedName: name,
  extension: '',
  state: 'live' as const,
  storageId: 's',
  storageKey: `k/${name}`,
  size: 1,
  sha256: '0'.repeat(64),
  public: false,
  createdAt: 1_764_000_000_123,
  updatedAt: 1_764_000_000_123,
  ...more,
});

export const accessRow = (fileId: number, link: string, more: Record<string, unknown> = {}) => ({
  fileId,
  name: '',
  link,
  subnets: ['10.0.0.0/8'],
  ips: [],
  expiresAt: null,
  public: true,
  oneTimeUse: false,
  enableTTL: false,
  ttl: null,
  uses: 0,
  refusals: {},
  lastUsedAt: null,
  createdAt: 1_764_000_000_123,
  ...more,
});

/** Adds a storage, the smallest of rows. */
export const addStorage = (unit: Unit, id: string) =>
  unit.change("INSERT INTO storages (id, kind, createdAt) VALUES (?, 'local', 1)", [id]);
