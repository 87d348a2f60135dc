/** One event. Ids and no names: what is deleted leaves none behind, and who looks is told those of what is still there. */
export interface AuditRecord {
  /** RFC 3339, in UTC. */
  readonly at: string;
  readonly event: string;
  /** `ok`, or why not: a name of the catalogue of errors, or a rule of a link. */
  readonly result: string;
  /** Who did it: a user's id, or the account of the system that ran a command; nobody where nobody has logged in. */
  readonly by?: number | string | undefined;
  /** By what: a session's token, a cookie, an API token, or a command. */
  readonly via?: string | undefined;
  /** From where, as far as it is kept. */
  readonly address?: string | undefined;
  /** Of the log, for what happened beside it. */
  readonly requestId?: string | undefined;
  /** Whose it is. */
  readonly userId?: number | undefined;
  readonly fileId?: number | undefined;
  readonly accessId?: number | undefined;
  /** Whatever else the event says: `size`, `route`, `uploadId`, `tokenId`, `sessionId`, `username` of a failed log-in … */
  readonly [further: string]: unknown;
}

/** Of the catalogue and of rules; other reasons are texts, and further details. */
const NAME = /^[a-zA-Z-]{1,40}$/;
/** Events whose name says that something was refused. */
const REFUSALS = new Set(['login-failed', 'oidc-login-failed', 'link-unknown']);
/** Names whose values are no further details, or secrets: ids of sessions are no secret, links are. */
const LEFT_OUT = new Set(['event', 'link', 'hash', 'token', 'secret', 'stack', 'address']);

/** What surrounds an event: who, by what, from where. */
export type Surroundings = Pick<AuditRecord, 'by' | 'via' | 'address' | 'requestId'>;

/** @param fields of the event, as the log has them */
export function recordOf(event: string, fields: Record<string, unknown>, around: Surroundings): AuditRecord {
  const refusal = fields.reason ?? fields.error;
  const isName = typeof refusal === 'string' && NAME.test(refusal);
  const result = isName ? refusal : REFUSALS.has(event) ? 'refused' : 'ok';
  const record: Record<string, unknown> = { at: new Date().toISOString(), event, result, ...around };
  for (const [name, value] of Object.entries(fields))
    if (!LEFT_OUT.has(name) && typeof value !== 'object' && !(isName && value === refusal)) record[name] = value;
  return record as AuditRecord;
}
