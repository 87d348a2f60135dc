import type { Drive } from './drive.js';

export interface SessionRow {
  id: string;
  secretHash: string | null;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
}

/** A user's sessions, the oldest first. */
export function sessionsIn(drive: Drive, username: string): Promise<SessionRow[]> {
  return drive.probe.rows(
    'SELECT s.* FROM sessions s JOIN users u ON u.id = s.userId WHERE u.username = ? ORDER BY s.createdAt, s.id',
    [username],
  );
}
