import 'reflect-metadata';
import { StorageUnusableError } from '@app/storage';
import { openLocal } from './local-place.js';

/** Attaches a storage and says what came of it. */
const storage = await openLocal(process.argv.at(-1)!);
try {
  await storage.attach(undefined);
  process.stdout.write('attached');
} catch (error) {
  if (!(error instanceof StorageUnusableError)) throw error;
  process.stdout.write(error.message);
}
