import type { Access } from '@app/database';
import { findLiveFile } from '@app/files';
import type { DataSource } from 'typeorm';

/** Written out, as the hottest statements of the files are (docs/decisions/0050-statements-written-out.md). */
const LINKED = `
  SELECT a.* FROM accesses a JOIN files f ON f.id = a.fileId JOIN users u ON u.id = f.ownerId
  WHERE a.link = ? AND f.state = 'live' AND u.disabled = 0`;

type Bit = 0 | 1;

/** A row of `accesses` as the drivers give it. */
export type AccessRow = Omit<
  Access,
  'file' | 'public' | 'oneTimeUse' | 'enableTTL' | 'subnets' | 'ips' | 'refusals'
> & {
  public: Bit;
  oneTimeUse: Bit;
  enableTTL: Bit;
  /** JSON, as are the two after it. */
  subnets: string;
  ips: string;
  refusals: string;
};

/** @returns the access of a link, with its file, while that is live and its owner not disabled */
export async function findLinked(dataSource: DataSource, link: string): Promise<Access | undefined> {
  const [row] = await dataSource.query<AccessRow[]>(LINKED, [link]);
  const file = row && (await findLiveFile(dataSource, row.fileId));
  return file && Object.assign(accessOf(row), { file });
}

/** What a row says; the row itself becomes it. */
export function accessOf<Row extends AccessRow>(row: Row): Omit<Row, keyof AccessRow> & Omit<Access, 'file'> {
  return Object.assign(row, {
    public: row.public === 1,
    oneTimeUse: row.oneTimeUse === 1,
    enableTTL: row.enableTTL === 1,
    subnets: JSON.parse(row.subnets) as string[],
    ips: JSON.parse(row.ips) as string[],
    refusals: JSON.parse(row.refusals) as Record<string, number>,
  });
}
