import { isTiebackError, TiebackError } from '../domain/base/errors';

/** Turns what SQLite says about its surroundings into an error of ours; everything else passes unchanged. */
export function toStoreError(error: unknown, file: string | null): unknown {
  if (isTiebackError(error)) return error;
  if (codeOf(error) === 'SQLITE_FULL') {
    return new TiebackError('STORE_FULL', { file: file ?? 'in memory' }, { cause: error });
  }
  return error;
}

/** Whether another program had the file locked. */
export const isLocked = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');

/** TypeORM wraps the driver's error and copies its fields. Read from the field: the native driver has one error class per process. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
