import { decisionOn, UNDO_UNTIL } from '../../domain/audit/evidence';
import { contentHash } from '../../domain/base/identity';
import { sameAmount, sum } from '../../domain/base/money';
import { groupBy } from '../../domain/base/group-by';
import type { Visitor } from '../../domain/people/access';
import type { SigningKeys } from '../../domain/people/signing-keys';
import { aboutPlan } from '../../domain/request/about';
import { requestWords } from '../../domain/request/id';
import { isSeen, mayDecide } from '../../domain/request/stage';
import type { PlanRow, SyncRequestRow } from '../../store/rows';
import type { Asked, Decided } from '../decide';
import { currentPlan } from '../dossier';
import { DeskRefusal } from '../refusal';
import type { EachOutcome } from './each';
import { decideEach } from './each';
import type { ListParts, ReachedConnection } from './list';
import { reached } from './list';

/** Most requests that are approved with one answer. */
export const MOST_AT_ONCE = 100;

/** Requests that somebody approves together, or whose approvals they withdraw together, with what they saw. */
export interface BulkAsked {
  readonly answer: 'approve' | 'withdraw';
  /** Made once for what they confirmed. */
  readonly key: string;
  readonly requests: readonly {
    readonly connectionId: string;
    /** Its id. */
    readonly request: string;
    /** Beginning of the hash of the plan that was looked at. */
    readonly plan: string;
  }[];
  readonly count: number;
  readonly sums: readonly { readonly currency: string | null; readonly amount: string }[];
  readonly comment: string;
}

/** What became of each, in the order in which they were asked for. */
export interface BulkOutcome {
  readonly outcomes: readonly EachOutcome[];
}

/** What it takes. */
export interface BulkParts extends ListParts {
  readonly keys: Pick<SigningKeys, 'isSigned'>;
  /** Puts one approval to its workflow, as this person. Throws `DeskRefusal`. */
  readonly decide: (person: Visitor, asked: Asked, channel: string) => Promise<Decided>;
}

/** So many answers are remembered, for those that are asked for again. */
const REMEMBERED = 200;

/** Approves many requests at once, or withdraws that. Each is bound to its own plan, and is decided as if it were asked for alone. */
export class BulkDecisions {
  private readonly asked = new Map<
    string,
    { readonly body: string; readonly outcome: Promise<BulkOutcome> }
  >();

  constructor(private readonly parts: BulkParts) {}

  /**
   * The same question sent twice is one. Where the daemon that answered the first is gone, the audit log tells what this person approved already. Throws
   * `DeskRefusal` where nothing at all was done.
   */
  decide(person: Visitor, asked: BulkAsked, channel: string): Promise<BulkOutcome> {
    const key = JSON.stringify([person.id, asked.key]);
    const body = contentHash(asked);
    const known = this.asked.get(key);
    if (known !== undefined) {
      if (known.body === body) return known.outcome;
      throw new DeskRefusal('KEY_USED', 'This key was used for other requests.', 'Confirm them again.');
    }
    const outcome = decideAll(this.parts, person, asked, channel);
    this.asked.set(key, { body, outcome });
    // Nothing was done: it may be asked for again.
    outcome.catch(() => this.asked.delete(key));
    const [oldest] = this.asked.keys();
    if (this.asked.size > REMEMBERED && oldest !== undefined) this.asked.delete(oldest);
    return outcome;
  }
}

/** One of them, with the plan that the person looked at. */
interface Looked {
  readonly row: SyncRequestRow;
  readonly plan: PlanRow;
  readonly isAllowed: boolean;
}

async function decideAll(
  parts: BulkParts,
  person: Visitor,
  asked: BulkAsked,
  channel: string,
): Promise<BulkOutcome> {
  const mine = await reached(parts, person);
  const looked: Looked[] = [];
  for (const one of asked.requests) looked.push(await lookAt(parts, mine, one));
  assertSame(looked, asked);
  const each = looked.map((one) => ({ ...one, connectionId: one.row.connectionId, id: one.row.id }));
  const { answer, comment } = asked;
  const [said, decideOne] =
    answer === 'approve' ? (['Approved', approveOne] as const) : (['Undone', withdrawOne] as const);
  return {
    outcomes: await decideEach(each, said, (one) => decideOne(parts, person, one, { comment, channel })),
  };
}

async function lookAt(
  { store }: BulkParts,
  mine: readonly ReachedConnection[],
  { connectionId, request, plan }: BulkAsked['requests'][number],
): Promise<Looked> {
  const reach = mine.find((one) => one.connectionId === connectionId)?.reach;
  // Not by a name: words about it may tell of others.
  const row = await store.read('desk.bulk', (t) => t.requests.find({ connectionId, id: request }));
  if (reach === undefined || row === null || !isSeen(reach, row))
    throw new DeskRefusal('REQUEST_UNKNOWN', `There is no request "${request}" of "${connectionId}".`);
  const current = (await currentPlan(store, row))?.plan;
  const shown =
    current?.hash.startsWith(plan) === true
      ? current
      : (await store.read('desk.bulk', (t) => t.plans.all(row))).find(({ hash }) => hash.startsWith(plan));
  if (shown !== undefined) return { row, plan: shown, isAllowed: mayDecide(reach, row) };
  throw new DeskRefusal('PLAN_CHANGED', `${requestWords(row.id)} has no plan ${plan}.`, 'Look at it again.');
}

/** What they saw is what there is. Throws `DeskRefusal` `SUM_DIFFERS`. */
function assertSame(looked: readonly Looked[], { count, sums }: BulkAsked): void {
  const differ = (words: string): never => {
    throw new DeskRefusal(
      'SUM_DIFFERS',
      `This is not what was confirmed: ${words}. Nothing was approved.`,
      'Look at the list again.',
    );
  };
  const several = new Set(looked.map(({ row }) => JSON.stringify([row.connectionId, row.id]))).size;
  if (several !== looked.length) differ('a request is named twice');
  if (count !== looked.length) differ(`${looked.length} requests, not ${count}`);
  const there = sumsOf(looked);
  const seen = new Map(sums.map(({ currency, amount }) => [currency ?? '', amount]));
  if (seen.size !== sums.length) differ('a currency is named twice');
  for (const currency of new Set([...there.keys(), ...seen.keys()])) {
    const [is, was] = [there.get(currency), seen.get(currency)];
    if (is !== undefined && was !== undefined && sameAmount(is, was)) continue;
    differ(`${words(is, currency)}, not ${words(was, currency)}`);
  }
}

const words = (amount: string | undefined, currency: string): string =>
  amount === undefined
    ? `no amount${currency === '' ? '' : ` in ${currency}`}`
    : `${amount} ${currency}`.trim();

/** What the plans write, by currency; of one that writes no amount, what its request says. Read from the plans, and not from what a list goes by. */
function sumsOf(looked: readonly Looked[]): ReadonlyMap<string, string> {
  const amounts = looked.flatMap(({ row, plan }) => {
    const about = row.way === 'export' ? aboutPlan(row.about, { ...plan.body, hash: plan.hash }) : row.about;
    return typeof about?.amount === 'string'
      ? [{ currency: about.currency ?? '', amount: about.amount }]
      : [];
  });
  const groups = groupBy(amounts, ({ currency }) => currency);
  return new Map([...groups].map(([currency, of]) => [currency, sum(of.map(({ amount }) => amount))]));
}

interface Saying {
  readonly comment: string;
  readonly channel: string;
}

/** Approves one; until when it can be withdrawn. Throws `DeskRefusal`. */
async function approveOne(
  parts: BulkParts,
  person: Visitor,
  { row, plan, isAllowed }: Looked,
  { comment, channel }: Saying,
): Promise<string | null> {
  const { connectionId, id } = row;
  assertAllowed(person, row, isAllowed);
  const before = await approvedBefore(parts, person, row, plan);
  if (before !== null) return before.undo;
  const { warnings } = plan.body;
  if (warnings.length > 0)
    throw new DeskRefusal(
      'HAS_WARNINGS',
      `${requestWords(id)} has ${warnings.length === 1 ? 'a warning' : `${warnings.length} warnings`}: it is approved on its own page.`,
    );
  try {
    const asked = { typed: id, connectionId, answer: 'approve', plan: plan.hash, comment } as const;
    const { receipt } = await parts.decide(person, asked, channel);
    return receipt.undo?.until ?? null;
  } catch (error) {
    // The same answer may have been quicker on another way.
    const taken = error instanceof DeskRefusal ? await approvedBefore(parts, person, row, plan) : null;
    if (taken === null) throw error;
    return taken.undo;
  }
}

/** Withdraws the approval of one. Throws `DeskRefusal`. */
async function withdrawOne(
  parts: BulkParts,
  person: Visitor,
  { row, plan, isAllowed }: Looked,
  { comment, channel }: Saying,
): Promise<null> {
  const { connectionId, id } = row;
  assertAllowed(person, row, isAllowed);
  const asked = { typed: id, connectionId, answer: 'withdraw', plan: plan.hash, comment } as const;
  await parts.decide(person, asked, channel);
  return null;
}

function assertAllowed(person: Visitor, { id }: SyncRequestRow, isAllowed: boolean): void {
  if (isAllowed) return;
  throw new DeskRefusal('NotAllowed', `"${person.id}" may not decide about ${requestWords(id)}.`);
}

/** That the log proves that this person approved this plan, and until when it can be withdrawn; null: they did not. */
async function approvedBefore(
  { store, keys }: BulkParts,
  { id: by }: Visitor,
  row: SyncRequestRow,
  { hash }: PlanRow,
): Promise<{ readonly undo: string | null } | null> {
  const { connectionId, id } = row;
  const sealed = await store.read('desk.bulk', (t) => t.audit.sealed(row, { planHash: hash }));
  const decided = decisionOn({ connectionId, id, planHash: hash }, sealed, keys);
  if (decided?.decision !== 'approved' || decided.person !== by) return null;
  const until = sealed.findLast(({ action }) => action === 'approval.granted')?.detail[UNDO_UNTIL];
  return { undo: typeof until === 'string' ? until : null };
}
