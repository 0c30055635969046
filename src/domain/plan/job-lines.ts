import { originIdOf } from '../base/identity';
import type { CanonicalRecord, Fields, ProcoreId, RecordLine } from '../kinds/record';
import { lineKeyOf, linesOf, textIn } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { FieldChange, SyncPlace, SyncRow } from './operation';

/*
 * How the lines of a job become rows of Procore's sync actions: codes first, then what hangs on a pair of code and cost type. The refresh of a project
 * and its reconcile both tell them this way.
 */

/** Lines of a job of which some are to be told. */
export interface JobLines {
  /** The job as the ERP holds it, its codes with the Procore ids that are known. */
  readonly record: CanonicalRecord;
  /** Lines that are to be told, as `<kind>/<number>`. */
  readonly movedLines: ReadonlySet<string>;
  /** Procore ids of cost types by ERP key. */
  readonly types: ReadonlyMap<string, ProcoreId>;
  /** Cost codes by number. */
  readonly codes: ReadonlyMap<string, RecordLine>;
  /** Key of the row of a code: what is told in one call, or one after the other, must not share keys. */
  readonly keyOf: (code: RecordLine) => string;
}

export const jobLines = (
  record: CanonicalRecord,
  movedLines: ReadonlySet<string>,
  costTypes: readonly RecordLink[],
  keyOf: JobLines['keyOf'],
): JobLines => ({
  record,
  movedLines,
  types: typeIds(costTypes),
  codes: new Map(linesOf(record, 'cost_code').map((line) => [line.number, line])),
  keyOf,
});

/** Where the codes of a job live, and what hangs on them. */
export const codesPlace = (projectId: ProcoreId, subJobId: ProcoreId | null): SyncPlace => ({
  projectId,
  ...(subJobId === null ? {} : { subJobId }),
});

export const isActive = ({ fields }: Pick<RecordLine, 'fields'>): boolean => fields['isActive'] !== false;

/** Inactive codes are not brought to Procore, and those that are there stay: records use them. */
export const codeRows = (lines: JobLines): readonly SyncRow[] =>
  movedLinesOf(lines, 'cost_code')
    .filter(isActive)
    .map((line): SyncRow => ({
      key: lines.keyOf(line),
      fields: line.fields,
      ...(line.procoreId === null ? {} : { procoreId: line.procoreId }),
      ...(line.erpKey === null ? {} : { originId: originIdOf('cost_code', line.erpKey) }),
    }));

/** Rows of lines that belong to a pair. */
export interface PairRows {
  readonly rows: readonly SyncRow[];
  /** Lines that differ and cannot be sent yet, as `<kind>/<number>`. */
  readonly skipped: readonly string[];
  /** ERP keys of the cost types that Procore does not have yet. */
  readonly untyped: readonly string[];
}

export const assignmentRows = (lines: JobLines): PairRows =>
  pairRows(lines, 'cost_type_assignment', () => ({ synced: true }));

/** Lines that belong to a pair of cost code and cost type; both must be known in Procore. */
export function pairRows(
  lines: JobLines,
  kind: RecordLine['kind'],
  fieldsOf: (line: RecordLine) => Fields,
): PairRows {
  const rows: SyncRow[] = [];
  const skipped: string[] = [];
  const untyped: string[] = [];
  for (const line of movedLinesOf(lines, kind)) {
    const number = textIn(line, 'costCode');
    const code = lines.codes.get(number);
    const lineItemTypeId = lines.types.get(textIn(line, 'costType'));
    // Inactive codes are not brought to Procore, so nothing can hang below one that is not there.
    const isUnknownCode = code?.procoreId === null && !isActive(code);
    if (isUnknownCode || lineItemTypeId === undefined) {
      skipped.push(lineKeyOf(line));
      if (!isUnknownCode) untyped.push(textIn(line, 'costType'));
      continue;
    }
    const costCode = {
      key: code === undefined ? number : lines.keyOf(code),
      procoreId: code?.procoreId ?? null,
    };
    rows.push({ key: line.number, fields: fieldsOf(line), costCode, lineItemTypeId });
  }
  return { rows, skipped, untyped: [...new Set(untyped)] };
}

const movedLinesOf = ({ record, movedLines }: JobLines, kind: RecordLine['kind']): readonly RecordLine[] =>
  linesOf(record, kind).filter((line) => movedLines.has(lineKeyOf(line)));

const typeIds = (links: readonly RecordLink[]): ReadonlyMap<string, ProcoreId> =>
  new Map(
    links.flatMap(({ erpKey, procoreId, state }) =>
      procoreId === null || state !== 'linked' ? [] : [[erpKey, procoreId] as const],
    ),
  );

/** Rows as people read them, where they are not shown field by field. */
export const rowChanges = (target: string, rows: readonly SyncRow[]): readonly FieldChange[] =>
  rows.map(({ key, fields }) => ({ field: key, label: `${target} ${key}`, old: null, new: summary(fields) }));

const summary = (fields: Fields): string =>
  Object.values(fields)
    .filter((value) => typeof value === 'string')
    .join(' · ');
