import { readFileSync } from 'node:fs';

/** From `dist/apps/admin/src`, where this runs. */
const PACKAGE = new URL('../../../../package.json', import.meta.url);

/** Of DefDrive. */
export const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
