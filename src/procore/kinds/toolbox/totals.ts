import { isDecimal, roundTo, sameAmount, subtract, sum } from '../../../domain/base/money';
import type { Warning, WarningCode } from '../../../domain/base/warning';
import { warning } from '../../../domain/base/warning';
import { shorten } from '../../../domain/base/text';

/**
 * "Amount" of an invoice is what is billed in its period before retainage, and the payment due is that less the retainage held in the period
 * plus the retainage released in it. Both are summed exactly from the lines: totals to date are not the same thing.
 */
export function totalsOf(
  lines: readonly {
    readonly amount: string;
    readonly held: string | null;
    readonly released: string | null;
  }[],
): { readonly amount: string; readonly retainage: string; readonly amountDue: string } {
  const amount = sum(lines.map((line) => line.amount));
  const retainage = sum(lines.map(({ held }) => held ?? '0'));
  const released = sum(lines.map((line) => line.released ?? '0'));
  return { amount, retainage, amountDue: sum([subtract(amount, retainage), released]) };
}

/**
 * Materials stored in the period: what is stored now less what was stored before (column F of the continuation sheet is a balance). Materials
 * put in place in the period leave it again; those moved to the work of earlier applications were billed there, and are no credit.
 */
export const storedThisPeriod = (now: string | null, before: string | null, moved: string | null): string =>
  sum([subtract(now ?? '0', before ?? '0'), moved ?? '0']);

/** What Procore shows beside what its parts make. Null: it shows nothing there, and nothing is compared. */
interface Compared {
  /** For people: `grand total`. */
  readonly name: string;
  readonly shown: string | null | undefined;
  readonly made: string;
  /** What makes the figure, for people: `the lines make`. */
  readonly by?: string;
  /** May be in the figure or not. */
  readonly tax?: string;
}

/**
 * Figures of one record that Procore shows more than once, held against each other. What differs becomes a warning with both figures; of many
 * lines with the same fault the first is told and the others are counted.
 */
export class Checks {
  private readonly found = new Map<string, { readonly code: WarningCode; text: string; more: number }>();

  /** An exact figure. */
  total(where: string, { name, shown, made, by = 'the lines make', tax = '0' }: Compared): void {
    if (typeof shown !== 'string' || sameAmount(shown, made)) return;
    const figures = `${where}Procore shows the ${name} ${shown}; ${by} ${made}`;
    if (!sameAmount(tax, '0') && sameAmount(shown, sum([made, tax]))) {
      this.add('tax_not_in_total', name, `${figures}: the difference is tax of ${tax}.`);
      return;
    }
    this.add('total_differs', name, `${figures} (difference ${subtract(shown, made)}).`);
  }

  /** A figure as Procore writes it for people, such as `$16,605.00`: as exact as it is written. */
  formatted(where: string, { name, shown, made, by = 'the lines make' }: Compared): void {
    if (typeof shown !== 'string') return;
    const [amount, ...others] = amountsIn(shown);
    if (amount === undefined) {
      const words = `${where}The ${name} "${shorten(shown, 40)}" of Procore cannot be compared with ${made}.`;
      this.add('total_differs', name, words);
      return;
    }
    if ([amount, ...others].some((possible) => isWrittenAs(made, possible))) return;
    this.add('total_differs', name, `${where}Procore shows the ${name} ${shown}; ${by} ${made}.`);
  }

  /** More than there is, on the side of zero that the limit is on. */
  limit(
    where: string,
    name: string,
    value: string,
    limit: string | null | undefined,
    of = 'contract line',
  ): void {
    if (typeof limit !== 'string' || !isBeyond(value, limit)) return;
    const words = `${where}${name} of ${value} is more than the ${limit} of the ${of}.`;
    this.add('exceeds_contract', name, words);
  }

  add(code: WarningCode, about: string, text: string): void {
    const key = `${code}/${about}`;
    const known = this.found.get(key);
    if (known === undefined) this.found.set(key, { code, text, more: 0 });
    else known.more += 1;
  }

  get warnings(): readonly Warning[] {
    return [...this.found.values()].map(({ code, text, more }) =>
      warning(code, more === 0 ? text : `${text} (And ${more} more like this.)`),
    );
  }
}

const isBeyond = (value: string, limit: string): boolean => {
  const rest = subtract(limit, value);
  return limit.startsWith('-') ? !rest.startsWith('-') && rest !== '0' : rest.startsWith('-');
};

/** As exact as it is written. */
const isWrittenAs = (made: string, amount: string): boolean =>
  sameAmount(amount, roundTo(made, amount.split('.')[1]?.length ?? 0));

/**
 * The amount in a text for people: `$16,605.00`, `CA$1,200`, `(5.00)`, `-$5.00`, `1.234,50 €`. A last separator with other than three digits
 * after it is the decimal one; one with three may be either (`$0.125`, `$1,200`), and both readings are answered. Empty: no amount.
 */
export function amountsIn(text: string): readonly string[] {
  const bare = text.normalize('NFKC').replace(/[\s\p{Sc}\p{L}'’]/gu, '');
  const [, before, digits = '', after] = /^([(+−-]*)(\d+(?:[.,]\d+)*)([)−-]*)$/u.exec(bare) ?? [];
  if (digits === '') return [];
  const isNegative = /[(−-]/u.test(`${before}${after}`);
  const parts = digits.split(/[.,]/);
  const last = parts.at(-1) ?? '';
  const separators = new Set(digits.replace(/\d/g, ''));
  const hasFraction = parts.length > 1 && (last.length !== 3 || separators.size > 1);
  const mayHaveOne = parts.length === 2 && last.length === 3 && separators.size === 1;
  const read = (withFraction: boolean): string => {
    const whole = (withFraction ? parts.slice(0, -1) : parts).join('');
    return `${isNegative ? '-' : ''}${whole}${withFraction ? `.${last}` : ''}`;
  };
  return [read(hasFraction), ...(mayHaveOne ? [read(true)] : [])].filter(isDecimal);
}

/** Signs that stand for one currency alone: a bare `$` does not. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/CA?\$/, 'CAD'],
  [/AU?\$/, 'AUD'],
  [/NZ\$/, 'NZD'],
  [/MX\$/, 'MXN'],
  [/US\$/, 'USD'],
  [/€/, 'EUR'],
  [/£/, 'GBP'],
];

/** The currency that a figure for people names; null: it names none. */
export const currencyIn = (text: string | null): string | null =>
  SIGNS.find(([sign]) => text !== null && sign.test(text))?.[1] ?? null;
