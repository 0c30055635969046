import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { RecordColumns } from '../kinds/fit-record';
import { fitRecord } from '../kinds/fit-record';
import type { CanonicalRecord, FieldValue } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { ConflictDecision } from './conflict';
import type { FieldMerge, FieldSide, Fitting, Pair } from './merge-field';
import { mergeField } from './merge-field';
import type { Owner, Ownership } from './ownership';
import { ownerOf } from './ownership';
import type { SideName, SideRecord } from './side-record';
import { otherSide } from './side-record';

/** What holds for all records of a kind on one connection. */
export interface MergeRules {
  /** Overrides of the connection; see `OWNERSHIP`. */
  readonly ownership: Ownership;
  /** What the ERP can hold; null: it cannot be written, and only follows its own people. */
  readonly columns: RecordColumns | null;
  /** Fields that Procore takes for the kind. */
  readonly procoreTakes: readonly string[];
  /** See `FieldMerge.skewMs`. */
  readonly skewMs: number;
}

export interface RecordMerge {
  readonly kind: Kind;
  /** Its shadows are what each side is compared with. */
  readonly link: Pick<RecordLink, 'procore' | 'erp' | 'altered'>;
  readonly procore: SideRecord;
  readonly erp: SideRecord;
  /** By field, what a person chose about a conflict. */
  readonly decisions: ReadonlyMap<string, ConflictDecision>;
  readonly rules: MergeRules;
}

/** A value that one side gets. */
export interface FieldWrite {
  readonly field: string;
  readonly old: FieldValue;
  readonly value: FieldValue;
  /** What somebody entered there and this overwrites; null: nothing. */
  readonly lost: FieldValue | null;
}

export interface FieldPair {
  readonly field: string;
  readonly pair: Pair;
}

export interface MergedRecord {
  readonly toProcore: readonly FieldWrite[];
  readonly toErp: readonly FieldWrite[];
  /** Fields that hold the same on both sides, and did not when they were compared last. */
  readonly agreed: readonly FieldPair[];
  /** Fields on which a person decides, with the rule that says so; also those that they chose to leave, or whose choice cannot be kept. */
  readonly conflicts: readonly OpenField[];
  /** Fields that differ though nobody moved, or that are only watched. */
  readonly drifts: readonly FieldPair[];
  /** Values that the other side cannot hold, a sentence each. */
  readonly unfit: readonly {
    readonly field: string;
    readonly to: SideName;
    readonly value: FieldValue;
    readonly problem: string;
  }[];
}

/** A field that stays as it is on both sides, and how each value would stand on the other one. */
export interface OpenField extends FieldPair {
  readonly rule: Owner;
  /** `erp`: how the ERP would keep Procore's value; `procore`: the other way round. */
  readonly fits: Readonly<Record<SideName, Fitting>>;
}

/** Merges the headers of two records, field by field. Lines have their own rules (`merge-lines.ts`). */
export function mergeRecord(merge: RecordMerge): MergedRecord {
  const merged = nothingMerged();
  for (const field of comparedFields(merge.kind)) mergeHeader(merged, merge, field);
  return merged;
}

/** A merge in the making. */
export type Merging = { [Key in keyof MergedRecord]: MergedRecord[Key][number][] };

export const nothingMerged = (): Merging => ({
  toProcore: [],
  toErp: [],
  agreed: [],
  conflicts: [],
  drifts: [],
  unfit: [],
});

/** Header fields that both sides may keep: what only the ERP has is no news for Procore. */
export const comparedFields = (kind: Kind): readonly string[] =>
  Object.entries(definitionOf(kind).fields).flatMap(([field, { erpOnly }]) =>
    erpOnly === true ? [] : [field],
  );

function mergeHeader(merged: Merging, merge: RecordMerge, field: string): void {
  const { kind, link, decisions, rules } = merge;
  const [procore, erp] = [valueIn(merge.procore.record, field), valueIn(merge.erp.record, field)];
  if (procore === undefined || erp === undefined) {
    followed(merged, merge, field, { procore, erp });
    return;
  }
  mergeInto(merged, {
    field,
    decision: decisions.get(field),
    owner: ownerOf({ kind, line: null, field }, rules.ownership),
    procore: {
      now: procore,
      shadow: link.procore === null ? undefined : valueIn(link.procore, field),
      changedAt: merge.procore.changedAt,
    },
    erp: {
      now: erp,
      shadow: link.erp === null ? undefined : valueIn(link.erp, field),
      changedAt: merge.erp.changedAt,
    },
    fit: { erp: (value) => fitErp(merge, field, value), procore: (value) => fitProcore(merge, field, value) },
    isAltered: link.altered?.includes(field) === true,
    isClearable: isClearable(merge, field),
    skewMs: rules.skewMs,
  });
}

/** One field that both sides have, of a header or of a line. */
export interface PartMerge extends FieldMerge {
  readonly field: string;
  readonly decision: ConflictDecision | undefined;
  readonly procore: FieldSide & { readonly now: FieldValue };
  readonly erp: FieldSide & { readonly now: FieldValue };
}

/** Merges one field: a decision of a person first, where it is about these two values. */
export function mergeInto(merged: Merging, merge: PartMerge): void {
  const { field, decision } = merge;
  const pair: Pair = { procore: merge.procore.now, erp: merge.erp.now };
  if (decision !== undefined && isSamePair(decision.pair, pair)) {
    decided(merged, merge, pair, decision);
    // What cannot be kept stays open: the person chooses again.
    if (decision.choice.take === 'ignore' || merged.unfit.some((unfit) => unfit.field === field))
      merged.conflicts.push(openField(merge, pair));
    return;
  }
  const verdict = mergeField(merge);
  switch (verdict.kind) {
    case 'none':
      return;
    case 'agreed':
      merged.agreed.push({ field, pair });
      return;
    case 'write':
      write(merged, verdict.to, { field, old: pair[verdict.to], value: verdict.value, lost: verdict.lost });
      return;
    case 'conflict':
      merged.conflicts.push(openField(merge, pair));
      return;
    case 'drift':
      merged.drifts.push({ field, pair });
      return;
    case 'unfit':
      merged.unfit.push({ field, to: verdict.to, value: verdict.value, problem: verdict.problem });
  }
}

/** A record is told by its number and its name: emptying one is never carried. */
const KEEPS = new Set(['code', 'name', 'sortName']);

/** What only people in Procore enter is emptied in the ERP where they emptied it, not where they never entered anything. */
function isClearable({ kind, link }: RecordMerge, field: string): boolean {
  const { required, madeByProcore } = definitionOf(kind).fields[field] ?? {};
  if (required === true || KEEPS.has(field)) return false;
  return madeByProcore !== true || (link.procore !== null && (valueIn(link.procore, field) ?? '') !== '');
}

const write = (merged: Merging, to: SideName, fieldWrite: FieldWrite): void =>
  void (to === 'erp' ? merged.toErp : merged.toProcore).push(fieldWrite);

/** What Procore does not show follows the ERP where the ERP owns it and it moved there: a parent, for example. */
function followed(
  merged: Merging,
  { kind, link, rules }: RecordMerge,
  field: string,
  { procore, erp }: { readonly procore: FieldValue | undefined; readonly erp: FieldValue | undefined },
): void {
  if (procore !== undefined || erp === undefined || !rules.procoreTakes.includes(field)) return;
  const before = link.erp === null ? undefined : valueIn(link.erp, field);
  const isErps = ownerOf({ kind, line: null, field }, rules.ownership) === 'erp';
  if (isErps && before !== undefined && before !== erp)
    write(merged, 'procore', { field, old: before, value: erp, lost: null });
}

function decided(merged: Merging, { field, fit }: PartMerge, pair: Pair, { choice }: ConflictDecision): void {
  const wanted: readonly (readonly [SideName, FieldValue])[] =
    choice.take === 'ignore'
      ? []
      : choice.take === 'value'
        ? [
            ['erp', choice.value],
            ['procore', choice.value],
          ]
        : [[otherSide(choice.take), pair[choice.take]]];
  const fitted = wanted.map(([to, value]) => ({ to, value, fitting: fit[to](value) }));
  const unfit = fitted.flatMap(({ to, value, fitting }) =>
    'problem' in fitting ? [{ field, to, value, problem: fitting.problem }] : [],
  );
  // Both or none: half of it would be another conflict.
  if (unfit.length > 0) merged.unfit.push(...unfit);
  else
    for (const { to, fitting } of fitted)
      if ('value' in fitting && fitting.value !== pair[to])
        write(merged, to, { field, old: pair[to], value: fitting.value, lost: pair[to] });
}

const openField = ({ field, owner, fit }: PartMerge, pair: Pair): OpenField => ({
  field,
  pair,
  rule: owner,
  fits: { erp: fit.erp(pair.procore), procore: fit.procore(pair.erp) },
});

export const isSamePair = (one: Pair, other: Pair): boolean =>
  one.procore === other.procore && one.erp === other.erp;

const valueIn = ({ fields }: CanonicalRecord, field: string): FieldValue | undefined =>
  Object.hasOwn(fields, field) ? fields[field] : undefined;

function fitErp({ kind, rules }: RecordMerge, field: string, value: FieldValue): Fitting {
  if (rules.columns === null)
    return { problem: `${definitionOf(kind).plural} of this ERP cannot be written` };
  const definition = definitionOf(kind);
  const own = definition.fields[field];
  if (own === undefined) return { problem: 'there is no such field' };
  const only = { ...definition, fields: { [field]: own }, lines: {} };
  const given = { fields: { [field]: value }, lines: [] };
  const { record, problems } = fitRecord(kind, given, rules.columns, only);
  const [problem] = problems;
  return problem === undefined ? { value: record.fields[field] ?? null } : { problem };
}

function fitProcore({ kind, rules }: RecordMerge, field: string, value: FieldValue): Fitting {
  if (definitionOf(kind).fields[field]?.madeByProcore === true)
    return { problem: 'only people in Procore can enter it' };
  return rules.procoreTakes.includes(field) ? { value } : { problem: 'Procore takes no value here' };
}
