import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { auditDirectory, dayOf, daysIn, fileOf } from './audit-files.js';
import type { AuditRecord } from './audit-record.js';

/** What is looked for; what is left out may be anything. */
export interface AuditQuery {
  /** Who did it, or whose it is. */
  readonly userId?: number | undefined;
  /** As it was typed at a log-in that failed. */
  readonly username?: string | undefined;
  readonly fileId?: number | undefined;
  readonly events?: readonly string[] | undefined;
  /** An address or network, as it is kept. */
  readonly address?: string | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** The events that were written down, the first one first; those of the days that are asked for are read, and no others. */
export async function* searchAudit(dataDir: string, query: AuditQuery): AsyncGenerator<AuditRecord> {
  const directory = auditDirectory(dataDir);
  const [first, last] = [query.since ?? 0, query.until ?? 8.64e15].map((at) => (at > 0 && at < 8e15 ? dayOf(at) : ''));
  for (const day of daysIn(directory)) {
    if (day < first! || (last !== '' && day > last!)) continue;
    const lines = createInterface({ input: createReadStream(fileOf(directory, day)), crlfDelay: Infinity });
    for await (const line of lines) {
      const record = parsed(line);
      if (record && matches(record, query)) yield record;
    }
  }
}

/** None for a line that is not whole, such as the last one of a disk that was full. */
function parsed(line: string): AuditRecord | undefined {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}

function matches(record: AuditRecord, query: AuditQuery): boolean {
  const { userId, username, fileId, events, address } = query;
  const at = Date.parse(record.at);
  if (at < (query.since ?? 0) || at > (query.until ?? Number.POSITIVE_INFINITY)) return false;
  if (events && !events.includes(record.event)) return false;
  if (fileId !== undefined && record.fileId !== fileId) return false;
  if (address !== undefined && record.address !== address) return false;
  if (userId === undefined && username === undefined) return true;
  const isTheirs = userId !== undefined && (record.by === userId || record.userId === userId);
  return isTheirs || (username !== undefined && record.username === username);
}
