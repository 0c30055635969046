/** The SQLite file of our store, as the operating system sees it. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TiebackError } from '../domain/base/errors';

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
  return [...wideFiles([folder], '700'), ...wideFiles(sqliteFiles(file))];
}

/** Those of these files that others than their owner may open. */
export const wideFiles = (paths: readonly string[], wanted = '600'): readonly WidePath[] =>
  paths.filter(isWide).map((path) => ({ path, mode: modeOf(path).toString(8), wanted }));

/** Windows has rights of another kind: those of the folder count, and Node does not show them. */
const isWide = (path: string): boolean => process.platform !== 'win32' && (modeOf(path) & 0o077) !== 0;

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
}

/**
 * Which files an open database is made of. SQLite goes on in files that were removed or replaced under its hands, and whatever is written
 * there is gone with the process.
 */
export class OpenFiles {
  private readonly opened: readonly string[];

  /** To be made when the database was read from: only then is the write-ahead log open. */
  constructor(private readonly file: string) {
    this.opened = watched(file).map(identityOf);
  }

  /** What happened to the files, as an error; null while they are the ones that were opened. One look at each, so it may be asked often. */
  problem(): TiebackError | null {
    for (const [index, path] of watched(this.file).entries()) {
      const now = identityOf(path);
      if (now === this.opened[index]) continue;
      return new TiebackError('STORE_FILE_GONE', {
        file: path,
        what: now === NOTHING ? 'removed' : 'replaced by another',
      });
    }
    return null;
  }

  /** Throws `STORE_FILE_GONE`. */
  assertSame(): void {
    const problem = this.problem();
    if (problem !== null) throw problem;
  }
}

/** The log belongs to the file: what was committed last is there only. */
const watched = (file: string): readonly string[] => [file, `${file}-wal`];

const NOTHING = 'nothing';

function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? NOTHING : `${found.dev}:${found.ino}`;
}

/** So little room is none: a page of a large sync takes more. */
const ROOM_BYTES = 16 * 1024 * 1024;

/** Room on the disk of the file, in bytes. Throws `STORE_FULL` where there is less than `wantedBytes`. */
export async function assertRoom(file: string, wantedBytes = ROOM_BYTES): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  const free = bavail * bsize;
  if (free < wantedBytes) throw new TiebackError('STORE_FULL', { file });
  return free;
}

/** Says that there is a store, also when its file is not there any more. */
export const markerOf = (file: string): string => `${file}.marker`;

const MARKER = `Tieback has its store beside this file. While this file is here, an empty store in its place is refused: it would know of no
links, plans or decisions. docs/operator-guide.md, "the store is gone", tells what to do.
`;

/** Leaves the marker of a store that is complete. Safe to repeat. */
export function leaveMarker(file: string): void {
  if (!existsSync(markerOf(file))) writeFileSync(markerOf(file), MARKER, { mode: 0o600 });
}

/** Throws `STORE_EMPTIED` where a store was and no file, or an empty one, is now. */
export function assertNotRemoved(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) assertNoMarker(file, 'no file');
  if (size === 0) assertNoMarker(file, 'an empty file');
}

/** Throws `STORE_EMPTIED` where a store was, and `what` is now. */
export function assertNoMarker(file: string, what: string): void {
  if (existsSync(markerOf(file))) throw new TiebackError('STORE_EMPTIED', { file, what });
}
