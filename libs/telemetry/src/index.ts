export { AUDITED } from './audit/audit-events.js';
export { AuditLog } from './audit/audit-log.js';
export { type AuditRecord, recordOf } from './audit/audit-record.js';
export { type AuditQuery, searchAudit } from './audit/audit-search.js';
export { keptAddress } from './audit/kept-address.js';
export { Metrics } from './metrics.js';
