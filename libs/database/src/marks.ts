import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Mark } from './entities/mark.entity.js';
import { UnitOfWork } from './unit-of-work.js';

/** Writes refused for a while, by an admin's word. */
export interface MaintenanceMark {
  readonly reason: string;
  /** For clients: after which they may try again. */
  readonly retryAfterSeconds: number;
}

export interface CheckMark {
  readonly clean: boolean;
  readonly deep: boolean;
  readonly findings: number;
  readonly files: number;
}

export interface BackupMark {
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
  readonly damaged: number;
}

/** The move of a drive from its former storage to the current one: what an admin has asked for, and how far it is. */
export interface MoveMark {
  /** The storage that it goes to. */
  readonly to: string;
  /** `failed`: it has stopped by itself, for the reason in `error`, and is to be asked for again. */
  readonly state: 'asked' | 'running' | 'stopping' | 'stopped' | 'done' | 'failed';
  readonly error?: string | undefined;
  /** Why it waits, while it does. */
  readonly waits?: string | undefined;
  readonly moved: number;
  /** Bytes of those that are moved. */
  readonly bytes: number;
  /** Files that there were to move in the beginning, and their bytes. */
  readonly files: number;
  readonly total: number;
  /** Files that stay where they are, and why; the first thousand. */
  readonly left: readonly { readonly fileId: number; readonly key: string; readonly problem: string }[];
}

/** The marks that there are, and what each says. A pardon is `pardon:<subject>`. */
interface Values {
  maintenance: MaintenanceMark;
  check: CheckMark;
  backup: BackupMark;
  move: MoveMark;
  [pardon: `pardon:${string}`]: Record<string, never>;
}

export type MarkName = keyof Values;

export interface Marked<Name extends MarkName = MarkName> {
  readonly name: Name;
  readonly value: Values[Name];
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

/** Reads and writes what the drive knows of itself: a handful of rows. */
@Injectable()
export class Marks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  async all(): Promise<Marked[]> {
    const rows = await this.dataSource.query<Mark[]>('SELECT name, value, changedAt FROM marks');
    return rows.map(({ name, value, changedAt }) => ({
      name: name as MarkName,
      value: JSON.parse(value) as Values[MarkName],
      changedAt: Number(changedAt),
    }));
  }

  async read<Name extends MarkName>(name: Name): Promise<Marked<Name> | undefined> {
    return (await this.all()).find((mark): mark is Marked<Name> => mark.name === name);
  }

  async write<Name extends MarkName>(name: Name, value: Values[Name]): Promise<void> {
    await this.units.run(async (unit) => {
      await unit.change('DELETE FROM marks WHERE name = ?', [name]);
      const sql = 'INSERT INTO marks (name, value, changedAt) VALUES (?, ?, ?)';
      await unit.change(sql, [name, JSON.stringify(value), Date.now()]);
    });
  }

  /** @returns whether it was there */
  async remove(name: MarkName): Promise<boolean> {
    return (await this.units.run((unit) => unit.change('DELETE FROM marks WHERE name = ?', [name]))) > 0;
  }

  /** Forgets pardons that every server has long seen. */
  async prune(before: number): Promise<void> {
    const sql = "DELETE FROM marks WHERE name LIKE 'pardon:%' AND changedAt < ?";
    await this.units.run((unit) => unit.change(sql, [before]));
  }
}
