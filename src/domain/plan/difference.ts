import type { FieldValue } from '../kinds/record';
import type { Warning } from '../base/warning';
import type { FieldChange, Operation } from './operation';
import type { PlanBody } from './plan';

/** What a plan says otherwise than an earlier one about the same: for a person who looked at the earlier one. */
export interface PlanDifference {
  /** Values that would be written now and were not, or were others. */
  readonly changed: readonly ChangedValue[];
  /** Operations that came, and those that are gone: what they are about. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly warningsAdded: readonly Warning[];
  readonly warningsRemoved: readonly Warning[];
  /** Something that is shown beside the operations (notes, facts, what is left out, lines of a batch) is another one. */
  readonly other: boolean;
}

export interface ChangedValue {
  /** What is written: `Commitment SC-008 "HVAC" (new)`. */
  readonly target: string;
  readonly label: string;
  /** What would have been written, and what would be; null: nothing, or emptied. */
  readonly before: FieldValue | null;
  readonly after: FieldValue | null;
}

/** Operations are told apart by what they write and how, so that one that moved down the list is the same. */
const nameOf = ({ side, action, recordId }: Operation): string => `${side} ${action} ${recordId}`;

export function planDifference(before: PlanBody, after: PlanBody): PlanDifference {
  const was = new Map(before.operations.map((operation) => [nameOf(operation), operation]));
  const is = new Map(after.operations.map((operation) => [nameOf(operation), operation]));
  const changed = after.operations.flatMap((operation) => {
    const earlier = was.get(nameOf(operation));
    return earlier === undefined ? [] : changedValues(earlier, operation);
  });
  return {
    changed,
    added: after.operations.filter((operation) => !was.has(nameOf(operation))).map(({ target }) => target),
    removed: before.operations.filter((operation) => !is.has(nameOf(operation))).map(({ target }) => target),
    warningsAdded: without(after.warnings, before.warnings),
    warningsRemoved: without(before.warnings, after.warnings),
    other: besides(before) !== besides(after),
  };
}

function changedValues(before: Operation, after: Operation): readonly ChangedValue[] {
  const was = byField(before.changes);
  const is = byField(after.changes);
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((field) => {
    const [one, two] = [was.get(field), is.get(field)];
    const same = one?.new === two?.new && one?.old === two?.old && one?.words === two?.words;
    if (same && (one === undefined) === (two === undefined)) return [];
    const { label } = two ?? one ?? { label: field };
    return [{ target: after.target, label, before: wordsOf(one), after: wordsOf(two) }];
  });
}

const byField = (changes: readonly FieldChange[]): ReadonlyMap<string, FieldChange> =>
  new Map(changes.map((change) => [change.field, change]));

const wordsOf = (change: FieldChange | undefined): FieldValue | null =>
  change === undefined ? null : (change.words ?? change.new);

const without = (these: readonly Warning[], those: readonly Warning[]): readonly Warning[] =>
  these.filter(({ code, text }) => !those.some((other) => other.code === code && other.text === text));

const besides = ({ operations, notes, facts, leftOut, unchanged, conflicts, payroll }: PlanBody): string =>
  JSON.stringify([
    notes,
    facts,
    leftOut,
    unchanged,
    conflicts ?? null,
    payroll ?? null,
    operations.map((operation) => ('batch' in operation ? operation.batch : null)),
  ]);
