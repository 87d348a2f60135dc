import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^(\d{4}-\d\d-\d\d)\.jsonl$/;

/** Where the events of a drive are: one file a day, by UTC, one JSON object a line. */
export const auditDirectory = (dataDir: string): string => join(dataDir, 'audit');

/** @returns e.g. `2026-11-27` */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const fileOf = (directory: string, day: string): string => join(directory, `${day}.jsonl`);

/** The days of which there are events, the first one first. */
export function daysIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .map((name) => NAME.exec(name)?.[1])
    .filter((day) => day !== undefined)
    .toSorted();
}
