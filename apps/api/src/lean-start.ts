import { setFlagsFromString } from 'node:v8';

// Nearly all that a start makes stays. With little room for young objects V8 finds that out early; as it is by default it
// would grow that room to 32 MiB within a second, and keep it for good. Imported before anything else.
setFlagsFromString('--semi-space-growth-factor=1');

/** From now on that room grows as it is needed. */
export function endLeanStart(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
