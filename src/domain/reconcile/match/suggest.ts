import type { Kind } from '../../kinds';
import type { ProcoreId } from '../../kinds/record';
import type { SideName, SideRecord } from '../side-record';
import { pairsIn } from './blocks';
import type { CodeRule } from './codes';
import { codePairs } from './codes';
import type { Clue } from './evidence';
import { cluesOf } from './evidence';
import { rarityOf } from './rarity';
import type { Rejection } from './rejections';
import { matchRevision, pairKey } from './rejections';
import type { Traits } from './traits';
import { sharing, traitsOf } from './traits';

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

export interface MatchInput {
  readonly kind: Kind;
  /** Records without a partner; of Procore, none that another integration owns by its `origin_id`. */
  readonly unpaired: Sides<readonly SideRecord[]>;
  /** All records of the kind: how rare a word is, how many share a phone, and how many candidates there are. */
  readonly population: Sides<readonly SideRecord[]>;
  readonly rejected: readonly Rejection[];
  /** Keyed hashes of tax ids by key of the record, where they are known (`taxIdHashesOf`). */
  readonly taxHashes?: Sides<ReadonlyMap<string, string>>;
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
export function suggest(input: MatchInput): readonly Suggestion[] {
  const rule = RULES[input.kind];
  if (rule === undefined) return [];
  const unpaired = withoutVoid(input.unpaired);
  const population = withoutVoid(input.population);
  const prior = Math.log2(Math.max(population.erp.length, population.procore.length, FEWEST_CANDIDATES));
  const found =
    rule.by === 'code'
      ? byCode({ ...input, unpaired }, rule.code, prior)
      : byClues({ ...input, unpaired, population }, rule.asksForNumber, prior);
  const refused = refusals(input);
  const open = found.filter(({ erpKey, procoreId }) => !refused.has(pairKey(erpKey, procoreId)));
  return withoutBeaten(withRivals(open)).sort(bestFirst);
}

const withoutVoid = ({ erp, procore }: Sides<readonly SideRecord[]>): Sides<readonly SideRecord[]> => ({
  erp: erp.filter(({ state }) => state !== 'void'),
  procore: procore.filter(({ state }) => state !== 'void'),
});

function byCode(
  { kind, unpaired }: Pick<MatchInput, 'kind' | 'unpaired'>,
  rule: CodeRule,
  prior: number,
): readonly Suggestion[] {
  return codePairs(unpaired.erp, unpaired.procore, rule).map(({ erp, procore, isDoubtful, reasons }) => ({
    kind,
    erpKey: erp.key,
    procoreId: Number(procore.key),
    bits: CODE_BITS - prior,
    verdict: isDoubtful ? 'ask' : 'match',
    reasons: [...reasons, ...restingIn(erp, procore)],
  }));
}

function byClues(
  { kind, unpaired, population, taxHashes }: Omit<MatchInput, 'rejected'>,
  asksForNumber: boolean,
  prior: number,
): readonly Suggestion[] {
  const compared = (side: SideName): Traits[] =>
    population[side].map((record) => traitsOf(record, taxHashes?.[side].get(record.key) ?? null));
  const all = { erp: compared('erp'), procore: compared('procore') };
  const free = (side: SideName): Traits[] => {
    const keys = new Set(unpaired[side].map(({ key }) => key));
    return all[side].filter(({ record }) => keys.has(record.key));
  };
  const rarity = rarityOf([...all.erp, ...all.procore]);
  const surroundings = { rarity, asksForNumber, isShared: sharing(all.erp, all.procore) };
  const found: Suggestion[] = [];
  for (const [erp, procore] of pairsIn(free('erp'), free('procore'), rarity)) {
    const clues = cluesOf(erp, procore, surroundings);
    const bits = clues.reduce((sum, clue) => sum + clue.bits, -prior);
    const verdict = verdictOf(bits, clues);
    if (verdict === null) continue;
    const surest = [...clues].sort((a, b) => b.bits - a.bits).map(({ reason }) => reason);
    const reasons = [...surest, ...restingIn(erp.record, procore.record)];
    found.push({
      kind,
      erpKey: erp.record.key,
      procoreId: Number(procore.record.key),
      bits,
      verdict,
      reasons,
    });
  }
  return found;
}

function verdictOf(bits: number, clues: readonly Clue[]): Suggestion['verdict'] | null {
  if (bits >= MATCH && !clues.some(({ doubts }) => doubts)) return 'match';
  return bits >= ASK || clues.some(({ asks }) => asks) ? 'ask' : null;
}

/** Who is used on one side only: for people, and no evidence. */
const restingIn = (erp: SideRecord, procore: SideRecord): readonly string[] =>
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

function refusals({ rejected, unpaired }: MatchInput): ReadonlySet<string> {
  if (rejected.length === 0) return new Set();
  const revisions = (side: SideName): ReadonlyMap<string, string> =>
    new Map(unpaired[side].map(({ key, record }) => [key, matchRevision(record)]));
  const [erp, procore] = [revisions('erp'), revisions('procore')];
  return new Set(
    rejected
      .filter(
        ({ erpKey, procoreId, erpRevision, procoreRevision }) =>
          erp.get(erpKey) === erpRevision && procore.get(String(procoreId)) === procoreRevision,
      )
      .map(({ erpKey, procoreId }) => pairKey(erpKey, procoreId)),
  );
}

const bestFirst = (a: Suggestion, b: Suggestion): number =>
  b.bits - a.bits || compareText(a.erpKey, b.erpKey) || a.procoreId - b.procoreId;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
