import { parting, shorten } from '../../../domain/base/text';
import { ensureNone } from './kit';

/**
 * Every difference between two values, by its path: `fields.name is "B", not "A"`. In whatever order an object has its parts; the order of a list
 * counts. Empty: they are the same.
 */
export function unlike(found: unknown, wanted: unknown, path = ''): readonly string[] {
  if (isObject(found) && isObject(wanted)) {
    const parts = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
    return parts.flatMap((part) => unlike(found[part], wanted[part], path === '' ? part : `${path}.${part}`));
  }
  return found === wanted ? [] : [`${path === '' ? 'it' : path} is ${notThe(found, wanted)}`];
}

export const same = (found: unknown, wanted: unknown): boolean => unlike(found, wanted).length === 0;

/** Fails the question unless they are the same. */
export const ensureSame = (found: unknown, wanted: unknown, otherwise: string): void =>
  ensureNone(unlike(found, wanted), `${otherwise}: `);

/** `"B", not "A"`, with their code points where they look alike. */
export const notThe = (found: unknown, wanted: unknown): string => {
  const areTexts = typeof found === 'string' && typeof wanted === 'string';
  return `${quoted(found)}, not ${quoted(wanted)}${areTexts ? parting(found, wanted) : ''}`;
};

const MOST_SHOWN = 100;

const quoted = (value: unknown): string =>
  value === undefined
    ? 'absent'
    : typeof value === 'string'
      ? `"${shorten(value, MOST_SHOWN)}"`
      : shorten(JSON.stringify(value), MOST_SHOWN);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
