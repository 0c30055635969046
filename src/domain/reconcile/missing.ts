import { recordIdOf } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import { textIn } from '../kinds/record';
import type { LinkState, RecordLink } from '../kinds/record-link';

/** Links whose ERP record must be there: what was archived stands nowhere in Procore. */
export const SWEPT_STATES = ['staged', 'linked'] as const satisfies readonly LinkState[];

export const isSwept = ({ state }: Pick<RecordLink, 'state'>): boolean =>
  (SWEPT_STATES as readonly string[]).includes(state);

/** One side of a kind after a complete sweep. */
export interface Sweeping {
  /** How many links there are. */
  readonly linked: number;
  /** How many records the list had. */
  readonly listed: number;
  /** Keys of links that the list did not have, and that were not there when they were asked for. */
  readonly missing: readonly string[];
  /** Of these, what was told long enough ago: it counts no more for the guard. */
  readonly known: ReadonlySet<string>;
}

/** What is to be made of the missing ones. */
export type MissingVerdict =
  | { readonly kind: 'each' }
  /** Nobody loses so much at a time: the list is doubted, and no single record is told. `fresh`: what is missing and not known. */
  | {
      readonly kind: 'doubted';
      readonly why: 'empty' | 'share' | 'number';
      readonly fresh: readonly string[];
    };

/** From here on so many are doubted, whatever their share. */
const MOST = 200;
/** Fewer are never doubted for their share alone. */
const FEWEST = 5;
/** A fifth of the links. */
const SHARE = 5;

/** Looks at all of a kind, never at a page of it: whether its missing records are told each by itself, or the list is doubted. */
export function judgeMissing({ linked, listed, missing, known }: Sweeping): MissingVerdict {
  const fresh = missing.filter((key) => !known.has(key)).sort();
  const base = linked - (missing.length - fresh.length);
  const doubted = (why: 'empty' | 'share' | 'number'): MissingVerdict => ({ kind: 'doubted', why, fresh });
  if (fresh.length === 0) return { kind: 'each' };
  if (listed === 0) return doubted('empty');
  if (fresh.length >= MOST) return doubted('number');
  return fresh.length >= FEWEST && fresh.length * SHARE >= base ? doubted('share') : { kind: 'each' };
}

/** What is told counts for the guard for so long: deletions that come in portions are one. Less than the time between two nights. */
export const FRESH_MS = 20 * 3_600_000;

/** Our id of the ERP's side of a record; what a request says of its Procore record is not touched. */
export const erpSideOf = (kind: Kind, erpKey: string): string => recordIdOf(kind, `erp:${erpKey}`);

/** Our id of all records of a kind. */
export const kindSideOf = (kind: Kind): string => recordIdOf(kind, 'all');

/** Reason and hint of an exception. */
export interface Told {
  readonly reason: string;
  readonly hint: string;
}

export function goneWords({ kind, erpKey, procoreId, state, erp }: RecordLink): Told {
  const { label } = definitionOf(kind);
  const name = erp === null ? '' : [textIn(erp, 'code'), textIn(erp, 'name')].filter(Boolean).join(' ');
  const where =
    state === 'staged'
      ? 'in Procore it stands ready to import'
      : `in Procore it is ${recordIdOf(kind, procoreId ?? 'unknown')}`;
  return {
    reason: `${[label, name].filter(Boolean).join(' ')} is not in the ERP any more (${erpKey}); ${where}.`,
    hint: 'Nothing was changed in Procore. Bring it back in the ERP, or have it unlinked or removed in Procore; the sweep after that closes this.',
  };
}

/** So many keys are named. */
const SAMPLE = 10;

export function doubtedWords(
  kind: Kind,
  { why, fresh }: Extract<MissingVerdict, { kind: 'doubted' }>,
  { linked, listed }: Pick<Sweeping, 'linked' | 'listed'>,
): Told {
  const { plural } = definitionOf(kind);
  const sample = fresh.slice(0, SAMPLE).join(', ');
  const more = fresh.length > SAMPLE ? `, and ${fresh.length - SAMPLE} more` : '';
  const list = why === 'empty' ? 'listed none at all' : `listed ${listed}`;
  return {
    reason: `The ERP ${list}: ${fresh.length} of ${linked} linked ${plural} are missing at once (${sample}${more}).`,
    hint:
      'Nothing was changed, and no single record was told. See whether the login still reads all of them (rights, company, view, a restored ' +
      'database). If they were deleted on purpose, have them unlinked in Procore; the sweep after that closes this.',
  };
}

export const missedWords = (kind: Kind, erpKey: string): Told => ({
  reason: `${definitionOf(kind).label} ${erpKey} changed in the ERP, and its feed did not tell.`,
  hint: 'The next sync carries it. If it comes again, look how the ERP shows changes (`tieback erp prove`): a trigger or a column may be gone.',
});
