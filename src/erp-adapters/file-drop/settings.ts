import { z } from 'zod';
import { issueLines } from '../../domain/base/issue-words';
import type { Kind } from '../../domain/kinds';
import { definitionOf, isKind, KINDS } from '../../domain/kinds';
import type { SettingsReading } from '../contract/definition';
import type { Layout } from './layout';
import { PAYROLL } from './payroll/settings';
import { bodyOf, fieldsOf, LAYOUT, layoutProblems, lineKindsOf, recordAt } from './layout';

const ARRIVING = {
  ...LAYOUT,
  /** Names of the files in their folder: `vendors*.csv`. What is called otherwise is left alone. */
  files: z.string().regex(/^[^/\\]+$/),
  /**
   * How a file shows that it is whole: `trailer`, its end counts its records; `sidecar`, `<file>.sha256` beside it; `renamed`, the ERP writes it under
   * another name, which `files` does not match, and renames it.
   */
  complete: z.enum(['trailer', 'sidecar', 'renamed']),
};

const INCOMING = z.strictObject({
  ...ARRIVING,
  /** `all`: every record there is, what is missing is gone. `changes`: those that changed. */
  content: z.enum(['all', 'changes']),
});

const OUTGOING = z.strictObject({
  ...LAYOUT,
  /** Name of the file in `out/`, with `{reference}` (our key) and, if the ERP's program takes files by name, `{sequence}`. */
  file: z
    .string()
    .regex(/^[^/\\]+$/)
    .refine(
      (name) => name.includes('{reference}'),
      'it must have {reference}, so that no two documents have one name',
    )
    .default('{sequence}-{reference}.txt'),
  /** What a change of a record looks like: only what changes (empty columns stay as they are), all that is known, or it cannot be carried. */
  updates: z.enum(['changed', 'whole', 'none']),
  /** The text of a column that a change empties; without it, no change can empty a column. */
  emptied: z.string().min(1).optional(),
  /** `sidecar`: `<file>.sha256` is put beside it first. */
  checksum: z.enum(['sidecar', 'none']).default('none'),
});

const KIND = z.strictObject({
  /** `number`: the record brings its number, which is its key. `erp`: the ERP gives it out, and its answer brings it. */
  numbers: z.enum(['number', 'erp']).default('number'),
  /** Header fields that no two records have alike: the number of a change order is unique within its contract. */
  number: z.array(z.string()).min(1).default(['code']),
  incoming: INCOMING,
  /** Absent: such records are only entered in the ERP. */
  outgoing: OUTGOING.optional(),
});

const ANSWER = z.strictObject(ARRIVING);

const SETTINGS = z.strictObject({
  /** The drop folder. */
  folder: z.string().min(1),
  /** Code of the company in the ERP: begins every key. */
  company: z.string().regex(/^[^|\s/]+$/, 'no blanks, bars and slashes'),
  companyName: z.string().min(1),
  /** Product and version, for people. */
  product: z.string().min(1),
  /** The one currency of the company, ISO 4217. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  /** `tieback doctor` warns of documents without an answer after so many hours. */
  answerWithinHours: z.number().positive().default(24),
  answers: z.strictObject({
    /** Files in `ack/`. */
    acknowledged: ANSWER,
    /** Files in `rejected/`. */
    rejected: ANSWER,
  }),
  layouts: z.partialRecord(z.enum(KINDS), KIND),
  /** Timecards. Absent: the folder carries none. */
  payroll: PAYROLL.optional(),
});

/** Settings of a connection through a drop folder. */
export type FileDropSettings = z.infer<typeof SETTINGS>;
export type KindLayout = z.infer<typeof KIND>;
export type Incoming = z.infer<typeof INCOMING>;
export type Arriving = z.infer<typeof ANSWER>;
export type Outgoing = z.infer<typeof OUTGOING>;

export function readSettings(raw: unknown): SettingsReading<FileDropSettings> {
  const { success, data, error } = SETTINGS.safeParse(raw);
  const problems = success ? settingsProblems(data) : issueLines(error.issues, raw, 'settings');
  return success && problems.length === 0 ? { ok: true, settings: data } : { ok: false, problems };
}

function settingsProblems({ answers, layouts }: FileDropSettings): readonly string[] {
  const kept = new Set<string>(Object.keys(layouts));
  const ofKinds = KINDS.flatMap((kind) => {
    const layout = layouts[kind];
    return layout === undefined
      ? []
      : kindProblems(kind, layout, kept).map((why) => `layouts.${kind}.${why}`);
  });
  const ofAnswers = Object.entries(answers).flatMap(([name, layout]) =>
    answerProblems(layout, name === 'rejected').map((why) => `answers.${name}.${why}`),
  );
  return [...ofKinds, ...ofAnswers];
}

const valuesIn = (layout: Layout): readonly string[] =>
  bodyOf(layout).flatMap(({ columns }) =>
    columns.flatMap(({ value }) => (value === undefined ? [] : [value])),
  );

function completeProblems(layout: Arriving): readonly string[] {
  const end = recordAt(layout, 'end');
  return layout.complete === 'trailer' && !end?.columns.some(({ value }) => value === 'count')
    ? ['records: an end with the count of records is needed where complete is "trailer"']
    : [];
}

function answerProblems(layout: Arriving, isRejection: boolean): readonly string[] {
  const problems = [...layoutProblems(layout, null), ...completeProblems(layout)];
  const values = valuesIn(layout);
  if (!values.includes('reference') && !values.includes('sequence'))
    problems.push('records: a column with our key is needed (reference, or sequence)');
  if (isRejection && !values.includes('message'))
    problems.push("records: a column with the ERP's words is needed (message)");
  if (bodyOf(layout).some(({ at }) => at !== 'record'))
    problems.push('records: answers are of the sort "record"');
  return problems;
}

function kindProblems(
  kind: Kind,
  { numbers, number, incoming, outgoing }: KindLayout,
  kept: ReadonlySet<string>,
): readonly string[] {
  const definition = definitionOf(kind);
  const read = fieldsOf(incoming, definition);
  const written = outgoing === undefined ? [] : fieldsOf(outgoing, definition);
  const has = (fields: typeof read, name: string): boolean =>
    fields.some((one) => one.isHeader && one.name === name);
  const problems = [
    ...[...layoutProblems(incoming, definition), ...completeProblems(incoming)].map(
      (why) => `incoming.${why}`,
    ),
    ...(outgoing === undefined ? [] : layoutProblems(outgoing, definition).map((why) => `outgoing.${why}`)),
  ];
  for (const field of number) {
    if (!has(read, field))
      problems.push(`incoming.records: there is no column for ${field}, which records are known by`);
    if (outgoing !== undefined && numbers === 'number' && !has(written, field))
      problems.push(`outgoing.records: there is no column for ${field}, which records are known by`);
  }
  if (numbers === 'erp' && outgoing !== undefined && !valuesIn(outgoing).includes('key'))
    problems.push(
      'outgoing.records: a column with our key of the record is needed (value: key), because the ERP gives out the number',
    );
  const both = [...read, ...written];
  for (const [name, { required }] of Object.entries(definition.fields))
    if (required && !has(read, name)) problems.push(`incoming.records: there is no column for ${name}`);
  if (outgoing !== undefined)
    for (const { name, isHeader, at } of read)
      if (
        !written.some((one) => one.name === name && one.isHeader === isHeader && (isHeader || one.at === at))
      )
        problems.push(
          `outgoing.records: there is no column for ${name} (${at}), which is read: a change of it could not be written`,
        );
  for (const { name, definition: of, at } of both) {
    const target = of.refersTo;
    if (target === undefined) continue;
    const owners = KINDS.filter((one) => Object.hasOwn(definitionOf(one).lines, target));
    const wanted = isKind(target) ? [target] : owners;
    if (!wanted.some((one) => kept.has(one)))
      problems.push(`records: ${name} (${at}) refers to ${target}, of which there is no layout`);
  }
  for (const line of outgoing === undefined ? [] : lineKindsOf(outgoing))
    if (!lineKindsOf(incoming).includes(line))
      problems.push(`incoming.records: there is none for ${line}, which is written`);
  return [...new Set(problems)];
}
