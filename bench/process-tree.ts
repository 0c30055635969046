import { readdirSync, readFileSync } from 'node:fs';

/** Ticks a second of the times in /proc: a constant of Linux on every machine that runs Node. */
const TICKS = 100;

/** CPU seconds (user and system) of a process and everything below it, those that ended among them. Linux only. */
export function cpuSecondsOf(pid: number): number {
  return [pid, ...below(pid)].reduce((sum, one) => sum + ownSeconds(one), 0);
}

/** Resident memory of one process now, and at most since it started, in MB. Linux only. */
export function memoryOf(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') };
}

/** What this process took until now: how programs tell the bench what they cost. */
export function costOfThisProcess(): { readonly cpuSeconds: number; readonly peakMb: number } {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, peakMb: memoryOf(process.pid).most };
}

function ownSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name of the program stands in brackets and may hold blanks; times are fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS;
}

function below(pid: number): readonly number[] {
  const threads = list(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...below(child)]);
}

/** Empty when the process ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
