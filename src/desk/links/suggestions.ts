import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { CanonicalRecord } from '../../domain/kinds/record';
import type { Suggestion } from '../../domain/reconcile/match';
import { MATCHED_KINDS, matchRevision, suggest } from '../../domain/reconcile/match';
import type { Repositories } from '../../store/repositories';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';
import type { Sides, SidesIn } from '../../store/sides';

/** A suggestion with both records, and what they were recognised by when it was made. */
export interface SuggestedPair extends Suggestion {
  readonly records: Sides<CanonicalRecord>;
  /** See `matchRevision`: a decision counts for exactly these. */
  readonly erpRevision: string;
  readonly procoreRevision: string;
}

export interface SuggestedPairs {
  readonly kind: Kind;
  /** Best first. */
  readonly pairs: readonly SuggestedPair[];
  /** Records without a partner, and how many of them no suggestion is about. */
  readonly unpaired: Sides<number>;
  readonly alone: Sides<number>;
  /** Records of Procore that carry an `origin_id` that no link of ours knows: they are somebody else's until that is cleared up. */
  readonly claimed: number;
}

/** Throws `DeskRefusal` `KIND_NOT_MATCHED`: such records get their links when they are exported or imported. */
export function assertMatched(kind: Kind): void {
  if (MATCHED_KINDS.includes(kind)) return;
  throw new DeskRefusal(
    'KIND_NOT_MATCHED',
    `${definitionOf(kind).plural} are not paired by hand: they are linked when they are exported or imported.`,
    `Paired are: ${MATCHED_KINDS.join(', ')}.`,
  );
}

/** Pairs of records without a partner that may be one. Throws `DeskRefusal` `KIND_NOT_MATCHED`, `SIDES_UNREAD`. */
export const suggestPairs = (
  store: Store,
  sidesIn: SidesIn,
  connectionId: string,
  kind: Kind,
): Promise<SuggestedPairs> => {
  assertMatched(kind);
  return store.read('desk.suggest', (t) => suggestIn(t, sidesIn, connectionId, kind));
};

async function suggestIn(
  t: Repositories,
  sidesIn: SidesIn,
  connectionId: string,
  kind: Kind,
): Promise<SuggestedPairs> {
  const [population, links, rejected] = await Promise.all([
    sidesIn(t).all(connectionId, kind),
    t.links.list(connectionId, { kind, states: ['linked'] }),
    t.linkRejections.ofKind(connectionId, kind),
  ]);
  const { plural } = definitionOf(kind);
  const unread = (['erp', 'procore'] as const).filter((side) => population[side].length === 0);
  if (unread.length > 0)
    throw new DeskRefusal(
      'SIDES_UNREAD',
      `No ${plural} of ${unread.map((side) => (side === 'erp' ? 'the ERP' : 'Procore')).join(' and ')} were read yet.`,
      'The next reconciliation reads both sides.',
    );
  const taken = {
    erp: new Set(links.map(({ erpKey }) => erpKey)),
    procore: new Set(links.map(({ procoreId }) => String(procoreId))),
  };
  const procore = population.procore.filter(({ key }) => !taken.procore.has(key));
  const unpaired = {
    erp: population.erp.filter(({ key }) => !taken.erp.has(key)),
    procore: procore.filter(({ originId }) => originId === null),
  };
  const byKey = {
    erp: new Map(unpaired.erp.map(({ key, record }) => [key, record])),
    procore: new Map(unpaired.procore.map(({ key, record }) => [key, record])),
  };
  const pairs = suggest({ kind, unpaired, population, rejected }).flatMap((suggestion): SuggestedPair[] => {
    const erp = byKey.erp.get(suggestion.erpKey);
    const other = byKey.procore.get(String(suggestion.procoreId));
    if (erp === undefined || other === undefined) return [];
    return [
      {
        ...suggestion,
        records: { erp, procore: other },
        erpRevision: matchRevision(erp),
        procoreRevision: matchRevision(other),
      },
    ];
  });
  const named = {
    erp: new Set(pairs.map(({ erpKey }) => erpKey)),
    procore: new Set(pairs.map(({ procoreId }) => procoreId)),
  };
  return {
    kind,
    pairs,
    unpaired: { erp: unpaired.erp.length, procore: unpaired.procore.length },
    alone: {
      erp: unpaired.erp.length - named.erp.size,
      procore: unpaired.procore.length - named.procore.size,
    },
    claimed: procore.length - unpaired.procore.length,
  };
}
