import type { Access, Unit } from '@app/database';

/**
 * Takes one use, if there is one at this very moment: everything that was judged is looked at again in the statement, or
 * compared with what was judged. Of any number at once just as many succeed as there are uses left.
 */
const TAKE_USE = `
  UPDATE accesses SET uses = uses + 1, lastUsedAt = ?
  WHERE id = ? AND public = 1 AND (expiresAt IS NULL OR expiresAt > ?)
    AND (oneTimeUse = 0 OR uses < 1) AND (enableTTL = 0 OR uses < ttl) AND subnets = ? AND ips = ?
    AND COALESCE(passwordHash, '') = ?
    AND EXISTS (
      SELECT 1 FROM files JOIN users ON users.id = files.ownerId
      WHERE files.id = accesses.fileId AND files.state = 'live' AND files.public = 1 AND users.disabled = 0
    )`;

/**
 * Takes one use of an access whose uses are counted.
 * @param access as it was judged, and its password as it was checked
 * @returns whether there was one; if not, the access has changed since then
 */
export async function takeUse(unit: Unit, { id, subnets, ips, passwordHash }: Access): Promise<boolean> {
  const now = Date.now();
  const judged = [JSON.stringify(subnets), JSON.stringify(ips), passwordHash ?? ''];
  return (await unit.change(TAKE_USE, [now, id, now, ...judged])) === 1;
}
