import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { canonicalText, parting } from '../../domain/base/text';
import type { FieldDefinition, Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import { fitDecimal, misfit } from '../../domain/kinds/column-rules';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import { sharedText } from '../../domain/kinds/likeness';
import type { CanonicalRecord, Fields, FieldValue } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import { totalProblem } from '../../domain/kinds/total';
import type { LedgerEntry, RecordWrite, WriteResult } from '../contract/adapter';
import { writtenSince } from '../contract/written-since';
import { writeDocument } from './document';
import type { Drop } from './drop';
import { access, constants, readdir, readFile, unlessGone } from './folder';
import { idOf, keyOfNumber, keyOfOurs, referenceOf, sha256 } from './keys';
import { fieldsOf } from './layout';
import { decode } from './encoding';
import type { Handed } from './log';
import { rulesOf } from './rules';
import { Misfit } from './rows';
import type { Outgoing } from './settings';
import type { Operation, Row } from './state';

const RETRY_MS = 60_000;
/** Another worker may be faster so many times. */
const MOST_TRIES = 100;

class Refusal extends Error {}
class Wait extends Error {}

const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** Hands over one operation. */
export async function write(drop: Drop, kind: Kind, operation: RecordWrite): Promise<WriteResult> {
  const name = `erp.${kind}.write`;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    await drop.refresh();
    try {
      const known = drop.state.operationOf(drop.connectionId, operation.operationKey);
      if (known !== undefined) {
        await handOver(drop, name);
        return replayed(drop, known);
      }
      const turnedAway = turnAway(drop, kind, operation);
      if (turnedAway !== null) return turnedAway;
      await assertNotHeld(drop, kind);
      const sequence = drop.log.next;
      const { entry, bytes, hasChecksum } = prepare(drop, kind, operation, sequence);
      // Whoever committed before us and died is finished first, so that documents come in order.
      await drop.log.publish(name);
      if (!(await drop.log.append(name, sequence, entry, { bytes, hasChecksum }))) continue;
      await handOver(drop, name);
      const row = drop.state.row(kind, entry.erpKey);
      if (row === undefined) throw new Error(`${entry.erpKey} is not there after it was handed over`);
      return { status: 'accepted', erpKey: row.key, record: row.record, replayed: false };
    } catch (error) {
      if (error instanceof Wait) return { status: 'busy', reason: error.message, retryAfterMs: RETRY_MS };
      if (!(error instanceof Refusal) && !(error instanceof Misfit)) throw error;
      return {
        status: 'refused',
        error: new TiebackError('RECORD_REFUSED', { reason: error.message }).toShape(),
      };
    }
  }
  return { status: 'busy', reason: 'other workers write all the time', retryAfterMs: RETRY_MS };
}

/** What is in the ledger will be handed over, whatever stands in its way now: nobody may give it up, as after an error of the set-up. */
async function handOver({ log }: Drop, name: string): Promise<void> {
  try {
    await log.refresh();
    await log.publish(name);
  } catch (error) {
    if (!isTiebackError(error)) throw error;
    const reason = `the document is in the ledger, and is not handed over yet: ${error.message}`;
    throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason }, { cause: error });
  }
}

function replayed({ state }: Drop, { entry, answer }: Operation): WriteResult {
  if (answer?.verdict === 'rejected')
    return {
      status: 'refused',
      error: new TiebackError('ERP_REFUSED', { reason: answer.message ?? '' }).toShape(),
    };
  const row = state.row(entry.kind, entry.erpKey);
  return row === undefined
    ? refuse(`${entry.erpKey} was handed over on ${entry.writtenAt} and is gone`)
    : { status: 'accepted', erpKey: row.key, record: row.record, replayed: true };
}

/** Operations of the same generation, and values that moved since the plan. */
function turnAway({ state, connectionId }: Drop, kind: Kind, operation: RecordWrite): WriteResult | null {
  const { recordId, generation, action, erpKey, expected } = operation;
  const ofRecord = [...state.operations.values()]
    .map(({ entry }) => entry)
    .filter(
      (entry) => entry.connection === connectionId && entry.kind === kind && entry.recordId === recordId,
    );
  const other = ofRecord.find((entry) => entry.generation === generation);
  if (other !== undefined) return { status: 'taken', by: ledgerEntry(other) };
  const later = ofRecord.find((entry) => entry.generation > generation);
  if (later !== undefined) return { status: 'moved', reason: writtenSince(later) };
  if (action === 'create') return null;
  const row = state.row(kind, erpKey ?? '');
  if (row === undefined || row.state === 'void')
    return { status: 'moved', reason: `${erpKey ?? ''} is gone` };
  for (const [field, value] of Object.entries(expected ?? {})) {
    const [now, then] = [String(row.record.fields[field] ?? ''), String(value ?? '')];
    if (now !== then)
      return { status: 'moved', reason: `${field} is "${now}"; the plan saw "${then}"${parting(now, then)}` };
  }
  return null;
}

/** Accounting stops us with a file `HOLD`, or `HOLD.<kind>`, in `out/`; its first line says who and why. */
async function assertNotHeld({ folder }: Drop, kind: Kind): Promise<void> {
  const why = await folder.call('erp.hold', async () => {
    await access(folder.path('out'), constants.W_OK);
    const names = (await readdir(folder.path('out'))).filter(
      (name) => name === 'HOLD' || name === `HOLD.${kind}`,
    );
    const [name] = names;
    return name === undefined
      ? undefined
      : { name, text: (await unlessGone(readFile(folder.path('out', name), 'utf8'))) ?? '' };
  });
  if (why === undefined) return;
  const [line = ''] = why.text.split('\n');
  throw new Wait(`out/${why.name} is there${line.trim() === '' ? '' : `: ${line.trim()}`}`);
}

/** The entry of the ledger and the bytes of the document. */
function prepare(drop: Drop, kind: Kind, operation: RecordWrite, sequence: number) {
  const { settings, state, connectionId } = drop;
  const layout = settings.layouts[kind];
  const outgoing = layout?.outgoing ?? refuse(`${definitionOf(kind).plural} are only entered in the ERP`);
  const { operationKey, recordId, generation, targetRevision, planHash, action } = operation;
  const row = action === 'update' ? state.row(kind, operation.erpKey ?? '') : undefined;
  if (row !== undefined && outgoing.updates === 'none')
    refuse('the import program of the ERP only takes new records');
  assertFits(drop, kind, outgoing, operation.record, row);
  const record = asStored(operation.record, rulesOf(settings, kind));
  const number = (layout?.number ?? []).map((field) => textIn(record, field));
  const isOurs = layout?.numbers === 'erp';
  const erpKey =
    row?.key ?? (isOurs ? keyOfOurs(settings.company, sequence) : keyOfNumber(settings.company, number));
  const held = state.row(kind, erpKey);
  if (row === undefined && held !== undefined && held.state !== 'void')
    refuse(`${number.join(', ')} is there already`);
  const carried = carriedBy(drop, kind, outgoing, record, row);
  const reference = referenceOf(operationKey);
  const bytes = writeDocument(
    outgoing,
    kind,
    carried,
    { action, reference, sequence, company: settings.company, key: idOf(erpKey) },
    (definition, key) => refer(drop, definition, key),
    outgoing.emptied ?? null,
  );
  const file = outgoing.file
    .replace('{reference}', reference)
    .replace('{sequence}', String(sequence).padStart(8, '0'));
  const entry: Handed = {
    type: 'document',
    connection: connectionId,
    kind,
    recordId,
    generation,
    operationKey,
    targetRevision,
    planHash,
    erpKey,
    writtenAt: new Date().toISOString(),
    action,
    reference,
    fields: action === 'create' ? withoutNull(record.fields) : record.fields,
    lines: record.lines.map((line) => ({ ...line, erpKey: null, procoreId: null })),
    file,
    sha256: sha256(bytes),
    content: decode(bytes, outgoing.encoding) ?? '',
  };
  assertTotal(kind, entry, row);
  return { entry, bytes, hasChecksum: outgoing.checksum === 'sidecar' };
}

/** Values in the form that the columns hold: composed text, and numbers with all their decimals. */
function asStored(record: CanonicalRecord, { fields, lines }: RecordColumns): CanonicalRecord {
  const stored = (given: Fields, rules: Readonly<Record<string, ColumnRule>> = {}): Fields =>
    Object.fromEntries(
      Object.entries(given).map(([field, value]): [string, FieldValue] => {
        if (typeof value !== 'string') return [field, value];
        const { decimals } = rules[field] ?? {};
        return [field, decimals === undefined ? canonicalText(value) : fitDecimal(value, decimals)];
      }),
    );
  const ofLines = record.lines.map((line) => ({ ...line, fields: stored(line.fields, lines[line.kind]) }));
  return { fields: stored(record.fields, fields), lines: ofLines };
}

const withoutNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Everything a file cannot say, each a refusal. */
function assertFits(
  drop: Drop,
  kind: Kind,
  outgoing: Outgoing,
  record: CanonicalRecord,
  row: Row | undefined,
): void {
  const { settings, references, state } = drop;
  const definition = definitionOf(kind);
  const rules = rulesOf(settings, kind);
  const columns = fieldsOf(outgoing, definition);
  const parts = [
    { at: null, where: '', fields: record.fields, known: definition.fields, rules: rules.fields },
    ...record.lines.map((line) => ({
      at: line.kind,
      where: `${line.kind} ${line.number}: `,
      fields: line.fields,
      known: definition.lines[line.kind]?.fields ?? {},
      rules: rules.lines[line.kind] ?? {},
    })),
  ];
  for (const { at, where, fields, known, rules: ofPart } of parts) {
    for (const [field, value] of Object.entries(fields)) {
      const of = known[field];
      const hasColumn = columns.some(
        (one) => one.name === field && (at === null ? one.isHeader : !one.isHeader && one.at === at),
      );
      if (of === undefined || !hasColumn) {
        if (value === null && of !== undefined) continue;
        refuse(`${where}the layout has no column for ${of?.label ?? field}`);
      }
      if (value === null || of === undefined) continue;
      const rule = ofPart[field];
      const problem =
        rule !== undefined && typeof value === 'string' && of.type !== 'date'
          ? misfit(`${where}${of.label}`, value, rule)
          : null;
      if (problem !== null) refuse(problem);
      if (of.refersTo !== undefined && references.numberOf(of.refersTo, String(value)) === null)
        refuse(`${where}${of.label} ${String(value)} is not there`);
    }
    if (row === undefined || at !== null)
      for (const [field, rule] of Object.entries(ofPart))
        if (rule.required && (fields[field] ?? null) === null && (row === undefined || at === null))
          refuse(`${where}${known[field]?.label ?? field} is missing; the layout requires it`);
  }
  for (const [field, rule] of Object.entries(rules.fields)) {
    const value = sharedText(textIn(record, field));
    const other =
      rule.unique && value !== null
        ? state
            .all(kind)
            .find(
              (one) =>
                one.key !== row?.key &&
                one.state !== 'void' &&
                sharedText(textIn(one.record, field)) === value,
            )
        : undefined;
    if (other !== undefined)
      refuse(
        `${definition.fields[field]?.label ?? field} ${textIn(record, field)} is that of ${other.key} already`,
      );
  }
  if (row === undefined || settings.layouts[kind]?.numbers === 'erp') return;
  for (const field of settings.layouts[kind]?.number ?? [])
    if (Object.hasOwn(record.fields, field) && record.fields[field] !== row.record.fields[field])
      refuse(
        `${definition.fields[field]?.label ?? field} is what the record is known by; a file cannot change it`,
      );
}

/** What the document says: of a change what changes, or all that is known. The number is always there. */
function carriedBy(
  { settings }: Drop,
  kind: Kind,
  outgoing: Outgoing,
  record: CanonicalRecord,
  row: Row | undefined,
): CanonicalRecord {
  if (row === undefined) return { ...record, fields: withoutNull(record.fields) };
  if (outgoing.updates === 'whole') {
    const lines = new Map(row.record.lines.map((line) => [`${line.kind}/${line.number}`, line]));
    for (const line of record.lines) {
      const key = `${line.kind}/${line.number}`;
      lines.set(key, { ...line, fields: { ...lines.get(key)?.fields, ...line.fields } });
    }
    return { fields: { ...withoutNull(row.record.fields), ...record.fields }, lines: [...lines.values()] };
  }
  const number = (settings.layouts[kind]?.number ?? []).map(
    (field) => [field, row.record.fields[field] ?? null] as const,
  );
  const own = Object.fromEntries(number.filter(([, value]) => value !== null));
  return { fields: { ...own, ...record.fields }, lines: record.lines };
}

function refer({ references }: Drop, { refersTo, label }: FieldDefinition, key: string): string {
  const found = refersTo === undefined ? null : references.numberOf(refersTo, key);
  if (found === null) return refuse(`${label} ${key} is not there`);
  if (found.waits) throw new Wait(`${label} ${key} has no number yet: the ERP has not acknowledged it`);
  return found.number;
}

/** The header as it will be must be the sum of its lines. */
function assertTotal(kind: Kind, entry: Handed, row: Row | undefined): void {
  const lines = new Map((row?.record.lines ?? []).map((line) => [`${line.kind}/${line.number}`, line]));
  for (const line of entry.lines) {
    const key = `${line.kind}/${line.number}`;
    lines.set(key, { ...line, fields: { ...lines.get(key)?.fields, ...line.fields } });
  }
  const known = row?.record.fields ?? {};
  const problem = totalProblem(definitionOf(kind), {
    fields: { ...known, ...entry.fields },
    lines: [...lines.values()],
  });
  if (problem !== null) refuse(problem);
}

export const ledgerEntry = ({
  operationKey,
  kind,
  recordId,
  generation,
  targetRevision,
  planHash,
  erpKey,
  writtenAt,
}: LedgerEntry): LedgerEntry => ({
  operationKey,
  kind,
  recordId,
  generation,
  targetRevision,
  planHash,
  erpKey,
  writtenAt,
});
