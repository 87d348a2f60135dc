import { readFileSync, writeFileSync } from 'node:fs';

/** What one caller may cost the process at most, above what it has when it is warm, in MiB. */
export const MOST_MIB = 256;

/** The most memory that a process has while the work goes on, above what it had before, in MiB. Linux: the kernel counts. */
export async function memoryWhile(pid: number, work: () => Promise<unknown>): Promise<number> {
  // From here on the kernel counts the peak anew.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = mebibytes(pid, 'VmRSS');
  await work();
  return mebibytes(pid, 'VmHWM') - before;
}

function mebibytes(pid: number, name: string): number {
  const [, kib] = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
