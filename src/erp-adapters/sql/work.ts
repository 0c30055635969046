import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { parting } from '../../domain/base/text';
import type { KindDefinition } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { Fields, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import type { ErpRef, LedgerEntry, RecordWrite, WriteResult } from '../contract/adapter';
import { writtenSince } from '../contract/written-since';
import type {
  Document,
  KindSpec,
  LinePart,
  LineRow,
  Moment,
  Part,
  ReadHeader,
  ReadLine,
  Surroundings,
  Work,
} from './model';
import { isAmong, nameOf } from './look-up';
import type { FreeNumbers } from './numbers';
import { refused, RETRY_AFTER_PERSON_MS, RETRY_AFTER_TRANSACTION_MS } from './refusals';
import { ownerIn } from './scope';
import { changedFields, checkRequired, isSame, notNull, refsOf, rowOf } from './write-rows';

/** What was found out in one look, under the lock. */
export interface Seen {
  readonly moment: Moment;
  readonly ledger: readonly LedgerEntry[];
  readonly headers: ReadonlyMap<string, ReadHeader>;
  readonly lines: ReadonlyMap<string, readonly ReadLine[]>;
  /** What the operations refer to, as far as it is there. */
  readonly existing: ReadonlySet<string>;
  /** So many numbers that nobody has. */
  readonly free: (count: number) => FreeNumbers;
}

/** What becomes of an operation: an answer at once, the answer it got before, or work. */
export type Decision =
  { readonly answer: WriteResult } | { readonly replays: LedgerEntry } | { readonly work: Work };

/** Decides what is to be written of one kind of record, from what was seen. */
export class WorkDesk {
  private readonly definition: KindDefinition;

  constructor(
    private readonly spec: KindSpec,
    private readonly passes: RegExp | undefined,
  ) {
    this.definition = definitionOf(spec.kind);
  }

  /** What all these operations refer to. */
  refsIn(operations: readonly RecordWrite[]): readonly ErpRef[] {
    return operations.flatMap(({ record }) => [
      ...refsOf(this.headerPart(), record.fields),
      ...record.lines.flatMap((line) => {
        const spec = this.spec.lines.find(({ kind }) => kind === line.kind);
        return spec === undefined ? [] : refsOf({ ...this.headerPart(), specs: spec.fields }, line.fields);
      }),
    ]);
  }

  /** The record of an operation, as those who hold it back know it. */
  documentOf({ catalogue, scope }: Surroundings, { action, erpKey, record }: RecordWrite): Document {
    const id = action === 'update' && erpKey !== null ? catalogue.idOf(this.spec.kind, erpKey, scope) : null;
    return { id, fields: record.fields };
  }

  decide(seen: Seen, operation: RecordWrite, heldBack: string | null): Decision {
    const before = this.writtenBefore(seen, operation);
    if (before !== null) return before;
    if (heldBack !== null)
      return { answer: { status: 'busy', reason: heldBack, retryAfterMs: RETRY_AFTER_PERSON_MS } };
    try {
      const found = this.workOf(seen, operation);
      return 'status' in found ? { answer: found } : { work: found };
    } catch (error) {
      return { answer: this.answerTo(error) };
    }
  }

  /** The answer that an error is: a refusal, or a wait where time heals it. Throws what is neither. */
  answerTo(error: unknown): WriteResult {
    if (!isTiebackError(error)) throw error;
    const { code } = error;
    if (code !== 'ERP_REFUSED' && code !== 'ERP_BUSY') throw error;
    const passes = code === 'ERP_REFUSED' && this.passes?.test(reasonOf(error)) === true;
    const busy = passes
      ? new TiebackError(
          'ERP_BUSY',
          { reason: reasonOf(error) },
          { cause: error, retryAfterMs: RETRY_AFTER_PERSON_MS },
        )
      : error;
    return busy.code === 'ERP_BUSY'
      ? {
          status: 'busy',
          reason: busy.message,
          retryAfterMs: busy.retryAfterMs ?? RETRY_AFTER_TRANSACTION_MS,
        }
      : { status: 'refused', error: error.toShape() };
  }

  /** The same operation again is answered, not repeated; another operation of the same generation has lost the race. */
  private writtenBefore(
    { ledger }: Seen,
    { operationKey, recordId, generation }: RecordWrite,
  ): Decision | null {
    const own = ledger.find((entry) => entry.operationKey === operationKey);
    if (own !== undefined) return { replays: own };
    const ofRecord = ledger.filter((entry) => entry.recordId === recordId);
    const by = ofRecord.find((entry) => entry.generation === generation);
    if (by !== undefined) return { answer: { status: 'taken', by } };
    const later = ofRecord.find((entry) => entry.generation > generation);
    return later === undefined ? null : { answer: { status: 'moved', reason: writtenSince(later) } };
  }

  private workOf(seen: Seen, operation: RecordWrite): Work | WriteResult {
    const { kind, noun, readOnly } = this.spec;
    const mayNot = (): unknown =>
      readOnly && refused(`${this.definition.plural} are entered in the ERP only`);
    if (operation.action === 'create') {
      mayNot();
      return this.newRecord(seen, operation);
    }
    const { catalogue, scope } = seen.moment;
    const { erpKey } = operation;
    const id = erpKey === null ? null : catalogue.idOf(kind, erpKey, scope);
    const held = id === null ? undefined : seen.headers.get(id);
    if (held === undefined)
      return { status: 'moved', reason: `${noun} ${erpKey ?? ''} is not in the ERP any more.` };
    const moved = this.movedSince(seen.moment, operation, held);
    if (moved !== null) return moved;
    mayNot();
    return this.changedRecord(seen, operation, held);
  }

  private movedSince(around: Surroundings, { expected }: RecordWrite, held: ReadHeader): WriteResult | null {
    for (const [field, value] of Object.entries(expected ?? {})) {
      const spec = this.spec.fields[field];
      const now = held.fields[field] ?? null;
      if (spec === undefined || isSame(spec, now, value, around)) continue;
      const label = this.definition.fields[field]?.label ?? field;
      const [is, was] = [String(now ?? ''), String(value ?? '')];
      const reason = `${label} of ${nameOf(around, this.spec, held)} is now "${is}"; the plan saw "${was}"${parting(is, was)}.`;
      return { status: 'moved', reason };
    }
    return null;
  }

  private newRecord(seen: Seen, operation: RecordWrite): Work {
    const { moment } = seen;
    const { fields, lines } = operation.record;
    const { owner, fixed = {}, derived = {}, noun } = this.spec;
    if (this.spec.lines.length === 0 && lines.length > 0) refused(`a ${noun} has no lines`);
    const part = this.headerPart();
    checkRequired(part, fields);
    const parts = this.inOrder(lines);
    for (const [line, { fields: given }] of parts) checkRequired(line, given);
    checkRefs(seen, [[part, fields], ...parts.map(([line, { fields: given }]) => [line, given] as const)]);
    const { values, made } = rowOf(part, notNull(fields), moment);
    const header = {
      values: { [owner]: ownerIn(owner, moment.scope), ...fixed, ...values },
      made: { ...made, ...derived },
    };
    const rows = parts.map(([of, line]) => newLine(of, line, moment));
    return { operation, header, held: null, lines: rows, place: null };
  }

  private changedRecord(seen: Seen, operation: RecordWrite, held: ReadHeader): Work {
    const { moment } = seen;
    const { fields, lines } = operation.record;
    const part = this.headerPart();
    const changed = changedFields(part, held.fields, fields, moment);
    const known = new Map((seen.lines.get(held.id) ?? []).map((read) => [lineKeyOf(read.line), read]));
    const parts = this.inOrder(lines).map(([of, line]) => {
      const there = known.get(lineKeyOf(line)) ?? null;
      if (there === null) checkRequired(of, line.fields);
      const given = there === null ? line.fields : changedFields(of, there.line.fields, line.fields, moment);
      return { of, line: { ...line, fields: given }, there };
    });
    checkRefs(seen, [[part, changed], ...parts.map(({ of, line }) => [of, line.fields] as const)]);
    const rows = parts.map(({ of, line, there }) =>
      there === null
        ? newLine(of, line, moment)
        : { part: of, row: rowOf(of, line.fields, moment), held: there },
    );
    return { operation, header: rowOf(part, changed, moment), held, lines: rows, place: null };
  }

  private headerPart(): Part {
    const { kind, fields } = this.spec;
    return { kind, specs: fields, definitions: this.definition.fields, where: '' };
  }

  private linePart({ kind, number }: RecordLine): LinePart {
    const spec = this.spec.lines.find((candidate) => candidate.kind === kind);
    const definition = this.definition.lines[kind];
    if (!spec || !definition) return refused(`a ${this.spec.noun} has no lines of kind ${kind}`);
    if (spec.readOnly) refused(`${definition.label} ${number}: only the ERP itself makes such lines`);
    const where = `${definition.label} ${number}: `;
    return { kind, specs: spec.fields, definitions: definition.fields, where, spec };
  }

  /** Phases before the cost types that go on them, whatever order the lines came in. */
  private inOrder(lines: readonly RecordLine[]): readonly (readonly [LinePart, RecordLine])[] {
    const rank = new Map(this.spec.lines.map(({ kind }, index) => [kind, index]));
    return [...lines]
      .sort((a, b) => (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0))
      .map((line) => [this.linePart(line), line] as const);
  }
}

/** The ERP knows rows, not what we call them: that a reference is a job and not a sub job, and of this company, we must look ourselves. */
function checkRefs({ existing }: Seen, parts: readonly (readonly [Part, Fields])[]): void {
  for (const [part, fields] of parts) {
    const missing = refsOf(part, fields).find((ref) => !isAmong(existing, ref));
    if (missing === undefined) continue;
    refused(`${part.where}there is no ${missing.target.replace(/_/g, ' ')} ${missing.key} in the ERP`);
  }
}

function newLine(part: LinePart, { fields, number }: RecordLine, around: Surroundings): LineRow {
  const { values, made } = rowOf(part, notNull(fields), around);
  const { fixed, derived, numberColumn, parent, parentColumns = { [parent]: '@parent' } } = part.spec;
  const own = numberColumn === undefined ? {} : { [numberColumn]: number };
  return {
    part,
    row: { values: { ...values, ...fixed, ...own }, made: { ...made, ...derived, ...parentColumns } },
    held: null,
  };
}

const REFUSED = new TiebackError('ERP_REFUSED', { reason: '' }).message;

/** The ERP's own words in a refusal. */
const reasonOf = ({ message }: TiebackError): string => message.slice(REFUSED.length);
