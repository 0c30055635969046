import type { ReconcileStanding } from '../request/flow';

/**
 * How fast a reconcile goes and how long it takes yet: `40,000 of 100,000 of the ERP read in 50 s · 800 a second · about 75 s left`. What was read is counted once
 * it was worked, or is being worked. Empty while nothing was read. `nowMs`: milliseconds since 1970.
 */
export function paceWords(
  { read, since, all }: Pick<ReconcileStanding, 'read' | 'since' | 'all'>,
  nowMs: number,
): string {
  const done = read.erp + read.procore;
  const seconds = (nowMs - since) / 1000;
  if (done === 0 || seconds < 1) return '';
  const what = all === null ? count(done) : `${count(read.erp)} of ${count(all)} of the ERP`;
  const rate = done / seconds;
  const isOpen = all !== null && read.erp > 0 && read.erp < all;
  return [
    `${what} read in ${duration(seconds)}`,
    `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))} a second`,
    ...(isOpen ? [`about ${duration(((all - read.erp) * seconds) / read.erp)} left`] : []),
  ].join(' · ');
}

const count = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
