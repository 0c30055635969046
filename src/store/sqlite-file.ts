/** The SQLite file of our store, as the operating system sees it. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A store that lives in no file. */
export const IN_MEMORY = ':memory:';

/** The database and what SQLite keeps beside it: what was written last may be in the write-ahead log only. */
export const sqliteFiles = (file: string): readonly string[] => [file, `${file}-wal`, `${file}-shm`];

/** Makes folder and file where they are missing, for their owner only: SQLite itself would let everybody read them. */
export function createSqliteFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
}

/** Takes the file away from everybody but its owner. Safe to repeat. */
export function keepToOwner(file: string): void {
  for (const path of sqliteFiles(file)) {
    if (!isWide(path)) continue;
    try {
      chmodSync(path, 0o600);
    } catch {
      // It belongs to somebody else, who alone may do this; the doctor says so.
    }
  }
}

/** Whoever may read a file of ours besides its owner. */
export interface WidePath {
  readonly path: string;
  /** As `chmod` takes it, e.g. `644`. */
  readonly mode: string;
  /** What it should be. */
  readonly wanted: string;
}

/** Files of the store, and its folder, that others than their owner may open. Where there is nothing, nothing is wide. */
export function widePaths(file: string): readonly WidePath[] {
  const folder = dirname(file);
  return [folder, ...sqliteFiles(file)].filter(isWide).map((path) => ({
    path,
    mode: modeOf(path).toString(8),
    wanted: path === folder ? '700' : '600',
  }));
}

/** Windows has rights of another kind: those of the folder count, and Node does not show them. */
const isWide = (path: string): boolean => process.platform !== 'win32' && (modeOf(path) & 0o077) !== 0;

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
}
