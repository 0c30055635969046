import { z } from 'zod';
import type { RefTarget } from '../../domain/kinds';
import { LINE_KINDS } from '../../domain/kinds';
import type { SecretColumns } from '../sql/model';

/** Words of SQL that no table or column can be called without quotes. */
const RESERVED = new Set(
  'add all alter and any as asc between by case check column commit constraint create cross current database default delete desc distinct drop else end exec exists file foreign from full function grant group having identity in index inner insert into is join key left like merge not null of off on open option or order outer percent plan primary proc procedure public read references return right rollback rule save schema select set table then to top transaction trigger union unique update user values view when where with'.split(
    ' ',
  ),
);

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name that stands in SQL as it is: nothing of a definition is ever run as SQL. */
const isName = (name: string): boolean => PLAIN.test(name) && !RESERVED.has(name.toLowerCase());

const NAME_WANTED =
  'a plain name of letters, digits and underscores that is no word of SQL; for another one make a view that renames it';

/** A column. */
const column = z.string({ error: 'the name of a column' }).refine(isName, NAME_WANTED);

/** A table or view, or a procedure; with its schema where it needs one (`dbo.Vendors`). */
const object = z
  .string({ error: 'a name, such as dbo.vendors' })
  .refine((name) => name.split('.').length <= 2 && name.split('.').every(isName), NAME_WANTED);

/** A value as it stands in a column. */
const value = z.union([z.string().regex(/^[^'@]*$/, "no ' and no @"), z.int()], {
  error: "a text (without ' and @) or a whole number, as it stands in the column",
});
const values = z.union([value.transform((one) => [one]), z.array(value).min(1)], {
  error: "a value (a text without ' and @, or a whole number) as it stands in the column, or a list of them",
});

const FIELD = z.strictObject(
  {
    column,
    /** Digits behind the point, of money, quantities and percentages. Default: that of the field (2; quantities 4, unit costs 5). */
    decimals: z.int().min(0).max(10).optional(),
    /** It is the whole number that is also the key. */
    number: z.boolean().default(false),
    /** Of flags: the values that mean yes and no; the first of each is written. */
    yes: values.optional(),
    no: values.optional(),
    /** Word of Tieback → value in the column. */
    codes: z.record(z.string(), value.transform(String)).optional(),
    /** Of references: the column of the other table that this one holds, where that is not its key. */
    by: column.optional(),
    /** Name of a mask under `masks`. */
    mask: z.string().optional(),
    /** No two records have the same. */
    unique: z.boolean().default(false),
  },
  {
    error: ({ code }) => (code === 'invalid_type' ? 'the name of a column, or { column, ... }' : undefined),
  },
);

/** `column`, or more about it. */
const field = z.preprocess((given) => (typeof given === 'string' ? { column: given } : given), FIELD);

const STATE = z
  .strictObject({
    column,
    active: values,
    void: values.optional(),
  })
  .describe('whatever is neither active nor void is inactive');

const TABLE = {
  /** Table or view. */
  table: object,
  /** Column that identifies a row for good: a number, or a text (`keyForm: text`). */
  key: column,
  keyForm: z.enum(['number', 'text']).default('number'),
  /** Columns that tell these rows from others in the table, and are filled so in new ones. */
  fixed: z.record(column, value).default({}),
  /** Columns of new rows that no field fills. */
  defaults: z.record(column, value).default({}),
  fields: z.record(z.string(), field),
  /** Absent: all are active. */
  state: STATE.optional(),
  /** Columns of the table that nothing may name: tax ids, bank accounts, pay rates. */
  secret: z.array(column).default([]),
  /** Nothing of it is written. */
  readOnly: z.boolean().default(false),
};

const LINE = z
  .strictObject({
    ...TABLE,
    /** Column with the key of the record. */
    parent: column,
    /** Column that keeps the number of the line. */
    numberColumn: column.optional(),
    /** Or the field whose value is its number. */
    numberField: z.string().optional(),
  })
  .refine(({ numberColumn, numberField }) => (numberColumn === undefined) !== (numberField === undefined), {
    path: ['numberColumn'],
    error: 'what numbers the lines: `numberColumn`, or `numberField`, one of the two',
  });

const CHANGES = z.discriminatedUnion(
  'by',
  [
    /** A whole number that every change of the row, and of its lines, sets to the next value of a counter, one writer at a time. */
    z.strictObject({ by: z.literal('counter'), column, counterTable: object, counterColumn: column }),
    /** The time of the last change, ISO 8601 or datetime; `overlapSeconds` is longer than any transaction of the ERP. */
    z.strictObject({
      by: z.literal('modified'),
      column,
      overlapSeconds: z.int().min(0).max(86_400).default(600),
    }),
    /** `rowversion` of SQL Server. */
    z.strictObject({ by: z.literal('rowversion'), column }),
    /** Change Tracking of SQL Server, on for the database and the tables. */
    z.strictObject({ by: z.literal('changeTracking') }),
    /** Everything is read and compared every time. */
    z.strictObject({ by: z.literal('sweep') }),
  ],
  { error: '`by`: counter, modified, rowversion, changeTracking or sweep' },
);

const NUMBERING = z
  .strictObject({
    field: z.string(),
    /** A row for every owner: the next number, and the ends of the range. */
    counter: z.strictObject({ table: object, next: column, from: column, to: column }).optional(),
    /** Without a counter: one above the highest of this range. */
    range: z.strictObject({ from: z.int().min(1), to: z.int().min(1) }).optional(),
  })
  .refine(({ counter, range }) => (counter === undefined) !== (range === undefined), {
    error: '`counter` or `range`, one of the two',
  });

const PROCEDURE = z.strictObject({
  /** Called for every new record. SQLite has none: there it is a view with a trigger INSTEAD OF INSERT. */
  procedure: object,
  /** Parameter, without @, → column of the table whose value it takes. */
  parameters: z.record(column, column),
  /** OUTPUT parameter that answers the key of the new row. Not on SQLite. */
  returns: column.optional(),
});

const KIND = z.strictObject({
  ...TABLE,
  /** Column that says whose a row is, and the value of this company. */
  owner: z.strictObject({ column, value }),
  /** For people; default: that of the kind. */
  noun: z.string().min(1).optional(),
  /** Fields that make the number of a record its own. Default: `code`. */
  same: z.array(z.string()).default(['code']),
  numbering: NUMBERING.optional(),
  /** Of vendors, the column with the tax id. It is secret like those of `secret`, and only read where the connection pairs vendors by it. */
  taxId: column.optional(),
  /** Absent: rows are inserted into the table. Changes always go into the table. */
  write: PROCEDURE.optional(),
  lines: z.record(z.string(), LINE).default({}),
  changes: CHANGES.optional(),
});

/** What a definition file holds: an ERP as data. */
export const DEFINITION = z.strictObject({
  /** Product and version, for people. */
  product: z.string().min(1),
  company: z.strictObject({
    /** Number or code of the company. */
    code: z.coerce.string().regex(/^[^|\s/]+$/, 'no blanks, bars and slashes'),
    name: z.string().min(1),
  }),
  /** ISO 4217, of all amounts. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'a currency, such as USD')
    .optional(),
  /** Parts of codes, by name. */
  masks: z
    .record(
      z.string(),
      z
        .array(
          z.strictObject({
            width: z.int().min(1).max(50),
            justify: z.enum(['left', 'right']).default('left'),
            optional: z.boolean().default(false),
            characters: z.enum(['digits', 'alphanumeric']).default('digits'),
            separator: z.string().max(3).default(''),
          }),
        )
        .min(1),
    )
    .default({}),
  changes: CHANGES,
  kinds: z.record(z.string(), KIND),
});

/** Keys from the top of a definition to a place in it. */
export type Path = readonly (string | number)[];

export type Definition = z.infer<typeof DEFINITION>;
export type KindPart = z.infer<typeof KIND>;
export type LinePart = z.infer<typeof LINE>;
export type FieldPart = z.infer<typeof FIELD>;
export type ChangesPart = z.infer<typeof CHANGES>;

/** Where records or lines of one sort lie; undefined: nowhere. */
export const partOf = (
  { kinds }: Pick<Definition, 'kinds'>,
  target: RefTarget,
): KindPart | LinePart | undefined =>
  (LINE_KINDS as readonly string[]).includes(target)
    ? Object.values(kinds).flatMap(({ lines }) => lines[target] ?? [])[0]
    : kinds[target];

/** Table → its secret columns, wherever they were named. */
export function secretsOf({ kinds }: Pick<Definition, 'kinds'>): SecretColumns {
  const parts = Object.values(kinds).flatMap((kind) => [
    kind,
    ...(kind.taxId === undefined ? [] : [{ table: kind.table, secret: [kind.taxId] }]),
    ...Object.values(kind.lines),
  ]);
  const secrets = new Map<string, readonly string[]>();
  for (const { table, secret } of parts)
    if (secret.length > 0) secrets.set(table, [...new Set([...(secrets.get(table) ?? []), ...secret])]);
  return Object.fromEntries(secrets);
}
