import type { Kind } from '../../kinds';
import type { ProcoreId } from '../../kinds/record';
import type { SideName, SideRecord } from '../side-record';
import type { Blocks } from './blocks';
import { blocksOf, pairsIn } from './blocks';
import type { ByCode, CodeRule } from './codes';
import { byCode, codePairs } from './codes';
import type { Clue, Surroundings } from './evidence';
import { cluesOf } from './evidence';
import type { WordCounts } from './rarity';
import { rarityOf, wordCountsOf } from './rarity';
import type { Rejection } from './rejections';
import { matchRevision, pairKey } from './rejections';
import type { Recognised } from './traits';
import { sharedIn, sharedName, traitsOf } from './traits';

/** How the records of a kind find their partners. Only a link and an `origin_id` act without a person; all of this only proposes. */
type Rule =
  | { readonly by: 'code'; readonly code: CodeRule }
  | { readonly by: 'clues'; readonly asksForNumber: boolean };

const RULES: Readonly<Partial<Record<Kind, Rule>>> = {
  vendor: { by: 'clues', asksForNumber: false },
  project: { by: 'clues', asksForNumber: true },
  sub_job: { by: 'code', code: { within: 'job' } },
  standard_cost_code: { by: 'code', code: {} },
  line_item_type: { by: 'code', code: { asksForName: true } },
};

/** Kinds whose records are suggested to each other; the others get their links by export alone. */
export const MATCHED_KINDS: readonly Kind[] = Object.keys(RULES) as Kind[];

type Sides<T> = Readonly<Record<SideName, T>>;

/** One side of a kind. */
export interface SideInput {
  /** Records without a partner; of Procore, none that another integration owns by its `origin_id`. */
  readonly unpaired: readonly SideRecord[];
  /** All records of the kind: how rare a word is, how many share a phone, and how many candidates there are. */
  readonly population: readonly SideRecord[];
  /** Keyed hashes of tax ids by key of the record, where they are known (`taxIdHashesOf`). */
  readonly taxHashes?: ReadonlyMap<string, string>;
}

export interface MatchInput {
  readonly kind: Kind;
  readonly unpaired: Sides<SideInput['unpaired']>;
  readonly population: Sides<SideInput['population']>;
  readonly rejected: readonly Rejection[];
  readonly taxHashes?: Sides<ReadonlyMap<string, string>>;
}

/** A side made ready to be held against the other: once, however many pages of the other there are. */
export interface Candidates {
  /** Those without a partner, by key. */
  readonly unpaired: ReadonlyMap<string, SideRecord>;
  /** How many records of the kind there are. */
  readonly size: number;
  readonly by:
    | { readonly kind: 'code'; readonly codes: ByCode }
    | {
        readonly kind: 'clues';
        readonly words: WordCounts;
        readonly shared: ReadonlySet<string>;
        readonly blocks: Blocks;
      }
    | null;
}

export interface Suggestion {
  readonly kind: Kind;
  readonly erpKey: string;
  readonly procoreId: ProcoreId;
  /** Evidence in bits, less log2 of the candidates. */
  readonly bits: number;
  /** `match`: to be ticked beforehand, and still accepted by a person. */
  readonly verdict: 'match' | 'ask';
  /** For people, surest first, what speaks against it last: `same name`, `same phone`, `other state`. */
  readonly reasons: readonly string[];
}

/** From here on a pair is a match, and from here on it is worth a question. */
const MATCH = 3;
const ASK = -4;
/** A rival with nearly as many bits makes both a question. */
const RIVAL = 3;
/** Among few records a chance likeness is still one: a name that is merely similar is never a match. */
const FEWEST_CANDIDATES = 64;
/** The same code says as much as name and tax id together. */
const CODE_BITS = 20;

/** Pairs that may be one record, best first. Pure; the order of the records says nothing. */
export function suggest({
  kind,
  unpaired,
  population,
  rejected,
  taxHashes,
}: MatchInput): readonly Suggestion[] {
  const side = (name: SideName): Candidates =>
    candidatesOf(kind, {
      unpaired: unpaired[name],
      population: population[name],
      ...(taxHashes && { taxHashes: taxHashes[name] }),
    });
  return suggestBetween(kind, { erp: side('erp'), procore: side('procore') }, rejected);
}

const isThere = ({ state }: SideRecord): boolean => state !== 'void';

export function candidatesOf(
  kind: Kind,
  { unpaired, population, taxHashes = new Map() }: SideInput,
): Candidates {
  const all = population.filter(isThere);
  const free = unpaired.filter(isThere);
  const found = {
    unpaired: new Map(free.map((record) => [record.key, record])),
    size: all.length,
  };
  const rule = RULES[kind];
  if (rule === undefined) return { ...found, by: null };
  if (rule.by === 'code') return { ...found, by: { kind: 'code', codes: byCode(free, rule.code) } };
  const traits = all.map((record) => traitsOf(record, taxHashes.get(record.key) ?? null));
  const blocks = blocksOf(traits.filter(({ record }) => found.unpaired.has(record.key)));
  return { ...found, by: { kind: 'clues', words: wordCountsOf(traits), shared: sharedIn(traits), blocks } };
}

/** As `suggest`, of sides that are ready. */
export function suggestBetween(
  kind: Kind,
  sides: Sides<Candidates>,
  rejected: readonly Rejection[],
): readonly Suggestion[] {
  const open = found(kind, sides).filter(isOpen(sides, rejected));
  return withoutBeaten(withRivals(open)).sort(bestFirst);
}

function found(kind: Kind, { erp, procore }: Sides<Candidates>): readonly Suggestion[] {
  const rule = RULES[kind];
  const prior = Math.log2(Math.max(erp.size, procore.size, FEWEST_CANDIDATES));
  if (rule?.by === 'code' && erp.by?.kind === 'code' && procore.by?.kind === 'code')
    return codePairs(erp.by.codes, procore.by.codes, rule.code).map((pair) => ({
      kind,
      erpKey: pair.erp.key,
      procoreId: Number(pair.procore.key),
      bits: CODE_BITS - prior,
      verdict: pair.isDoubtful ? 'ask' : 'match',
      reasons: [...pair.reasons, ...restingIn(pair.erp, pair.procore)],
    }));
  if (rule?.by !== 'clues' || erp.by?.kind !== 'clues' || procore.by?.kind !== 'clues') return [];
  const shared = [erp.by.shared, procore.by.shared];
  const rarity = rarityOf(erp.size + procore.size, [erp.by.words, procore.by.words]);
  const surroundings: Surroundings = {
    rarity,
    asksForNumber: rule.asksForNumber,
    isShared: (trait, value) => shared.some((ofSide) => ofSide.has(sharedName(trait, value))),
  };
  const suggestions: Suggestion[] = [];
  for (const [one, other] of pairsIn(erp.by.blocks, procore.by.blocks, rarity)) {
    const clues = cluesOf(one, other, surroundings);
    const bits = clues.reduce((sum, clue) => sum + clue.bits, -prior);
    const verdict = verdictOf(bits, clues);
    if (verdict === null) continue;
    const surest = [...clues].sort((a, b) => b.bits - a.bits).map(({ reason }) => reason);
    suggestions.push({
      kind,
      erpKey: one.record.key,
      procoreId: Number(other.record.key),
      bits,
      verdict,
      reasons: [...surest, ...restingIn(one.record, other.record)],
    });
  }
  return suggestions;
}

function verdictOf(bits: number, clues: readonly Clue[]): Suggestion['verdict'] | null {
  if (bits >= MATCH && !clues.some(({ doubts }) => doubts)) return 'match';
  return bits >= ASK || clues.some(({ asks }) => asks) ? 'ask' : null;
}

/** Who is used on one side only: for people, and no evidence. */
const restingIn = (erp: Recognised, procore: Recognised): readonly string[] =>
  erp.state === procore.state ? [] : [`inactive in ${erp.state === 'inactive' ? 'the ERP' : 'Procore'}`];

const ends = ({ erpKey, procoreId }: Suggestion): readonly string[] => [`e ${erpKey}`, `p ${procoreId}`];

/** Nobody is asked about a record that has a match; were that one refused, the question would come. */
function withoutBeaten(found: readonly Suggestion[]): Suggestion[] {
  const matched = new Set(found.filter(({ verdict }) => verdict === 'match').flatMap(ends));
  return found.filter(
    (suggestion) => suggestion.verdict === 'match' || !ends(suggestion).some((end) => matched.has(end)),
  );
}

/** Of several that might be the partner of one record, a person chooses. */
function withRivals(found: readonly Suggestion[]): Suggestion[] {
  const best = new Map<string, number[]>();
  for (const suggestion of found)
    for (const end of ends(suggestion)) {
      const two = [...(best.get(end) ?? []), suggestion.bits].sort((a, b) => b - a).slice(0, 2);
      best.set(end, two);
    }
  const isRivalled = (suggestion: Suggestion): boolean =>
    ends(suggestion).some((end) => {
      const [first = -Infinity, second = -Infinity] = best.get(end) ?? [];
      return (first === suggestion.bits ? second : first) >= suggestion.bits - RIVAL;
    });
  return found.map((suggestion) =>
    suggestion.verdict === 'match' && isRivalled(suggestion)
      ? { ...suggestion, verdict: 'ask', reasons: [...suggestion.reasons, 'others are as likely'] }
      : suggestion,
  );
}

/** Whether nobody has refused a pair of these records as they are now. */
function isOpen(
  { erp, procore }: Sides<Candidates>,
  rejected: readonly Rejection[],
): (suggestion: Suggestion) => boolean {
  const byPair = new Map<string, Rejection[]>();
  for (const one of rejected) {
    const name = pairKey(one.erpKey, one.procoreId);
    byPair.set(name, [...(byPair.get(name) ?? []), one]);
  }
  const revisionIn = ({ unpaired }: Candidates, key: string): string | null => {
    const one = unpaired.get(key);
    return one === undefined ? null : matchRevision(one.record);
  };
  return ({ erpKey, procoreId }) =>
    !(byPair.get(pairKey(erpKey, procoreId)) ?? []).some(
      ({ erpRevision, procoreRevision }) =>
        revisionIn(erp, erpKey) === erpRevision && revisionIn(procore, String(procoreId)) === procoreRevision,
    );
}

const bestFirst = (a: Suggestion, b: Suggestion): number =>
  b.bits - a.bits || compareText(a.erpKey, b.erpKey) || a.procoreId - b.procoreId;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
