import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const PUBLIC = 'public';

/** Opens a route, or all routes of a controller, to everybody: without it the global guard asks for a token. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);
