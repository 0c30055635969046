import { useSyncExternalStore } from 'react';

const KEY = 'desk-zone';

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone that somebody chose here; null: none, that of the browser counts. */
export function chosenZone(): string | null {
  const chosen = stored(KEY);
  return chosen !== null && isZone(chosen) ? chosen : null;
}

/** The zone in which moments are told. */
export const zone = (): string => chosenZone() ?? browserZone();

const watchers = new Set<() => void>();

/** Null: that of the browser again. */
export function chooseZone(name: string | null): void {
  if (name === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, name);
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent): void => {
    if (key === KEY) watcher();
  };
  watchers.add(watcher);
  window.addEventListener('storage', elsewhere);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener('storage', elsewhere);
  };
}

/** The same for a page: it is drawn again with everything on it when another zone is chosen, here or in another tab. */
export const useZone = (): string => useSyncExternalStore(watch, zone);

export const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** `2026-11-30 14:05` in the chosen zone. */
export function moment(iso: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone(),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(iso));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}

/** `14:05:09` in the chosen zone: something is about to happen. */
export const clock = (iso: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone(), timeStyle: 'medium', hourCycle: 'h23' }).format(
    new Date(iso),
  );

/** Business dates are what they say: they have no zone and pass through none. */
export const businessDate = (date: string): string => date;

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `3 d 4 h`, `25 min`: how long something takes or is ago. */
export function span(ms: number): string {
  if (ms < 60_000) return '< 1 min';
  const words: string[] = [];
  let rest = ms;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}`);
    if (words.length === 2 || (words.length === 1 && unit === 'h' && count >= 10)) break;
  }
  return words.slice(0, 2).join(' ');
}

export const ageOf = (iso: string, now: number): string => span(Math.max(0, now - Date.parse(iso)));
