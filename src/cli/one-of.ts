import type { Kind } from '../domain/kinds';
import { KINDS } from '../domain/kinds';
import { isSlip } from '../domain/kinds/likeness';
import { CliError } from './errors';

/** For commander. Throws `CliError` with what there is, and first what is alike. */
export function oneOf<T extends string>(what: string, names: readonly T[], given: string): T {
  const name = given.trim().toLowerCase().replaceAll('-', '_');
  const known = names.find((other) => other === name);
  if (known !== undefined) return known;
  const meant = names.filter((other) => isSlip(name, other) || other.includes(name) || name.includes(other));
  throw new CliError(`"${given}" is not ${what}.`, {
    hint: `${meant.length > 0 ? `Did you mean ${meant.slice(0, 5).join(' or ')}?\n` : ''}There are: ${names.join(', ')}.`,
  });
}

export const kindName = (name: string): Kind => oneOf('a kind of record', KINDS, name);
