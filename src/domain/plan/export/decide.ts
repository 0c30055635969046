import { revisionOf } from '../../base/identity';
import { capital, shorten } from '../../base/text';
import type { Warning } from '../../base/warning';
import { warning } from '../../base/warning';
import { isCustomField } from '../../kinds/custom-fields';
import type { CanonicalRecord, KnownRecord, RecordLine } from '../../kinds/record';
import { lineKeyOf, textIn } from '../../kinds/record';
import { changesOf, diff, NOTHING } from '../diff';
import { nextGeneration } from '../ledger-head';
import type { FieldChange, Operation } from '../operation';
import {
  isSame,
  keptByErp,
  nameOf,
  numberedAs,
  otherOwner,
  othersOf,
  possibleTwins,
  withShortNames,
} from './match';
import { erpWrite, isNumberAssigned, keyOfWrite, NEXT_FREE_NUMBER, withProcore } from './operations';
import type { Subject } from './subject';

/** What becomes of one record of an export. */
export type Decision =
  | {
      readonly kind: 'operations';
      readonly operations: readonly Operation[];
      readonly warnings: readonly Warning[];
      /** Nothing is written: the flaws of the record do not matter. */
      readonly existing: boolean;
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

const refused = (problems: readonly string[]): Decision => ({ kind: 'refused', problems });

/** Create it in the ERP, bring it up to date, or tie it to the ERP record that is there already (never a twin). */
export function decide(subject: Subject): Decision {
  const { side, own, definition, link } = subject;
  if (definition.reexport === 'append') return append(subject);
  const creation = create(subject);
  // The ledger knows no actions: what was ours before the operation was brought up to date by it, and `update` finds nothing more to do.
  const isUpdated = definition.reexport === 'update' && link?.erpKey === own?.key;
  // The very operation is in the ledger already (a crash came between write and record): the same plan again, so that its approval holds.
  if (own && !isUpdated && side.ledgerHead?.operationKey === creation.operationKey) return creation.decision;
  const same = side.same.filter(({ state }) => state !== 'void');
  const ours = own ?? same.find(({ key }) => key === link?.erpKey);
  if (ours) return definition.reexport === 'update' ? update(subject, ours, []) : relink(subject, ours);
  const taken = same.find((known) => isSame(subject, known)) ?? same[0];
  return taken ? adopt(subject, taken) : creation.decision;
}

function create(subject: Subject): { readonly operationKey: string; readonly decision: Decision } {
  const others = othersOf(subject);
  const named = withShortNames(subject, others);
  const record = asNew(subject, named.record);
  const changes = creationChanges(subject, record);
  const operation = erpWrite(subject, { action: 'create', own: null, record, changes }, record);
  const decision: Decision =
    named.problems.length > 0
      ? refused(named.problems)
      : {
          kind: 'operations',
          operations: withProcore(subject, operation, null, record),
          warnings: [...named.warnings, ...possibleTwins(subject, record, others)],
          existing: false,
        };
  return { operationKey: operation.operationKey, decision };
}

function asNew({ definition }: Subject, { fields, lines }: CanonicalRecord): CanonicalRecord {
  const given = Object.entries(definition.fields).flatMap(([field, { atFirst }]) =>
    atFirst === undefined ? [] : [[field, atFirst] as const],
  );
  return { fields: { ...fields, ...Object.fromEntries(given) }, lines };
}

function creationChanges(subject: Subject, record: CanonicalRecord): readonly FieldChange[] {
  const { definition, input } = subject;
  const changes = changesOf(definition, diff({ base: null, mine: record }), input.states);
  if (!isNumberAssigned(subject, record)) return changes;
  const label = definition.fields['code']?.label ?? 'Number';
  return [{ field: 'code', label, old: null, new: NEXT_FREE_NUMBER }, ...changes];
}

/** Only what was not written by an earlier export; what was is told to Procore again. */
function append(subject: Subject): Decision {
  const { own, link, side, draft, record } = subject;
  const isWritten = own !== null && side.ledgerHead?.operationKey === keyOfWrite(subject, revisionOf(record));
  const problems = own ? otherOwner(subject, own) : [];
  if (problems.length > 0) return refused(problems);
  const before = new Map<string, RecordLine>();
  for (const line of link?.erp?.lines ?? []) if (line.erpKey !== null) before.set(lineKeyOf(line), line);
  // Where the record of the last export is gone, what our shadow remembers may be gone with it.
  const known = new Map(own === null ? [] : before);
  // Earlier exports that were never recorded are in the ERP all the same, each as a record of its own.
  const others = side.same.filter(({ key, state }) => state !== 'void' && key !== own?.key);
  for (const line of [...others, ...(own ? [own] : [])].flatMap((held) => held.record.lines)) {
    if (line.erpKey !== null) known.set(lineKeyOf(line), line);
  }
  const fresh = record.lines.filter((line) => !known.has(lineKeyOf(line)));
  // An approver decides about those.
  const lost = record.lines.filter((line) => before.has(lineKeyOf(line)) && !known.has(lineKeyOf(line)));
  if (own && isWritten) {
    // In the ledger already: the same plan again, as in `decide`. What it wrote is in the ERP record now.
    const written = new Set(own.record.lines.map(lineKeyOf));
    const again = record.lines.filter((line) => written.has(lineKeyOf(line)));
    const lostThen = again.filter((line) => before.has(lineKeyOf(line)));
    return addLines(subject, again, known, lostWords(draft.label, lostThen));
  }
  if (fresh.length > 0) return addLines(afterHead(subject), fresh, known, lostWords(draft.label, lost));
  const numbers = new Set(record.lines.map(lineKeyOf));
  const last = own ?? others.find((held) => held.record.lines.some((line) => numbers.has(lineKeyOf(line))));
  if (!last) return refused([`${draft.label} has nothing new for the ERP.`]);
  const owned = otherOwner(subject, last);
  if (owned.length > 0) return refused(owned);
  const held = { fields: last.record.fields, lines: [...known.values()] };
  return {
    kind: 'operations',
    operations: withProcore(subject, null, last, held),
    warnings: [
      warning('written_before', `${draft.label}: everything was written before; Procore is told again.`),
    ],
    existing: true,
  };
}

/** Lines of earlier exports keep their keys: the shadow that follows holds all that was ever written. */
function addLines(
  subject: Subject,
  lines: readonly RecordLine[],
  known: ReadonlyMap<string, RecordLine>,
  warnings: readonly Warning[],
): Decision {
  const { record, definition, input } = subject;
  const added = { ...record, lines };
  const changes = changesOf(definition, diff({ base: null, mine: added }), input.states);
  const operation = erpWrite(subject, { action: 'create', own: null, record: added, changes }, record);
  const held = new Set(lines.map(lineKeyOf));
  const all = [...[...known.values()].filter((line) => !held.has(lineKeyOf(line))), ...lines];
  const operations = withProcore(subject, operation, null, { ...record, lines: all });
  return { kind: 'operations', operations, warnings, existing: false };
}

function lostWords(label: string, lines: readonly RecordLine[]): readonly Warning[] {
  if (lines.length === 0) return [];
  const numbers = shorten(lines.map(({ number }) => number).join(', '), 100);
  const count = lines.length === 1 ? '1 line was' : `${lines.length} lines were`;
  const words = `${label}: ${count} written before (${numbers}), but the ERP record is not there any more; what was in it is written again.`;
  return [warning('written_again', words)];
}

/** One generation after everything that was written, whatever became of it. */
const afterHead = (subject: Subject): Subject => ({
  ...subject,
  generation: nextGeneration(subject.link, subject.side.ledgerHead, false),
});

/** Sent again: the differences are written, what the ERP alone has stays. An empty value in Procore never empties the ERP's. */
function update(subject: Subject, own: KnownRecord, warnings: readonly Warning[]): Decision {
  const { record, definition, input, side } = subject;
  const problems = otherOwner(subject, own);
  if (problems.length > 0) return refused(problems);
  // A yes or no is the ERP's to keep, except where somebody mapped it.
  const moved = diff({ base: own.record, mine: record }).filter(
    ({ field, mine }) => typeof mine === 'string' || (isCustomField(field) && mine !== null),
  );
  const fields = Object.fromEntries(moved.flatMap(({ line, field, mine }) => (line ? [] : [[field, mine]])));
  const held = new Set(own.record.lines.map(lineKeyOf));
  const touched = new Set(moved.flatMap(({ line }) => (line ? [lineKeyOf(line)] : [])));
  const lines = record.lines.filter((line) => touched.has(lineKeyOf(line)) || !held.has(lineKeyOf(line)));
  const other = side.same.find(({ key, state }) => state !== 'void' && key !== own.key);
  if ('code' in fields && other) return refused([used(subject, other)]);
  const numbered = numberedAs(own, record);
  if (Object.keys(fields).length === 0 && lines.length === 0) {
    const operations = withProcore(subject, null, numbered, numbered.record);
    return { kind: 'operations', operations, warnings, existing: true };
  }
  const before = {
    base: { ...NOTHING, fields: own.record.fields, lines: own.record.lines },
    mine: { fields, lines },
  };
  const changes = changesOf(
    definition,
    diff(before).filter(({ mine }) => mine !== null),
    input.states,
  );
  // What is in the ledger left no difference behind: this is another write, and never the same generation.
  const next = afterHead(subject);
  const operation = erpWrite(next, { action: 'update', own, record: { fields, lines }, changes }, record);
  return {
    kind: 'operations',
    operations: withProcore(next, operation, numbered, numbered.record),
    warnings,
    existing: false,
  };
}

/** The ERP record is already ours (reset, unlink, or an older store restored): tie it again; its values are the ERP's to keep. */
function relink(subject: Subject, own: KnownRecord): Decision {
  const found = `${subject.draft.label} is already in the ERP as ${nameOf(subject, own)}: it is linked again, nothing is created.`;
  return tieTo(subject, own, [warning('already_in_erp', found)]);
}

/** The number is taken: link to that record when it is the same, refuse when it is another. */
function adopt(subject: Subject, taken: KnownRecord): Decision {
  const problems = otherOwner(subject, taken);
  if (problems.length > 0) return refused(problems);
  if (!isSame(subject, taken)) return refused([used(subject, taken)]);
  const words = `${capital(nameOf(subject, taken))} is already in the ERP: it is linked, nothing is created.`;
  const found = warning('already_in_erp', words);
  if (subject.definition.reexport === 'update') return update(subject, taken, [found]);
  const others = othersOf(subject).filter(({ key }) => key !== taken.key);
  return tieTo(subject, taken, [found], possibleTwins(subject, subject.record, others));
}

function tieTo(
  subject: Subject,
  known: KnownRecord,
  found: readonly Warning[],
  more: readonly Warning[] = [],
): Decision {
  const problems = otherOwner(subject, known);
  if (problems.length > 0) return refused(problems);
  const inactive =
    known.state === 'inactive'
      ? [warning('inactive_in_erp', `${capital(nameOf(subject, known))} is inactive in the ERP.`)]
      : [];
  const numbered = numberedAs(known, subject.record);
  return {
    kind: 'operations',
    operations: withProcore(subject, null, numbered, numbered.record),
    warnings: [...found, ...inactive, ...keptByErp(subject, known.record), ...more],
    existing: true,
  };
}

/** Procore wants to hear the word "code" where a number is taken. */
const used = (subject: Subject, taken: KnownRecord): string => {
  const label = subject.definition.fields['code']?.label ?? 'Number';
  return `${label} ${textIn(subject.record, 'code')} is already used by ${nameOf(subject, taken)} in the ERP. Choose another code.`;
};
