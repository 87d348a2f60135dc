import { VERSION } from '@app/config';
import { DriveStatus, type DriveStatusView } from '@app/integrity';
import { Command } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { EXIT } from '../exit.js';
import { ago } from '../terminal/ago.js';
import { formatBytes } from '../terminal/bytes.js';
import { counted } from '../terminal/counted.js';
import { printJson, printRecord } from '../terminal/output.js';

@Command({
  name: 'status',
  description:
    'Show on one screen how the drive is: users, space, removals, uploads, versions, the last check and backup. ' +
    'Exit code 2 if bytes of deleted files cannot be removed, or the last check found damage.',
})
export class StatusCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const status = await (await this.drive.open()).get(DriveStatus).look();
    if (json) printJson(asJson(status));
    else printRecord(asRecord(status));
    if (status.removalsFailing > 0 || status.lastCheck?.value.clean === false) process.exitCode = EXIT.findings;
  }
}

const iso = (time: number | null | undefined) => (time ? new Date(time).toISOString() : null);

function asJson({ maintenance, lastCheck, lastBackup, oldestRemovalAt, ...status }: DriveStatusView) {
  const marked = [maintenance, lastCheck, lastBackup].map((mark) => mark && { at: iso(mark.changedAt), ...mark.value });
  const [since, check, backup] = marked.map((mark) => mark ?? null);
  const removal = { oldestRemovalAt: iso(oldestRemovalAt) };
  const versions = { version: VERSION, node: process.version };
  return { ...versions, ...status, ...removal, maintenance: since, lastCheck: check, lastBackup: backup };
}

function asRecord(status: DriveStatusView): Record<string, string> {
  const { users, admins, usersDisabled, files, bytes, accesses, storage, database } = status;
  return {
    server: status.served ? 'runs' : 'does not run',
    ...serversOf(status),
    writes: writesOf(status),
    users: `${users}, ${admins} of them admins, ${usersDisabled} disabled`,
    files: `${files}, ${formatBytes(bytes)}; ${storage.free === null ? 'unknown' : formatBytes(storage.free)} free`,
    links: String(accesses),
    removals: removalsOf(status),
    uploads: `${status.uploadsUnderWay} under way, ${status.uploadsUnfinished} of them to be resumed`,
    'last check': checkOf(status),
    'last backup': backupOf(status),
    versions: `DefDrive ${VERSION}, Node ${process.version}, ${database.kind} ${database.version}`,
  };
}

/** Where servers have leases in the database, each of them. */
function serversOf({ servers }: DriveStatusView): Record<string, string> {
  if (servers.length === 0) return {};
  const lines = servers.map(
    ({ name, version, isAlive, startedAt, heartbeatAt }) =>
      `${name}, ${version}, ${isAlive ? `runs, started ${ago(startedAt)}` : `DEAD, last seen ${ago(heartbeatAt)}`}`,
  );
  return { servers: lines.join('; ') };
}

function writesOf({ maintenance }: DriveStatusView): string {
  if (!maintenance) return 'are taken';
  const { reason } = maintenance.value;
  return `are refused since ${ago(maintenance.changedAt)}${reason === '' ? '' : `: ${reason}`}`;
}

function removalsOf({ removalsWaiting, removalsFailing, oldestRemovalAt }: DriveStatusView): string {
  if (removalsWaiting === 0) return 'none wait';
  return `${removalsWaiting} wait, the oldest ${ago(oldestRemovalAt!)}; ${removalsFailing} have FAILED so far`;
}

function checkOf({ lastCheck }: DriveStatusView): string {
  if (!lastCheck) return 'never: "storage check" does it';
  const { clean, deep, findings } = lastCheck.value;
  const verdict = clean ? 'clean' : `${findings} FINDINGS`;
  return `${ago(lastCheck.changedAt)}${deep ? ', with all hashes' : ''}: ${verdict}`;
}

function backupOf({ lastBackup, database }: DriveStatusView): string {
  if (!lastBackup)
    return database.kind === 'sqlite' ? 'never: "database backup" does it' : 'not made by "database backup"';
  const { directory, files, bytes, damaged } = lastBackup.value;
  const flaw = damaged > 0 ? `, ${damaged} of them DAMAGED` : '';
  return `${ago(lastBackup.changedAt)}: ${counted(files, 'file')}, ${formatBytes(bytes)}${flaw}, in ${directory}`;
}
