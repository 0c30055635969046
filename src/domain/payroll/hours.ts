/*
 * Hours are exact: seconds inside, because a minute (60) and a hundredth of an hour (36) are both whole seconds; hundredths where they are printed.
 */

/** Time worked, in whole seconds. */
export type Seconds = number;
/** What payroll prints, in whole hundredths of an hour. */
export type Hundredths = number;

export const SECONDS_PER_HUNDREDTH = 36;

/** How a source writes hours; it is declared, never guessed: `8:30` is 510 minutes, `8.30` is 8.3 hours. */
export const HOURS_FORMATS = ['decimal', 'h:mm'] as const;
export type HoursFormat = (typeof HOURS_FORMATS)[number];

const DECIMAL_HOURS = /^(-?)(\d{1,6})(?:\.(\d{1,12}))?$/;
const HOURS_AND_MINUTES = /^(-?)(\d{1,6}):([0-5]\d)$/;

/** Reads hours as their source declares them, to the nearest second. Null: they are not written that way. */
export function parseHours(text: string, format: HoursFormat = 'decimal'): Seconds | null {
  const [, sign, whole = '', rest = ''] =
    (format === 'decimal' ? DECIMAL_HOURS : HOURS_AND_MINUTES).exec(text.trim()) ?? [];
  if (sign === undefined) return null;
  const seconds = Number(whole) * 3600 + (format === 'decimal' ? secondsOfFraction(rest) : Number(rest) * 60);
  return sign === '-' && seconds !== 0 ? -seconds : seconds;
}

function secondsOfFraction(digits: string): Seconds {
  const unit = 10n ** BigInt(digits.length);
  return Number((BigInt(digits || '0') * 7200n + unit) / (2n * unit));
}

/** Decimal text with two places: `8.25`, `-0.50`. */
export function hoursText(hundredths: Hundredths): string {
  const digits = String(Math.abs(hundredths)).padStart(3, '0');
  return `${hundredths < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reads printed hours. Throws on what is no whole hundredth of an hour: nobody may round what payroll printed. */
export function hundredthsOf(text: string): Hundredths {
  const [, sign, whole = '', fraction = ''] = DECIMAL_HOURS.exec(text) ?? [];
  if (sign === undefined || /[^0]/.test(fraction.slice(2)))
    throw new RangeError(`"${text}" is not hours with two decimals`);
  const hundredths = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, '0'));
  return sign === '-' && hundredths !== 0 ? -hundredths : hundredths;
}

/** The sum of printed hours. */
export const addHours = (texts: Iterable<string>): string => {
  let total = 0;
  for (const text of texts) total += hundredthsOf(text);
  return hoursText(total);
};
