import type { Role } from '@app/database';
import { AdminError } from '../exit.js';

/** nest-commander's own choices are only shown: its parser takes their place in Commander. @throws AdminError */
export function parseRole(text: string | undefined): Role {
  if (text !== 'user' && text !== 'admin') throw new AdminError('The role must be "user" or "admin"');
  return text;
}
