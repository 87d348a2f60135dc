import { endLeanStart } from './lean-start.js';
import 'reflect-metadata';
import { AppConfig, renamedSettings } from '@app/config';
import { createApi, listen } from './api.setup.js';
import { output } from './logging.js';
import { DOCS_PATH } from './openapi.js';
import { endOnSignals, stopOnSignals } from './stop-on-signals.js';

// Libraries write there, too: that nobody reads it must not end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const config = AppConfig.load();
  for (const warning of renamedSettings()) process.stderr.write(`Warning: ${warning}\n`);
  if (config.openToAnybody)
    process.stderr.write('Warning: anybody on the net may make an account here: SIGNUP=closed leaves that to admins\n');
  const started = endOnSignals();
  const app = await createApi(config);
  started();
  stopOnSignals(app, config);
  await listen(app, config);
  endLeanStart();
  const address = await app.getUrl();
  output.write(`DefDrive is ready at ${address}\nSwagger UI is at ${address}/${DOCS_PATH}\n`);
} catch (error) {
  process.stderr.write(`DefDrive cannot start: ${(error as Error).message}\n`);
  process.exit(1);
}
