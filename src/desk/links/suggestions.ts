import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { CanonicalRecord } from '../../domain/kinds/record';
import type { MatchInput, Suggestion, TaxIdHashes } from '../../domain/reconcile/match';
import { MATCHED_KINDS, matchRevision, suggest } from '../../domain/reconcile/match';
import type { SideRecord } from '../../domain/reconcile/side-record';
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
  /** How many without a partner have a tax id to be recognised by; absent: nobody looked. */
  readonly taxIds?: Sides<number>;
}

/** Reads hashes of the tax ids of records without a partner, by their keys. */
export type TaxIdReader = (unpaired: Sides<readonly string[]>) => Promise<Sides<TaxIdHashes>>;

/** Throws `DeskRefusal` `KIND_NOT_MATCHED`: such records get their links when they are exported or imported. */
export function assertMatched(kind: Kind): void {
  if (MATCHED_KINDS.includes(kind)) return;
  throw new DeskRefusal(
    'KIND_NOT_MATCHED',
    `${definitionOf(kind).plural} are not paired by hand: they are linked when they are exported or imported.`,
    `Paired are: ${MATCHED_KINDS.join(', ')}.`,
  );
}

/**
 * Pairs of records without a partner that may be one. `taxIds`: where the connection compares tax ids as well. Throws `DeskRefusal` `KIND_NOT_MATCHED`,
 * `SIDES_UNREAD`, and what `taxIds` throws.
 */
export async function suggestPairs(
  store: Store,
  sidesIn: SidesIn,
  connectionId: string,
  kind: Kind,
  taxIds?: TaxIdReader,
): Promise<SuggestedPairs> {
  assertMatched(kind);
  const known = await store.read('desk.suggest', (t) => knownIn(t, sidesIn, connectionId, kind));
  // Both sides are asked, so no transaction waits for them.
  const hashes =
    taxIds && (await taxIds({ erp: keysOf(known.unpaired.erp), procore: keysOf(known.unpaired.procore) }));
  return suggestedAmong(kind, known, hashes);
}

/** What our store knows of both sides. */
interface Known extends Pick<MatchInput, 'unpaired' | 'population' | 'rejected'> {
  readonly claimed: number;
}

const keysOf = (records: readonly SideRecord[]): readonly string[] => records.map(({ key }) => key);

async function knownIn(t: Repositories, sidesIn: SidesIn, connectionId: string, kind: Kind): Promise<Known> {
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
  return { unpaired, population, rejected, claimed: procore.length - unpaired.procore.length };
}

function suggestedAmong(
  kind: Kind,
  { claimed, ...known }: Known,
  taxHashes: Sides<TaxIdHashes> | undefined,
): SuggestedPairs {
  const { unpaired } = known;
  const byKey = {
    erp: new Map(unpaired.erp.map(({ key, record }) => [key, record])),
    procore: new Map(unpaired.procore.map(({ key, record }) => [key, record])),
  };
  const found = suggest({ kind, ...known, ...(taxHashes === undefined ? {} : { taxHashes }) });
  const pairs = found.flatMap((suggestion): SuggestedPair[] => {
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
    claimed,
    ...(taxHashes === undefined
      ? {}
      : { taxIds: { erp: taxHashes.erp.size, procore: taxHashes.procore.size } }),
  };
}
