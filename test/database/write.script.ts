import 'reflect-metadata';
import { openDatabase } from '@app/database';
import { addStorage } from './rows.js';

/** Opens the database that its argument names and, when its input ends, writes a row and says so. */
const database = await openDatabase(JSON.parse(process.argv[2]!));
process.stdout.write('ready\n');
for await (const _ of process.stdin);
await database.units
  .run((unit) => addStorage(unit, 'row'))
  .catch((error: Error) => void process.stdout.write(`told ${error.message}\n`));
await database.close();
process.stdout.write('told\n');
