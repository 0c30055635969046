import type { KindDefinition } from './definition';
import type { CanonicalRecord } from './record';
import { textIn } from './record';

const LEGAL_FORMS = new Set(
  'llc inc incorporated corp corporation co company ltd limited lp llp plc pllc gmbh'.split(' '),
);

/**
 * A company name for comparison only: no case, accents, punctuation or legal form. "Cobalt Mechanical, L.L.C." and
 * "COBALT MECHANICAL LLC" are equal.
 */
export function normaliseName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[.'’]/g, '')
    .replace(/&/g, ' and ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const core = words.filter((word) => !LEGAL_FORMS.has(word));
  return (core.length === 0 ? words : core).join(' ');
}

/** Digits of a phone number without the North American country code; null: too few digits to say anything. */
export function phoneDigits(value: string | null): string | null {
  const digits = (value ?? '').replace(/\D/g, '');
  const local = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return local.length < 7 ? null : local;
}

/** Text that two records share whatever its case; null when there is none. */
export const sharedText = (value: string | null): string | null => {
  const key = value?.trim().toUpperCase() ?? '';
  return key === '' ? null : key;
};

/** What speaks for two records being the same, surest first. */
const REASONS = ['same name', 'same e-mail', 'same phone'] as const;

/** What a record is compared by, surest first: name, e-mail and phone, normalised. Null: says nothing. */
export function likenessKeys(
  { likeness }: Pick<KindDefinition, 'likeness'>,
  record: CanonicalRecord,
): readonly (string | null)[] {
  if (likeness === undefined) return [];
  const keyOf = (field: string | undefined, key: (value: string) => string | null): string | null =>
    field === undefined ? null : key(textIn(record, field)) || null;
  return [
    keyOf(likeness.name, normaliseName),
    keyOf(likeness.email, sharedText),
    keyOf(likeness.phone, phoneDigits),
  ];
}

/** Why two records may be the same, surest first: `same name`, `same e-mail`, `same phone`. Empty: nothing speaks for it. */
export function likenessOf(
  definition: Pick<KindDefinition, 'likeness'>,
  a: CanonicalRecord,
  b: CanonicalRecord,
): readonly string[] {
  const others = likenessKeys(definition, b);
  return likenessKeys(definition, a).flatMap((key, index) =>
    key !== null && key === others[index] ? REASONS.slice(index, index + 1) : [],
  );
}
