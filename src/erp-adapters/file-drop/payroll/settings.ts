import { z } from 'zod';
import { FREQUENCIES } from '../../../domain/payroll/period';
import type { Column, Layout } from '../layout';
import { LAYOUT } from '../layout';

/** What a column of a file of timecards holds. */
export const CARD_VALUES = [
  ...(['date', 'employee', 'job', 'phase', 'earn_code', 'craft', 'class', 'shift', 'department'] as const),
  ...(['certified', 'equipment', 'hours', 'key', 'line', 'sequence', 'period_end', 'pay_group'] as const),
] as const;

const EMPLOYEE_VALUES = [
  ...(['number', 'first_name', 'last_name', 'email', 'pay_group', 'department', 'craft', 'class'] as const),
  ...(['hired_on', 'ended_on', 'active'] as const),
] as const;

/** Of an acknowledgement: a line is known by its key, or by the sequence number of the file and its place there. */
const ANSWER_VALUES = ['key', 'sequence', 'line', 'status', 'code', 'text'] as const;

const columnsOf = <V extends readonly [string, ...string[]]>(values: V) =>
  z
    .array(
      z
        .strictObject({
          title: z.string().min(1).optional(),
          /** Always the same text; '' leaves a column blank. */
          constant: z.string().optional(),
          value: z.enum(values).optional(),
          width: z.number().int().min(1).max(10_000).optional(),
          align: z.enum(['left', 'right', 'zeros']).default('left'),
          /** Our word → the text in the file: `true` and `false` of a flag, `accepted` and `rejected` of a status. */
          values: z.record(z.string().min(1), z.string()).optional(),
        })
        .refine(({ constant, value }) => (constant === undefined) !== (value === undefined), {
          error: 'it holds either a constant or a value',
        }),
    )
    .min(1);

const { format, encoding, newline, delimiter, quote, titles, dates } = LAYOUT;
const FILE = { format, encoding, newline, delimiter, quote, titles, dates };

const fixedNeedsWidths = {
  check: (of: { format: string; columns: readonly { width?: number | undefined }[] }) =>
    of.format === 'csv' || of.columns.every(({ width }) => width !== undefined),
  error: { path: ['columns'], error: 'columns of fixed width need their widths' },
};

const FILES = z.string().regex(/^[^/\\]+$/);
const COMPLETE = z.enum(['sidecar', 'renamed']);

const NAMED = z.strictObject({ code: z.string().min(1), name: z.string().default('') });

/** Timecards through the folder: what the ERP exports of payroll, what people declare, and the layouts of both ways. */
export const PAYROLL = z.strictObject({
  /** Pay groups and their periods: `ends` is the last day of the first one that there is for us. */
  payGroups: z
    .array(
      NAMED.extend({
        frequency: z.enum(FREQUENCIES),
        ends: z.iso.date(),
        /** Periods that end on this day or before are closed. */
        closedTo: z.iso.date().optional(),
      }),
    )
    .min(1),
  earnCodes: z
    .array(
      NAMED.extend({
        factor: z
          .string()
          .regex(/^\d+(\.\d+)?$/)
          .nullable()
          .default(null),
        costType: z.string().nullable().default(null),
      }),
    )
    .min(1),
  classes: z
    .array(z.strictObject({ craft: z.string(), class: z.string(), name: z.string().default('') }))
    .default([]),
  departments: z.array(NAMED).default([]),
  shifts: z.array(z.string().min(1)).default([]),
  /** The receiver takes negative hours. */
  negatives: z.literal(true).optional(),
  /** Files in `in/` with all employees: the newest one counts, and stays there. */
  employees: z
    .strictObject({ ...FILE, files: FILES, columns: columnsOf(EMPLOYEE_VALUES) })
    .refine(fixedNeedsWidths.check, fixedNeedsWidths.error),
  outgoing: z
    .strictObject({
      ...FILE,
      /** Name of the file in `out/`. */
      file: FILES.refine((name) => name.includes('{sequence}'), 'it must have {sequence}').default(
        'PR-{group}-{end}-{sequence}.txt',
      ),
      columns: columnsOf(CARD_VALUES),
      checksum: z.enum(['sidecar', 'none']).default('none'),
      /** What a second file of a batch does: importers differ, so it has no default. */
      again: z.enum(['replaces', 'adds']),
    })
    .refine(fixedNeedsWidths.check, fixedNeedsWidths.error),
  /** Files in `ack/` that say what became of lines. Silence is no acceptance. */
  answers: z
    .strictObject({ ...FILE, files: FILES, complete: COMPLETE, columns: columnsOf(ANSWER_VALUES) })
    .refine(fixedNeedsWidths.check, fixedNeedsWidths.error)
    .refine(
      ({ columns }) =>
        columns.some(({ value, values }) => value === 'status' && values?.['rejected'] !== undefined),
      { path: ['columns'], error: 'a status with values for accepted, rejected (and posted) is needed' },
    )
    .refine(
      ({ columns }) => {
        const has = (wanted: string): boolean => columns.some(({ value }) => value === wanted);
        return has('key') || (has('sequence') && has('line'));
      },
      { path: ['columns'], error: 'lines are known by key, or by sequence and line' },
    ),
});

export type PayrollFiles = z.infer<typeof PAYROLL>;

/** A payroll file as the layouts of the folder write and read it. */
export function layoutOf({
  columns,
  ...file
}: Pick<PayrollFiles['employees'], keyof typeof FILE> & {
  readonly columns: readonly {
    readonly title?: string | undefined;
    readonly constant?: string | undefined;
    readonly value?: string | undefined;
    readonly width?: number | undefined;
    readonly align: Column['align'];
  }[];
}): Layout {
  return {
    ...file,
    records: [
      {
        at: 'record',
        columns: columns.map(({ title, constant, value, width, align }) => ({
          title: title ?? value ?? constant ?? '',
          ...(constant === undefined ? {} : { constant }),
          ...(width === undefined ? {} : { width }),
          align,
        })),
      },
    ],
  };
}
