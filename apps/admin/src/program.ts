import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { AdminModule } from './admin.module.js';
import { describeError, EXIT } from './exit.js';

/** Runs the command that the process was started with. */
export async function run(): Promise<void> {
  // What this program makes is its user's alone, as with the server.
  process.umask(0o077);
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
  );
  await CommandFactory.run(AdminModule, {
    logger: false,
    // Without it an error would end the process with 0.
    serviceErrorHandler: (error) => {
      process.stderr.write(`error: ${describeError(error)}\n`);
      process.exitCode = EXIT.failed;
    },
  });
}
