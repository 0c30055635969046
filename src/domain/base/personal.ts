/*
 * Numbers of people and their banks. What Procore sends word for word is kept as evidence; these are not evidence of anything, and nobody
 * who reads our store or an export needs them.
 */

/** Names of fields whose values are such numbers, without case, underscores and dashes. Parts of one regular expression. */
export const PERSONAL_NAMES = [
  'ssn$',
  '^sin$',
  'socialsecurity',
  '^bank',
  'bank(account|routing|number)',
  'routingnumber',
  'accountnumber',
  '^iban$',
  'payrate',
] as const;

const PERSONAL_NAME = new RegExp(PERSONAL_NAMES.join('|'));

/** How a social security number of the United States is written; the ranges that were never given out (SSA: 000, 666, 9xx; 00; 0000) are none. */
const SSN = /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g;

/**
 * Where an IBAN (ISO 13616) may begin, with or without blanks between its groups, and all that may belong to it: words in capitals after it look
 * like groups. What its check digits contradict is none.
 */
const IBAN = /\b(?=([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b))/g;

/** That of Norway. */
const SHORTEST_IBAN = 15;

export const MASKED = '[masked]';

/** Text without numbers of people and their banks. */
export const maskText = (text: string): string => maskIbans(text.replace(SSN, MASKED));

function maskIbans(text: string): string {
  let masked = '';
  let from = 0;
  for (const { index, 1: found = '' } of text.matchAll(IBAN)) {
    const length = index < from ? 0 : lengthOfIban(found);
    if (length === 0) continue;
    masked += text.slice(from, index) + MASKED;
    from = index + length;
  }
  return masked + text.slice(from);
}

/** How much of the text is an IBAN, up to a blank; 0: nothing. */
function lengthOfIban(text: string): number {
  for (let end = text.length; end >= SHORTEST_IBAN; end = text.lastIndexOf(' ', end - 1))
    if (isIban(text.slice(0, end))) return end;
  return 0;
}

function isIban(text: string): boolean {
  const digits = text.replaceAll(' ', '');
  if (digits.length < SHORTEST_IBAN) return false;
  const moved = digits.slice(4) + digits.slice(0, 4);
  let rest = 0;
  for (const character of moved) {
    const value = parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/**
 * A value of JSON without numbers of people and their banks, by the name of a field and by shape. What is `carried` (any value in it, as
 * text) stays: it is shown and written, and a cost code may look like anything.
 */
export function maskPersonal<T>(value: T, carried: unknown = null): T {
  const kept = new Set<string>();
  collect(carried, kept);
  return mask(value, '', kept) as T;
}

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') into.add(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) collect(item, into);
}

function mask(value: unknown, name: string, kept: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => mask(item, name, kept));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, key, kept)]));
  }
  if ((typeof value !== 'string' && typeof value !== 'number') || kept.has(String(value))) return value;
  if (PERSONAL_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''))) return value === '' ? value : MASKED;
  return typeof value === 'string' ? maskText(value) : value;
}
