import type { RequestStatus } from '../domain/request/status';
import type { Paint } from './paint';

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** How long ago, in one unit: `42 s`, `3 min`, `5 h`, `12 d`. */
export function age(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(iso)) / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** `2026-03-09 15:22:41Z`: UTC, because several people in several places read it. */
export const time = (iso: string): string => iso.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, 'Z');

/** The same moment by the clocks of a time zone, without its name. `zone`: IANA name. */
export function timeIn(zone: string): (iso: string) => string {
  if (zone === 'UTC') return (iso) => time(iso).slice(0, -1);
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (iso) => clock.format(new Date(iso));
}

/** `America/Los_Angeles (GMT-8)`: a time zone as it is told once. */
export function zoneWords(zone: string, at: Date): string {
  if (zone === 'UTC') return zone;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'shortOffset',
  }).formatToParts(at);
  return `${zone} (${parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''})`;
}

/** First line of a text, cut to a width. */
export function shorten(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1)).trimEnd()}…`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Enough of a hash to tell it from others; `--plan` takes no less. */
export const shortHash = (hash: string): string => hash.slice(0, 12);

/** `waiting for finance`, as people say it. */
export const statusWords = (status: RequestStatus): string => status.replaceAll('_', ' ');

export function paintStatus(paint: Paint, status: RequestStatus): string {
  const words = statusWords(status);
  switch (status) {
    case 'waiting_for_finance':
    case 'busy':
    case 'held':
      return paint.yellow(words);
    case 'parked':
    case 'failed':
      return paint.red(words);
    case 'applied':
      return paint.green(words);
    case 'rejected':
      return paint.magenta(words);
    case 'received':
    case 'planning':
    case 'applying':
      return paint.cyan(words);
  }
}

/** A value of a record, for people. */
export const showValue = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
};
