import { refused } from './errors';

/** `A...B`, with or without quotes; stored times are compared in whole seconds as they are printed. */
export function readRange(text: string): [number, number] {
  const [from, to] = text.replaceAll('"', '').split('...');
  const start = Date.parse(from ?? '');
  const end = Date.parse(to ?? from ?? '');
  if (Number.isNaN(start) || Number.isNaN(end)) throw refused(400, `Invalid range: ${text}`);
  return [start, end + 999];
}
