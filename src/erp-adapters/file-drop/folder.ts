import { constants } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { Io } from '../contract/definition';

/** What is where in a drop folder. */
export const PLACES = {
  /** Documents for the ERP, which takes them away. */
  out: 'out',
  /** Acknowledgements and rejections of the ERP. */
  acknowledged: 'ack',
  rejected: 'rejected',
  /** Exports of the ERP. */
  in: 'in',
  /** What was read of those. */
  archive: 'archive',
  /** Ours. */
  ledger: 'tieback/ledger',
  tmp: 'tieback/tmp',
} as const;
export type Place = keyof typeof PLACES;

/** A drop folder; every call goes through the hook, and errors of the file system become ours. */
export class Folder {
  constructor(
    readonly root: string,
    private readonly io: Io,
  ) {}

  path(place: Place, ...names: readonly string[]): string {
    return join(this.root, PLACES[place], ...names);
  }

  async call<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.io(name, call);
    } catch (error) {
      throw ours(error, this.root);
    }
  }

  /** As `call`; the error stays as it is. */
  raw<T>(name: string, call: () => Promise<T>): Promise<T> {
    return this.io(name, call);
  }
}

const UNSET = ['EACCES', 'EPERM', 'EROFS', 'EXDEV', 'ENOENT', 'ENOTDIR'];

/** Errors of the file system as ours, with its words; anything else passes. */
export function ours(error: unknown, root: string): unknown {
  const code = codeOf(error);
  if (isTiebackError(error) || code === null) return error;
  const hint =
    code === 'ENOENT' ? ' (is the share mounted, and were the folders of the grant script made?)' : '';
  const reason = `${error instanceof Error ? error.message : code}, in the drop folder ${root}${hint}`;
  return new TiebackError(
    UNSET.includes(code) ? 'ERP_CONFIG' : 'ERP_UNREACHABLE',
    { reason },
    { cause: error },
  );
}

/** `ENOENT`; null: no error of the file system. By its fields, because errors of another realm are no instances of ours. */
export function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** Undefined where it is not there. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A new file that is on the disk when this returns. */
export async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o640);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Names made or changed in a folder are on the disk when this returns, where the system can say so. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    // Windows and some shares do not sync folders; they write names through.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EBADF', 'ENOTSUP', 'EACCES'].includes(codeOf(error) ?? ''))
      throw error;
  }
}

export { access, constants, mkdir, readdir, readFile, rename, rm, stat };
