// Empties the build output first, so that a file that was deleted or renamed cannot live on in it.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
