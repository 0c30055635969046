import type { FieldSpec } from '../sql/model';
import { foldText } from '../../domain/base/text';
import { fitDecimal } from '../../domain/kinds/column-rules';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import { computed, date, text } from '../sql/fields';
import { refused } from '../sql/refusals';

/** Text of a varchar column. SQL Server would store a question mark for what its code page lacks. */
export const varchar = (column: string): FieldSpec => {
  const plain = text(column);
  return {
    ...plain,
    write(value, around) {
      const given = String(plain.write(value, around));
      for (const line of given.split('\n')) {
        const { text: folded, impossible } = foldText(line, 'cp1252');
        if (impossible.length > 0 || folded !== line.normalize('NFC'))
          refused(`"${given}" has characters that ${column} cannot store`);
      }
      return given;
    },
  };
};

/** An exact number. SQL Server would round what has more decimals. */
export const exact = (column: string, decimals: number, digits = 12): FieldSpec => ({
  ...text(column),
  form: 'decimal',
  read: (value) => (value === null ? null : (fitDecimal(String(value), decimals) ?? String(value))),
  write(value) {
    const fitted = typeof value === 'string' ? fitDecimal(value, decimals) : null;
    if (fitted === null)
      return refused(`"${String(value)}" is not a number with at most ${decimals} decimals`);
    if (fitted.replace(/[-.]/g, '').length > digits) refused(`${fitted} is too large for ${column}`);
    return fitted.replace(/^-(0\.0*)$/, '$1');
  },
});

export const dollars = (column: string): FieldSpec => exact(column, 2);
export const units = (column: string): FieldSpec => exact(column, 3);
export const unitCost = (column: string): FieldSpec => exact(column, 5, 16);

/** A whole number that people give out. */
export const whole = (column: string, most: number): FieldSpec => ({
  ...text(column),
  write: (value) =>
    typeof value === 'string' && /^[1-9]\d*$/.test(value) && Number(value) <= most
      ? Number(value)
      : refused(`"${String(value)}" is not a number from 1 to ${most} for ${column}`),
  rule: (rule) =>
    rule === undefined
      ? null
      : {
          maxLength: String(most).length,
          unit: 'characters',
          charset: 'ascii',
          required: true,
          pattern: { source: '^[1-9][0-9]*$', explains: `it is a number from 1 to ${most}` },
        },
});

/** A word that the place of a record stands for. */
export const word = (column: string, value: string, all: readonly string[]): FieldSpec => ({
  ...text(column),
  select: `'${value}'`,
  computed: true,
  rule: () => closed(all),
});

/**
 * The date that decides the month of a batch. Vista keeps the month, not the day: it is not read back.
 */
export const accountingDate = (table: string, column: string): FieldSpec => ({
  ...computed('NULL', date(column)),
  ruleOf: [table, column],
});

/** A closed list of words. */
export const closed = (words: readonly string[]): ColumnRule => ({
  maxLength: Math.max(...words.map(({ length }) => length)),
  unit: 'characters',
  charset: 'ascii',
  required: false,
  allowed: words,
});
