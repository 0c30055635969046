import { setTimeout as delay } from 'node:timers/promises';
import { TiebackError } from '../domain/base/errors';
import { isLocked } from './sqlite-errors';

/** How long SQLite itself may wait for a lock, in milliseconds: the whole process stands still meanwhile. */
export const DRIVER_WAIT_MS = 50;

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** Makes a call that may find the file locked. */
export type Patience = <T>(call: () => T | Promise<T>) => Promise<T>;

/**
 * Tries again, with growing pauses in which the process does other things, while another program has the file locked. Throws
 * `STORE_LOCKED` when that lasts longer than `limitMs`. A call that found the file locked must have changed nothing.
 */
export const patience =
  (file: string, limitMs: number): Patience =>
  async (call) => {
    const givesUpAt = performance.now() + limitMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await call();
      } catch (error) {
        if (!isLocked(error)) throw error;
        if (performance.now() + pauseMs > givesUpAt) {
          const seconds = Math.round(limitMs / 100) / 10;
          throw new TiebackError('STORE_LOCKED', { file, seconds }, { cause: error });
        }
        await delay(pauseMs);
      }
    }
  };
