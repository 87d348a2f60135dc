/** A system call as strace wrote it down. */
export interface Call {
  readonly name: string;
  /** The arguments as text; descriptors carry their path in angle brackets. */
  readonly args: string;
  readonly result: string;
  /** Lines of the log at which it began and ended. Of two calls the one that ended before the other began was first. */
  readonly begin: number;
  readonly end: number;
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (.*)$/;
const UNFINISHED = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (.*)$/;

/** Reads the log of `strace -f`, in which a call that another thread interrupts stands in two halves. */
export function parseLog(log: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { args: string; begin: number }>();
  for (const [at, line] of log.split('\n').entries()) {
    const whole = WHOLE.exec(line);
    if (whole) {
      const [, , name, args, result] = whole as unknown as string[];
      calls.push({ name: name!, args: args!, result: result!, begin: at, end: at });
      continue;
    }
    const [, thread, , args] = UNFINISHED.exec(line) ?? [];
    if (thread !== undefined) open.set(thread, { args: args!, begin: at });
    const [, resumed, name, rest, result] = RESUMED.exec(line) ?? [];
    const half = resumed === undefined ? undefined : open.get(resumed);
    if (half) calls.push({ name: name!, args: half.args + rest, result: result!, begin: half.begin, end: at });
  }
  return calls;
}
