import { originIdOf } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { CanonicalRecord, ProcoreId, RecordLine } from '../kinds/record';
import { linesOf } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { ConflictDecision } from '../reconcile/conflict';
import type { CodeWrite, MergedCodes } from '../reconcile/merge-lines';
import { codesMoved, codesRevisionOf, mergeCodes } from '../reconcile/merge-lines';
import type { MergeRules } from '../reconcile/merge-record';
import { hasReconciledLines, linesRevisionOf, reconciledPart } from '../reconcile/reconciled-part';
import type { SideRecord } from '../reconcile/side-record';
import { changesOf } from './diff';
import { assignmentRows, codeRows, codesPlace, jobLines, rowChanges } from './job-lines';
import type { FieldChange, SyncRows } from './operation';

export interface LinesInput {
  readonly kind: Kind;
  readonly link: RecordLink | null;
  /** The job as the ERP holds it, with all of its lines. */
  readonly record: CanonicalRecord;
  readonly seen: SideRecord;
  /** The Procore project that its codes live in; null: it is not known. */
  readonly projectId: ProcoreId | null;
  /** Links of all cost types. */
  readonly costTypes: readonly RecordLink[];
  readonly decisions: ReadonlyMap<string, ConflictDecision>;
  readonly rules: MergeRules;
}

/** What becomes of the codes and assignments of one job. */
export interface PlannedLines {
  /** Calls to Procore, in their order. */
  readonly calls: readonly Pick<SyncRows, 'resource' | 'target' | 'rows' | 'place' | 'changes'>[];
  readonly toErp: { readonly lines: readonly RecordLine[]; readonly changes: readonly FieldChange[] };
  readonly conflicts: MergedCodes['conflicts'];
  readonly notes: readonly string[];
  /** Why somebody must look, in sentences. */
  readonly problems: readonly string[];
  /** What must happen first, in sentences. */
  readonly waits: readonly string[];
  /** Lines of both shadows, and what they were compared at; null: they were not compared, and stay as they are. */
  readonly shadows: {
    readonly procore: readonly RecordLine[];
    readonly erp: readonly RecordLine[];
    readonly revision: string | null;
    readonly procoreRevision: string | null;
  } | null;
}

const NOT_COMPARED: PlannedLines = {
  calls: [],
  toErp: { lines: [], changes: [] },
  conflicts: [],
  notes: [],
  problems: [],
  waits: [],
  shadows: null,
};

/** Whether the lines of both sides are as they were when they were compared last, as far as they were read. */
export function linesAreSettled(
  link: RecordLink,
  record: CanonicalRecord | undefined,
  seen: SideRecord | undefined,
): boolean {
  const { lines } = seen ?? {};
  if (!hasReconciledLines(link.kind) || record === undefined || lines === undefined) return true;
  return (
    'lines' in lines &&
    link.linesRevision === linesRevisionOf(link.kind, record) &&
    !codesMoved(link, lines.lines)
  );
}

/** Plans the lines of one job: codes merged as `mergeCodes` says, then the assignments that Procore was not told yet. */
export function planLines(input: LinesInput): PlannedLines {
  const { kind, link, seen, projectId, costTypes } = input;
  const { lines } = seen;
  if (!hasReconciledLines(kind) || lines === undefined || projectId === null) return NOT_COMPARED;
  const definition = definitionOf(kind);
  if ('problem' in lines)
    return { ...NOT_COMPARED, problems: [`Its cost codes cannot be read in Procore: ${lines.problem}.`] };
  const before = link?.state === 'linked' ? link : null;
  const record = reconciledPart(kind, input.record);
  const merged = mergeCodes({
    kind,
    link: before ?? { procore: null, erp: null },
    erp: record.lines,
    procore: lines.lines,
    decisions: input.decisions,
    rules: input.rules,
  });
  const written = new Map(merged.toProcore.map(({ line }) => [line.erpKey, line]));
  const codes = merged.codes.map((line) => written.get(line.erpKey) ?? line);
  const known = new Set(linesOf(before?.erp ?? NONE, 'cost_type_assignment').map(({ erpKey }) => erpKey));
  const assignments = linesOf(record, 'cost_type_assignment').toSorted((a, b) =>
    a.number < b.number ? -1 : 1,
  );
  const free = assignments.filter(({ fields }) => !merged.held.has(String(fields['costCode'])));
  const moved = new Set([
    ...merged.toProcore.map(({ line }) => `${line.kind}/${line.number}`),
    ...free.flatMap(({ kind: of, number, erpKey }) => (known.has(erpKey) ? [] : [`${of}/${number}`])),
  ]);
  const job = jobLines({ fields: {}, lines: [...codes, ...free] }, moved, costTypes, rowKeyOf);
  const pairs = assignmentRows(job);
  const told = free.filter(({ kind: of, number }) => !pairs.skipped.includes(`${of}/${number}`));
  const place = codesPlace(projectId, kind === 'sub_job' ? Number(seen.key) : null);
  const rows = codeRows(job);
  const withCosts = (side: RecordLink['erp'], own: readonly RecordLine[]): readonly RecordLine[] => [
    ...own,
    ...told,
    ...(side?.lines ?? []).filter(({ kind: of }) => definition.lines[of]?.madeByErp === true),
  ];
  const of = `of ${definition.label} ${String(seen.record.fields['code'] ?? seen.key)}`;
  const calls = [
    {
      resource: 'cost_code',
      target: `Cost codes ${of}`,
      rows,
      place,
      changes: merged.toProcore.flatMap((write) => shown(kind, write)),
    } as const,
    {
      resource: 'cost_type_assignment',
      target: `Cost type assignments ${of}`,
      rows: pairs.rows,
      place,
      changes: rowChanges('Cost type assignment', pairs.rows),
    } as const,
  ].filter((call) => call.rows.length > 0);
  return {
    calls,
    toErp: {
      lines: merged.toErp.map(({ line }) => line),
      changes: merged.toErp.flatMap((write) => shown(kind, write)),
    },
    conflicts: merged.conflicts,
    notes: merged.notes,
    problems: merged.problems,
    waits: pairs.untyped.map(
      (key) => `Cost type ${key} of the ERP is not in Procore yet: its assignments wait.`,
    ),
    shadows: {
      procore: withCosts(before?.procore ?? null, merged.shadows.procore),
      erp: withCosts(before?.erp ?? null, merged.shadows.erp),
      // What is written to the ERP is looked at when it is read back; what waits, when it need not wait any more.
      revision: merged.toErp.length + pairs.untyped.length > 0 ? null : linesRevisionOf(kind, record),
      procoreRevision: calls.length > 0 ? null : codesRevisionOf(lines.lines),
    },
  };
}

const NONE: CanonicalRecord = { fields: {}, lines: [] };

/** A page has the codes of many jobs, and their numbers are the same. */
const rowKeyOf = ({ erpKey, number }: RecordLine): string => originIdOf('cost_code', erpKey ?? number);

function shown(kind: Kind, { line, writes }: CodeWrite): readonly FieldChange[] {
  const { kind: of, number } = line;
  if (writes.length === 0)
    return [{ field: `${of}[${number}]`, label: `Cost code ${number}`, old: null, new: 'linked' }];
  return changesOf(
    definitionOf(kind),
    writes.map(({ field, old, value }) => ({
      line: { kind: of, number },
      field,
      base: old,
      mine: value,
      theirs: old,
      moved: 'mine',
    })),
  );
}
