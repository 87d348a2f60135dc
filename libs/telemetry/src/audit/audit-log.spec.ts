import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { auditDirectory, dayOf, fileOf } from './audit-files.js';
import { AuditLog } from './audit-log.js';
import { recordOf } from './audit-record.js';

let dataDir: string;
let log: AuditLog;
let lost: Error[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'defdrive-audit-'));
  lost = [];
  log = new AuditLog({ dataDir, keepMs: 7 * 86_400_000, onLost: (error) => lost.push(error) });
});
afterEach(() => {
  log.close();
  rmSync(dataDir, { recursive: true });
});
const today = () => fileOf(auditDirectory(dataDir), dayOf(Date.now()));
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString();
const record = (fileId: number) => recordOf('file-deleted', { event: 'file-deleted', fileId }, { by: 1 });

it('has an event on its way to the disk before whoever told it goes on', () => {
  log.note(record(1));
  log.note(record(2));
  const lines = readFileSync(today(), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).fileId)).toEqual([1, 2]);
});

it('says once that events are lost, and goes on when it can', () => {
  writeFileSync(auditDirectory(dataDir), 'in the way');
  log.note(record(1));
  log.note(record(2));
  expect(lost).toHaveLength(1);
  rmSync(auditDirectory(dataDir));
  log.note(record(3));
  expect(JSON.parse(readFileSync(today(), 'utf8')).fileId).toBe(3);
});

it('has a file for each day, and leaves no stranger out because of a day that is over', () => {
  log.note({ ...record(1), at: YESTERDAY });
  const before = fileOf(auditDirectory(dataDir), YESTERDAY.slice(0, 10));
  // So much was told on that day that nothing more of strangers is kept.
  truncateSync(before, 300 * 1024 * 1024);
  log.close();
  log.note({ ...record(2), at: YESTERDAY, by: undefined });
  expect(statSync(before).size).toBe(300 * 1024 * 1024);
  log.note({ ...record(3), by: undefined });
  expect(JSON.parse(readFileSync(today(), 'utf8')).fileId).toBe(3);
});
