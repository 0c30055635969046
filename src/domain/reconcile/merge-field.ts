import type { FieldValue } from '../kinds/record';
import type { Owner } from './ownership';
import type { SideName } from './side-record';
import { otherSide as other } from './side-record';

/** One side of a field. */
export interface FieldSide {
  /** What it holds now; undefined: its answer did not name the field, so nobody knows. */
  readonly now: FieldValue | undefined;
  /** Its shadow: what it held when both agreed last; undefined: never compared. */
  readonly shadow: FieldValue | undefined;
  /** When its record changed, ISO 8601, where it tells and its clock is trusted; null: not known. */
  readonly changedAt: string | null;
}

/** What becomes of a value on the far side: it is kept exactly, in another form that means the same there, or not at all. */
export type Fitting = { readonly value: FieldValue } | { readonly problem: string };

export interface FieldMerge {
  readonly owner: Owner;
  readonly procore: FieldSide;
  readonly erp: FieldSide;
  /** How a value of the other side would be stored here. */
  readonly fit: Readonly<Record<SideName, (value: FieldValue) => Fitting>>;
  /** One side keeps it otherwise than it was written (cut, formatted by a trigger): the shadows differ, and that is settled. */
  readonly isAltered?: boolean;
  /** Emptying a field may be carried to the other side. */
  readonly isClearable: boolean;
  /** Times closer than this say nothing about who was last, in milliseconds: difference of the clocks and the time between two looks. */
  readonly skewMs: number;
}

/** Values of both sides, as they are now. */
export interface Pair {
  readonly procore: FieldValue;
  readonly erp: FieldValue;
}

/** What a merge comes to. The shadows move only as it says. */
export type FieldVerdict =
  /** Nothing is to be done, and the shadows stay. */
  | { readonly kind: 'none' }
  /** Both hold the same: the shadows become what is there. */
  | { readonly kind: 'agreed'; readonly shadows: Pair }
  /** One side gets a value; afterwards the shadows are the value of the other side and what is read back. `lost`: what it overwrites there. */
  | {
      readonly kind: 'write';
      readonly to: SideName;
      readonly value: FieldValue;
      readonly lost: FieldValue | null;
    }
  /** A person decides. */
  | { readonly kind: 'conflict'; readonly pair: Pair }
  /** Neither side moved, yet they differ: it is shown, and nothing is written. */
  | { readonly kind: 'drift'; readonly pair: Pair }
  /** The other side cannot hold it; the shadow waits. */
  | { readonly kind: 'unfit'; readonly to: SideName; readonly value: FieldValue; readonly problem: string };

const isEmpty = (value: FieldValue | undefined): boolean => value === null || value === '';
/** One value to everybody: nothing is written in two ways. */
const same = (one: FieldValue, two: FieldValue | undefined): boolean =>
  one === two || (isEmpty(one) && isEmpty(two));

/** Whether two values are one to people: as they are, or as the one side would store that of the other. */
function isAlike({ fit }: Pick<FieldMerge, 'fit'>, { procore, erp }: Pair): boolean {
  if (same(procore, erp)) return true;
  const [there, here] = [fit.erp(procore), fit.procore(erp)];
  return ('value' in there && there.value === erp) || ('value' in here && here.value === procore);
}

/**
 * Merges one field of two sides, each compared with its own shadow only. A value that the far side can only hold in another form is no change when it
 * comes back, because then it equals that side's shadow. Pure; the truth table is in `test/unit/domain/reconcile`.
 */
export function mergeField(merge: FieldMerge): FieldVerdict {
  const { procore, erp, owner } = merge;
  // A side that does not name the field has not moved.
  if (procore.now === undefined || erp.now === undefined) return { kind: 'none' };
  const pair: Pair = { procore: procore.now, erp: erp.now };
  const moved = { procore: !same(procore.now, procore.shadow), erp: !same(erp.now, erp.shadow) };
  if (isAlike(merge, pair))
    return moved.procore || moved.erp ? { kind: 'agreed', shadows: pair } : { kind: 'none' };
  if (procore.shadow === undefined || erp.shadow === undefined) return adopted(merge, pair);
  if (owner === 'never') return { kind: 'drift', pair };
  if (!moved.procore && !moved.erp && merge.isAltered === true) return { kind: 'none' };
  // What was never entered at its owner's is no reason to erase what is there on the other side.
  if (!moved.procore && !moved.erp)
    return isSide(owner) && !isEmpty(pair[owner])
      ? written(merge, pair, other(owner))
      : { kind: 'drift', pair };
  if (moved.procore && moved.erp) return bothMoved(merge, pair);
  const mover: SideName = moved.procore ? 'procore' : 'erp';
  // Only the owner writes: what somebody else changed is put back.
  return written(merge, pair, isSide(owner) ? other(owner) : other(mover));
}

const isSide = (owner: Owner): owner is SideName => owner === 'erp' || owner === 'procore';

/** The same record stood on both sides before anybody compared them: what is empty is filled, and nothing is ever emptied. */
function adopted(merge: FieldMerge, pair: Pair): FieldVerdict {
  const { owner } = merge;
  if (owner === 'never') return { kind: 'drift', pair };
  // What somebody emptied is no gap to be filled.
  const isGap = (side: SideName): boolean =>
    isEmpty(pair[side]) && (merge[side].shadow === undefined || isEmpty(merge[side].shadow));
  const empty: SideName | null = isGap('erp') ? 'erp' : isGap('procore') ? 'procore' : null;
  if (empty !== null)
    return isSide(owner) && owner === empty ? { kind: 'drift', pair } : written(merge, pair, empty);
  return isSide(owner) ? written(merge, pair, other(owner)) : { kind: 'conflict', pair };
}

function bothMoved(merge: FieldMerge, pair: Pair): FieldVerdict {
  const { owner, procore, erp, skewMs } = merge;
  if (isSide(owner)) return written(merge, pair, other(owner));
  if (owner === 'last' && procore.changedAt !== null && erp.changedAt !== null) {
    const apart = Date.parse(procore.changedAt) - Date.parse(erp.changedAt);
    if (Math.abs(apart) > skewMs) return written(merge, pair, apart > 0 ? 'erp' : 'procore');
  }
  return { kind: 'conflict', pair };
}

/** Carries the value of the other side to this one. */
function written(merge: FieldMerge, pair: Pair, to: SideName): FieldVerdict {
  const value = pair[other(to)];
  if (isEmpty(value) && !merge.isClearable) return { kind: 'drift', pair };
  const fitted = merge.fit[to](value);
  if ('problem' in fitted) return { kind: 'unfit', to, value, problem: fitted.problem };
  const { shadow } = merge[to];
  // Never compared and empty: nobody entered anything there.
  const isLost = !same(pair[to], shadow) && !(shadow === undefined && isEmpty(pair[to]));
  return { kind: 'write', to, value: fitted.value, lost: isLost ? pair[to] : null };
}
