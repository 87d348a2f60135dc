import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What the ids of events are called today. What is deleted has no name any more, here as everywhere. */
@Injectable()
export class AuditNames {
  private readonly users = new Map<number, Promise<string | undefined>>();
  private readonly files = new Map<number, Promise<string | undefined>>();

  constructor(private readonly dataSource: DataSource) {}

  user(id: number): Promise<string | undefined> {
    return remembered(this.users, id, () => this.first('SELECT username AS name FROM users WHERE id = ?', [id]));
  }

  file(id: number): Promise<string | undefined> {
    return remembered(this.files, id, () => this.first("SELECT name FROM files WHERE id = ? AND state = 'live'", [id]));
  }

  /** @returns none where there is no such account */
  async userId(username: string): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ id: number }[]>('SELECT id FROM users WHERE username = ?', [username]);
    return row?.id;
  }

  private async first(sql: string, parameters: unknown[]): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ name: string }[]>(sql, parameters);
    return row?.name;
  }
}

/** Of so many at most: who lists a year of a busy drive must not fill the memory. */
const REMEMBERED = 10_000;

function remembered<Value>(known: Map<number, Value>, id: number, look: () => Value): Value {
  const before = known.get(id);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const value = look();
  known.set(id, value);
  return value;
}
