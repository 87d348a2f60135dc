import 'reflect-metadata';
import { afterAll } from 'vitest';
import { removeTemporaryDirectories } from './temporary-directory.js';

// Registered before all others, and so the last to run.
afterAll(removeTemporaryDirectories);
