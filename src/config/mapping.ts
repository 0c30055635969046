import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { CrossReference, FieldMapping } from '../domain/reconcile/mapping/field';
import type { Mapping } from '../domain/reconcile/mapping/mapping';
import { PLACE_TABLES } from '../domain/reconcile/mapping/places';
import { problemsOf } from '../domain/reconcile/mapping/problems';
import type { Ownership } from '../domain/reconcile/ownership';
import type { ReconciledKind } from '../domain/request/id';
import { RECONCILED_KINDS } from '../domain/request/id';

const value = z
  .string({ error: 'a value in quotes, such as "01"' })
  .min(1, 'a value is never empty; use default for what is empty');

const fieldMapping = z
  .strictObject({
    /** Value of the ERP: value of Procore. */
    values: z.record(z.string().min(1), value).optional(),
    /** The same as a file of two columns, `erp,procore`; relative to the configuration file. */
    file: z.string().min(1).optional(),
    /** A table that comes with Tieback. */
    table: z.enum(PLACE_TABLES).optional(),
    /** With `table`: what the ERP holds, codes (`WA`) or names (`Washington`). */
    erp: z.enum(['codes', 'names']).optional(),
    /** How both sides write a code. */
    mask: z.strictObject({ erp: value, procore: value }).optional(),
    /** What an empty field of the ERP means. */
    default: value.optional(),
  })
  .refine(
    ({ values, file }) => values === undefined || file === undefined,
    'values and file are one or the other',
  )
  .refine(({ table, erp }) => erp === undefined || table !== undefined, 'erp belongs to table; there is none')
  .refine((given) => Object.keys(given).length > 0, 'an empty mapping does nothing; leave it out');

/** How values of the ERP become those of Procore and back, by kind; see docs/mapping.md. */
export const mappingSection = z
  .partialRecord(
    z.enum(RECONCILED_KINDS as [ReconciledKind, ...ReconciledKind[]]),
    z.strictObject({
      fields: z.record(z.string(), fieldMapping).default({}),
      /** Which records of the ERP are carried: all of these fields hold one of the values, as the ERP holds them; `SUB*` begins so. */
      only: z
        .record(
          z.string(),
          z.array(value).min(1, 'an empty list would carry nothing; leave it out, or name at least one'),
        )
        .default({}),
    }),
  )
  .default({});

export type MappingSection = z.infer<typeof mappingSection>;

/** A file of a cross reference. */
export interface CrossReferenceFile {
  readonly kind: ReconciledKind;
  readonly field: string;
  readonly file: string;
}

/** What was read of a mapping: with problems it cannot be used. */
export interface MappingRead {
  readonly mapping: Mapping;
  readonly files: readonly CrossReferenceFile[];
  /** Sentences, each with the key below `mapping`: `vendor.fields.stateCode: ...`. */
  readonly problems: readonly string[];
}

/** The mapping that a section means, with its files read and everything checked. `pathOf`: where a file lies. */
export function readMapping(
  section: MappingSection,
  { ownership, pathOf }: { readonly ownership: Ownership; readonly pathOf: (file: string) => string },
): MappingRead {
  const problems: string[] = [];
  const files: CrossReferenceFile[] = [];
  const mapping: { -readonly [Kind in keyof Mapping]: Mapping[Kind] } = {};
  for (const kind of RECONCILED_KINDS) {
    const own = section[kind];
    if (own === undefined) continue;
    const fields = Object.entries(own.fields).map(([field, given]): [string, FieldMapping] => {
      const { values, file, table, erp = 'codes', mask, default: empty } = given;
      let pairs: readonly CrossReference[] = Object.entries(values ?? {}).map(([key, procore]) => ({
        erp: key,
        procore,
      }));
      if (file !== undefined) {
        const path = pathOf(file);
        files.push({ kind, field, file: path });
        const read = readCrossReference(path);
        pairs = read.pairs;
        problems.push(...read.problems.map((words) => `${kind}.fields.${field}.file: ${words}`));
      }
      return [
        field,
        {
          pairs,
          ...(table && { table: { name: table, erp } }),
          ...(mask && { mask }),
          ...(empty === undefined ? {} : { default: empty }),
        },
      ];
    });
    const one = { fields: Object.fromEntries(fields), only: own.only };
    mapping[kind] = one;
    for (const { path, words } of problemsOf(kind, one, ownership))
      problems.push(`${[kind, ...path].join('.')}: ${words}`);
  }
  return { mapping, files, problems };
}

/** The columns of the file of a cross reference. */
export const CROSS_REFERENCE_TITLES = ['erp', 'procore'] as const;

/** The rows of the file of a cross reference. A file with a problem is not used at all; each names its line. */
export function readCrossReference(file: string): {
  readonly pairs: readonly CrossReference[];
  readonly problems: readonly string[];
} {
  const refused = (words: string): ReturnType<typeof readCrossReference> => ({
    pairs: [],
    problems: [`${file}${words}`],
  });
  let rows: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    rows = parse(readFileSync(file, 'utf8'), {
      bom: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
      trim: true,
    }) as unknown as typeof rows;
  } catch (error) {
    if (error instanceof CsvError) return refused(`: ${error.message}`);
    return refused(` cannot be read (${(error as Error).message})`);
  }
  const [titles, ...lines] = rows;
  const wanted = CROSS_REFERENCE_TITLES.join(',');
  if (titles?.record.map((title) => title.toLowerCase()).join(',') !== wanted)
    return refused(`, line 1: the titles must be ${wanted}; found ${titles?.record.join(',') ?? 'nothing'}`);
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const pairs: CrossReference[] = [];
  for (const { record, info } of lines) {
    const [erp = '', procore = ''] = record;
    const at = `${file}, line ${info.lines}: `;
    const first = seen.get(erp);
    if (record.length !== 2)
      problems.push(`${at}two values are expected, erp and procore; found ${record.length}`);
    else if (erp === '' || procore === '')
      problems.push(`${at}${erp === '' ? 'erp' : 'procore'} is empty; give it a value or take the line out`);
    else if (first !== undefined)
      problems.push(`${at}the ERP value "${erp}" stands in line ${first} already; take one out`);
    else pairs.push({ erp, procore });
    seen.set(erp, first ?? info.lines);
  }
  return problems.length === 0 ? { pairs, problems } : { pairs: [], problems };
}
