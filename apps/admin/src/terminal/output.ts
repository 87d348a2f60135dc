import stringWidth from 'string-width';
import { printable } from './printable.js';

/** Rows after which a part of a table is printed; its columns only ever grow. */
const PART = 200;

type Cell = string | number;

/** A table for people, in columns of the terminal and not of characters; printed in parts, so that it may be of any length. */
export class Table {
  private rows: string[][] = [];
  private widths: number[];
  private begun = false;

  constructor(private readonly headers: readonly string[]) {
    this.widths = headers.map((header) => header.length);
  }

  add(...cells: Cell[]): void {
    const row = cells.map((cell) => printable(String(cell)));
    this.widths = this.widths.map((width, column) => Math.max(width, stringWidth(row[column]!)));
    this.rows.push(row);
    if (this.rows.length >= PART) this.flush();
  }

  /** Prints what is left. @param empty said where there was no row at all, instead of a header without rows */
  end(empty: string): void {
    this.flush();
    if (!this.begun) print(empty);
  }

  /** Prints what is left. A table without rows has no header either. */
  flush(): void {
    if (this.rows.length === 0) return;
    if (!this.begun) this.print(this.headers.map((header) => header.toUpperCase()));
    this.begun = true;
    for (const row of this.rows) this.print(row);
    this.rows = [];
  }

  private print(row: readonly string[]): void {
    const line = row.map((cell, column) => `${cell}${' '.repeat(this.widths[column]! - stringWidth(cell))}`).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** One object a line, for programs. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** One record for people: a name and a value a line. */
export function printRecord(record: Record<string, Cell>): void {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  for (const [name, value] of Object.entries(record)) print(`${name.padEnd(width)}  ${value}`);
}
