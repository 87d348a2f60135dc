import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';

const T = '2025-03-01 10:00:00.123456+00';
const HEX = (n: number) => n.toString(16).padStart(32, '0');
export const UUID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
export const LINKS = {
  plain: HEX(1),
  uuid: UUID,
  once: HEX(3),
  spent: HEX(4),
  counted: HEX(5),
  net: HEX(6),
  broken: HEX(7),
};
export const BYTES = {
  report: 'the report',
  shared: 'of bob',
  again: 'second version',
  mapped: 'mapped',
  awkward: 'awkward',
};

type Cell = string | number | null;
const csv = (header: string, rows: Cell[][]) =>
  [
    header,
    ...rows.map((row) => row.map((cell) => (cell === null ? '' : `"${String(cell).replaceAll('"', '""')}"`)).join(',')),
  ].join('\n');

/**
 * An installation of DefDrive's ancestor as `\copy … csv header` and a copy of its `uploads` have it, with what such ones
 * have: names that do not fit, files that overwrote each other, rows of what was deleted.
 */
export async function makeAncestor(directory: string): Promise<void> {
  mkdirSync(join(directory, 'uploads/carol'), { recursive: true });
  const bytes = {
    'report.pdf': BYTES.report,
    'shared.txt': BYTES.shared,
    'again.txt': BYTES.again,
    'bad\nname.txt': BYTES.mapped,
  };
  for (const [name, text] of Object.entries({ ...bytes, 'carol/ü €.txt': BYTES.awkward }))
    writeFileSync(join(directory, 'uploads', name), text);
  const bcrypt = (await hash('correct horse battery', 4)).replace('$2b$', '$2a$');
  const short = await hash('short', 4);
  const users = csv('id,created_at,updated_at,deleted_at,name,email,username,password,max_files,max_storage', [
    [1, T, T, null, 'Alice', 'alice@example.org', 'Alice', bcrypt, 50, 1000000],
    [2, T, T, null, '', 'not an address', 'bob', short, null, null],
    [3, T, T, null, 'Carol Smith', 'carol@example.org', 'Carol Smith', bcrypt, 1, 5],
    [4, T, T, null, 'Twin', 'twin@example.org', 'ALICE', bcrypt, 10, 10],
    [5, T, T, T, 'Gone', 'gone@example.org', 'gone', bcrypt, 10, 10],
    [6, T, T, null, 'Dave', 'dave@example.org', 'dave', 'plain text', 10, 10],
  ]);
  const files = csv('id,created_at,updated_at,deleted_at,name,location,owner_id,public,size,hash', [
    [1, T, T, null, 'report.pdf', '/app/data/uploads/report.pdf', 1, 't', 10, ''],
    [2, T, T, null, 'shared.txt', 'uploads/shared.txt', 1, 't', 8, ''],
    [3, T, T, null, 'shared.txt', 'uploads/shared.txt', 2, 't', 6, ''],
    [4, T, T, null, 'again.txt', 'uploads/again.txt', 2, 't', 5, ''],
    [5, T, T, null, 'again.txt', 'uploads/again.txt', 2, 't', 14, ''],
    [6, T, T, null, 'bad\nname.txt', 'uploads/bad\nname.txt', 2, 'f', 6, ''],
    [7, T, T, null, 'ü €.txt', 'uploads/carol/ü €.txt', 3, 't', 7, ''],
    [8, T, T, null, 'missing.txt', 'uploads/missing.txt', 1, 't', 3, ''],
    [9, T, T, null, 'escape.txt', 'uploads/../users.csv', 1, 't', 3, ''],
    [10, T, T, T, 'deleted.txt', 'uploads/report.pdf', 1, 't', 10, ''],
    [11, T, T, null, 'orphan.txt', 'uploads/orphan.txt', 99, 't', 10, ''],
  ]);
  const access = (id: number, fileId: number, link: string, more: Cell[] = []) => {
    const defaults: Cell[] = ['{}', '{}', '', 't', 'f', 'f', 0, 'f'];
    return [id, T, T, null, `link ${id}`, link, ...defaults.map((cell, n) => more[n] ?? cell), fileId];
  };
  const header =
    'id,created_at,updated_at,deleted_at,name,link,subnets,ips,expires,public,one_time_use,used,ttl,enable_ttl,file_id';
  const accesses = csv(header, [
    access(1, 1, LINKS.plain),
    access(2, 4, LINKS.uuid),
    access(3, 1, LINKS.once, [null, null, null, null, 't']),
    access(4, 1, LINKS.spent, [null, null, null, null, 't', 't']),
    access(5, 1, `https://old.example.org/link/${LINKS.counted}`, [null, null, null, null, null, null, 2, 't']),
    access(6, 1, LINKS.net, ['{10.0.0.0/8,"2001:db8::/32"}', '{127.0.0.1}']),
    access(7, 1, LINKS.broken, ['{10.0.0.0/99}']),
    access(8, 8, HEX(8)),
    access(9, 7, 'no hash at all'),
    access(10, 7, HEX(10), [null, null, '2024-01-01T00:00:00Z']),
  ]);
  for (const [name, text] of Object.entries({ users, files, accesses }))
    writeFileSync(join(directory, `${name}.csv`), `${text}\n`);
}

const FILES_OF_ONE = 1000;

/** A large one, of which everything fits: each user has a thousand files, and every tenth file a link. */
export async function makeLargeAncestor(directory: string, count: number): Promise<void> {
  const bcrypt = await hash('correct horse battery', 4);
  const owners = Math.ceil(count / FILES_OF_ONE);
  const users: Cell[][] = Array.from({ length: owners }, (_, n) => [n + 1, T, `user${n + 1}`, bcrypt, count, 1e9]);
  const files: Cell[][] = [];
  const accesses: Cell[][] = [];
  mkdirSync(join(directory, 'uploads'), { recursive: true });
  for (let id = 1; id <= count; id += 1) {
    const [name, text] = [`file ${id}.txt`, `bytes of file ${id}\n`.repeat((id % 9) + 1)];
    writeFileSync(join(directory, 'uploads', name), text);
    files.push([id, T, name, `uploads/${name}`, Math.ceil(id / FILES_OF_ONE), 't', text.length]);
    if (id % 10 === 0) accesses.push([id, T, `link ${id}`, HEX(id), 't', id]);
  }
  const tables = {
    users: csv('id,created_at,username,password,max_files,max_storage', users),
    files: csv('id,created_at,name,location,owner_id,public,size', files),
    accesses: csv('id,created_at,name,link,public,file_id', accesses),
  };
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(directory, `${name}.csv`), `${text}\n`);
}
