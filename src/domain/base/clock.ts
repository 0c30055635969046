/** How far another clock is ahead of ours before somebody is told, in milliseconds. */
const WARNS_FROM_MS = 60_000;
/** From here on times in the log mislead, and signed requests may be refused. */
const FAILS_FROM_MS = 5 * 60_000;

/**
 * How far another clock is ahead of ours, in milliseconds; negative: behind. All are epoch milliseconds; `theirs` was read between `before` and
 * `after` by ours, so a difference that the time of the call explains is none.
 */
export function aheadOf(
  { before, after }: { readonly before: number; readonly after: number },
  theirs: number,
): number {
  if (theirs < before) return theirs - before;
  return theirs > after ? theirs - after : 0;
}

export const clockVerdict = (aheadMs: number): 'ok' | 'warning' | 'failed' => {
  const off = Math.abs(aheadMs);
  return off >= FAILS_FROM_MS ? 'failed' : off >= WARNS_FROM_MS ? 'warning' : 'ok';
};

/** `2 min 5 s ahead of`, `1 h 0 min behind`, `the same as`: completes "Procore's clock is ... ours". */
export function clockWords(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  // A Date of HTTP has whole seconds.
  if (seconds <= 1) return 'the same as';
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const span =
    hours > 0
      ? `${hours} h ${minutes} min`
      : minutes > 0
        ? `${minutes} min ${seconds % 60} s`
        : `${seconds} s`;
  return `${span} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
}

/** Whose clock is to be set. */
export type WrongClock = 'ours' | 'erp' | 'both' | 'one of them';

/**
 * Whose clock is wrong, where the ERP's differs from ours. Procore's is taken for right: it is the same for everybody. `procoreAheadMs` null:
 * Procore could not be asked.
 */
export function wrongClock(erpAheadMs: number, procoreAheadMs: number | null): WrongClock {
  if (procoreAheadMs === null) return 'one of them';
  const isOursRight = clockVerdict(procoreAheadMs) === 'ok';
  const isErpRight = clockVerdict(erpAheadMs - procoreAheadMs) === 'ok';
  return isOursRight ? 'erp' : isErpRight ? 'ours' : 'both';
}
