import { SetMetadata } from '@nestjs/common';

export const DURING_MAINTENANCE = 'duringMaintenance';

/** A route that changes no file and no account, although its method says so: it goes on while writes are refused. */
export const DuringMaintenance = () => SetMetadata(DURING_MAINTENANCE, true);
