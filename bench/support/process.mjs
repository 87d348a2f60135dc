// What a process takes, as the kernel counts it. Linux only.
import { readFileSync } from 'node:fs';

/** Milliseconds of the kernel's unit of processor time. */
const TICK = 10;
/** Of `/proc/<pid>/stat` behind the program's name: the ticks in user and in kernel mode. */
const [USER, KERNEL] = [11, 12];

/** Milliseconds of processor time that a process has taken. @param {number} pid */
export function processorTimeOf(pid) {
  // The name may have any characters in it, and ends with the last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[USER]) + Number(fields[KERNEL])) * TICK;
}

/** MiB of memory. @param {number} pid @param {'VmRSS' | 'VmHWM'} which now, or the most there was */
export function memoryOf(pid, which = 'VmRSS') {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}
