import 'reflect-metadata';
import { openDatabase } from '@app/database';

/** Opens the database that its argument names, at the very moment at which its input ends. */
const settings = JSON.parse(process.argv[2]!);
process.stdout.write('ready\n');
for await (const _ of process.stdin);
const database = await openDatabase(settings);
const [row] = await database.reader.query('SELECT COUNT(*) AS n FROM migrations');
await database.close();
process.stdout.write(`migrations: ${row.n}\n`);
