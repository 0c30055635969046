import type { AuditEntry } from '../../domain/audit/chain';
import { originIdOf, recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import { actorOf } from '../../domain/people/decision';
import type { HandMove } from '../../domain/reconcile/by-hand';
import { moveByHand } from '../../domain/reconcile/by-hand';
import { matchRevision } from '../../domain/reconcile/match';
import type { SideRecord } from '../../domain/reconcile/side-record';
import type { RequestRef } from '../../domain/request/id';
import type { ConnectionPolicy, Decided } from '../../domain/request/connection-policy';
import { whyNotApprover } from '../../domain/request/connection-policy';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow, LinkRejectionRow } from '../../store/rows';
import type { Store } from '../../store/store';
import type { Decider } from '../decide';
import { commentOf } from '../decide';
import { DeskRefusal } from '../refusal';
import type { Sides, SideSource, SidesIn } from '../../store/sides';
import { assertMatched } from './suggestions';

/** A suggested pair, as it was looked at: a decision on it counts only while both records are what they were. */
export interface SeenPair {
  readonly erpKey: string;
  readonly procoreId: number;
  readonly erpRevision: string;
  readonly procoreRevision: string;
}

/** One answer of a person about links. */
export type LinkAnswer =
  HandMove | ({ readonly how: 'accept' } & SeenPair) | ({ readonly how: 'reject' } & SeenPair);

export interface AskedLinks {
  readonly connectionId: string;
  readonly kind: Kind;
  readonly answers: readonly LinkAnswer[];
  readonly comment: string;
}

/** What became of one answer, in the order in which they were given. */
export interface LinkOutcome {
  readonly answer: LinkAnswer;
  /** Why it was refused, and what helps; null: it is done. */
  readonly refused: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface LinkingParts {
  readonly store: Store;
  readonly sidesIn: SidesIn;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  /** Tells held requests that what they wait for is linked now. Absent: they find out by themselves, within the hour. */
  readonly release?: (requests: readonly RequestRef[]) => Promise<void>;
}

/** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`. */
export function assertMayLink(
  connection: { readonly policy: Pick<ConnectionPolicy, 'approvers'> } | undefined,
  connectionId: string,
  by: string,
  about: Decided = 'records',
): void {
  if (connection === undefined)
    throw new DeskRefusal('CONNECTION_UNKNOWN', `There is no connection "${connectionId}".`);
  const { approvers } = connection.policy;
  const problem = whyNotApprover({ approvers, requireSecondPerson: false }, { by, requestedBy: null, about });
  if (problem !== null) throw new DeskRefusal('NotAllowed', problem);
}

/** So many are decided in one transaction. */
export const MOST_ANSWERS = 200;

/**
 * Does what a person decided about links, in one transaction, each with an entry in the log that names them. What is refused does not keep the others from
 * being done. Nothing is written to Procore or to the ERP: an `origin_id` goes there by a plan. Throws `DeskRefusal` `KIND_NOT_MATCHED`, `NO_COMMENT`,
 * `TOO_MANY`.
 */
export async function decideLinks(
  { store, sidesIn, now, release }: LinkingParts,
  asked: AskedLinks,
  decider: Decider,
): Promise<readonly LinkOutcome[]> {
  assertAskable(asked);
  const { connectionId, kind, answers } = asked;
  const decision = {
    by: actorOf(decider),
    channel: decider.channel,
    comment: commentOf(asked.comment),
    at: now(),
  };
  const { outcomes, released } = await store.transaction('links.decide', connectionId, async (t) => {
    const [found, sides] = await Promise.all([
      linksNamed(t, asked),
      sidesIn(t).some(connectionId, kind, keysIn(answers)),
    ]);
    let links = found;
    const outcomes: LinkOutcome[] = [];
    const moved: RecordLink[] = [];
    const rejections: LinkRejectionRow[] = [];
    for (const answer of answers) {
      const verdict = judge(kind, answer, links, sides);
      if ('refused' in verdict) {
        outcomes.push({ answer, refused: verdict.refused });
        continue;
      }
      const names = new Set(verdict.moved.map(({ erpKey }) => erpKey));
      links = [...verdict.moved, ...links.filter(({ erpKey }) => !names.has(erpKey))];
      moved.push(...verdict.moved);
      if (answer.how === 'reject') rejections.push(rejectionOf(asked, answer, decision));
      outcomes.push({ answer, refused: null });
    }
    const done = outcomes.flatMap(({ answer, refused }) => (refused === null ? [answer] : []));
    const takenApart = partedIn(kind, done, found);
    rejections.push(...(await apart(sidesIn(t), asked, takenApart, decision)));
    const stored = await t.links.advance(connectionId, moved, decision.at);
    const over = await conflictsOver(t, connectionId, stored);
    t.conflicts.close(
      connectionId,
      over.map(({ id }) => id),
      'record gone',
      decision.at,
    );
    // The next reconcile brings the two together, or makes the record that nothing stands in the way of any more.
    const looked = done.flatMap((answer) =>
      answer.how === 'unlink' || answer.how === 'merge'
        ? []
        : [answer.how === 'rename' ? answer.to : answer.erpKey],
    );
    t.sideRecords.lookAgain(connectionId, kind, 'erp', looked, decision.at);
    // It stands alone now, and may carry the origin_id of what it is not.
    const alone = takenApart.map(({ procoreId }) => String(procoreId));
    t.sideRecords.lookAgain(connectionId, kind, 'procore', alone, decision.at);
    await t.linkRejections.put(rejections);
    await t.linkRejections.forget(
      connectionId,
      kind,
      done.flatMap((answer) => (answer.how === 'link' || answer.how === 'relink' ? [answer] : [])),
    );
    await t.audit.append(connectionId, [
      ...done.map((answer) => decidedEntry(kind, answer, found, decision)),
      ...stored.map((link) => changedEntry(link, decision)),
      ...over.map((conflict) => closedEntry(conflict, decision)),
    ]);
    const linked = stored.flatMap(({ procoreId, state }) =>
      state === 'linked' && procoreId !== null ? [recordIdOf(kind, procoreId)] : [],
    );
    return { outcomes, released: await t.waits.waitingFor(connectionId, linked) };
  });
  await release?.(released.map((id) => ({ connectionId, id })));
  return outcomes;
}

interface Decision {
  readonly by: string;
  readonly channel: string;
  readonly comment: string;
  readonly at: string;
}

function assertAskable({ kind, answers, comment }: AskedLinks): void {
  if (answers.length > MOST_ANSWERS)
    throw new DeskRefusal('TOO_MANY', `${answers.length} answers at once; ${MOST_ANSWERS} at most.`);
  if (answers.some(({ how }) => how !== 'unlink' && how !== 'merge' && how !== 'rename')) assertMatched(kind);
  const needsReason = answers.some(({ how }) => how !== 'accept' && how !== 'reject');
  if (needsReason && comment.trim() === '')
    throw new DeskRefusal(
      'NO_COMMENT',
      'What is done to links by hand needs a reason: whoever reads the log asks for it.',
    );
}

const erpKeysIn = (answer: LinkAnswer): readonly string[] =>
  answer.how === 'merge' ? [] : answer.how === 'rename' ? [answer.erpKey, answer.to] : [answer.erpKey];
const procoreIdsIn = (answer: LinkAnswer): readonly number[] =>
  answer.how === 'merge'
    ? [answer.procoreId, answer.into]
    : answer.how === 'unlink' || answer.how === 'rename'
      ? []
      : [answer.procoreId];

const keysIn = (answers: readonly LinkAnswer[]): Sides<readonly string[]> => ({
  erp: [...new Set(answers.flatMap(erpKeysIn))],
  procore: [...new Set(answers.flatMap(procoreIdsIn).map(String))],
});

async function linksNamed(
  t: Repositories,
  { connectionId, kind, answers }: AskedLinks,
): Promise<readonly RecordLink[]> {
  const { erp, procore } = keysIn(answers);
  const [ofErp, ofProcore] = await Promise.all([
    t.links.byErpKeys(connectionId, kind, erp),
    t.links.byProcoreIds(connectionId, kind, procore.map(Number)),
  ]);
  return [...new Map([...ofErp, ...ofProcore].map((link) => [link.id, link])).values()];
}

type Verdict =
  { readonly moved: readonly RecordLink[] } | { readonly refused: NonNullable<LinkOutcome['refused']> };

function judge(
  kind: Kind,
  answer: LinkAnswer,
  links: readonly RecordLink[],
  sides: Sides<readonly SideRecord[]>,
): Verdict {
  const problem = problemWith(kind, answer, sides);
  if (problem !== null) return { refused: problem };
  if (answer.how === 'reject') return { moved: [] };
  const move: HandMove = answer.how === 'accept' ? { ...answer, how: 'link' } : answer;
  const verdict = moveByHand(kind, move, links);
  if ('moved' in verdict) return verdict;
  return { refused: { code: 'LINK_IN_THE_WAY', message: verdict.problem, hint: verdict.hint } };
}

/** What is wrong with the records themselves: a link of a record that is not there, or belongs to somebody else, would be a lie. */
function problemWith(
  kind: Kind,
  answer: LinkAnswer,
  sides: Sides<readonly SideRecord[]>,
): LinkOutcome['refused'] {
  if (answer.how === 'unlink' || answer.how === 'merge') return null;
  const { label } = definitionOf(kind);
  const erpKey = answer.how === 'rename' ? answer.to : answer.erpKey;
  const erp = sides.erp.find(({ key }) => key === erpKey);
  if (answer.how === 'rename')
    return erp === undefined ? absent(`${label.toLowerCase()} ${erpKey} in the ERP`, kind) : null;
  const procore = sides.procore.find(({ key }) => key === String(answer.procoreId));
  if (erp === undefined) return absent(`${label.toLowerCase()} ${erpKey} in the ERP`, kind);
  if (procore === undefined) return absent(`${recordIdOf(kind, answer.procoreId)} in Procore`, kind);
  const { originId } = procore;
  if (answer.how !== 'reject' && originId !== null && originId !== originIdOf(kind, answer.erpKey))
    return {
      code: 'ORIGIN_ID_TAKEN',
      message: `${recordIdOf(kind, answer.procoreId)} carries the origin_id "${originId}".`,
      hint: 'Another integration, or another ERP record, owns it; have it taken off in Procore first. `tieback census` counts them.',
    };
  if (answer.how === 'link' || answer.how === 'relink') return null;
  const isSeen =
    matchRevision(erp.record) === answer.erpRevision &&
    matchRevision(procore.record) === answer.procoreRevision;
  return isSeen
    ? null
    : {
        code: 'PAIR_CHANGED',
        message: `${label} ${answer.erpKey} or ${recordIdOf(kind, answer.procoreId)} changed since you looked.`,
        hint: `\`tieback links suggest ${kind}\` shows them as they are.`,
      };
}

const absent = (name: string, kind: Kind): LinkOutcome['refused'] => ({
  code: 'RECORD_UNKNOWN',
  message: `There was no ${name} when both sides were read last.`,
  hint: `\`tieback links suggest ${kind}\` lists the records without a partner. What was taken apart just now is read by the next reconcile.`,
});

const rejectionOf = (
  { connectionId, kind }: AskedLinks,
  { erpKey, procoreId, erpRevision, procoreRevision }: SeenPair,
  { by, comment, at }: Decision,
): LinkRejectionRow => ({
  connectionId,
  kind,
  erpKey,
  procoreId,
  erpRevision,
  procoreRevision,
  decidedBy: by,
  comment,
  at,
});

/** Conflicts about pairs that are none any more. Who is tied to another record now is compared with that one. */
async function conflictsOver(
  t: Repositories,
  connectionId: string,
  moved: readonly RecordLink[],
): Promise<readonly ConflictRow[]> {
  const links = new Map(moved.flatMap((link) => (link.id === undefined ? [] : [[link.id, link] as const])));
  if (links.size === 0) return [];
  const open = await t.conflicts.open(connectionId, [...links.keys()]);
  return open.filter(({ linkId, recordKind, recordId }) => {
    const link = links.get(linkId);
    return link?.state !== 'linked' || recordIdOf(recordKind, link.procoreId ?? '') !== recordId;
  });
}

interface Parted {
  readonly erpKey: string;
  readonly procoreId: number;
}

/** Pairs that were one, and are two by what a person decided. */
const partedIn = (
  kind: Kind,
  answers: readonly LinkAnswer[],
  before: readonly RecordLink[],
): readonly Parted[] =>
  answers.flatMap((answer) => {
    if (answer.how !== 'unlink' && answer.how !== 'relink') return [];
    const known = before.find(
      (link) => link.kind === kind && link.erpKey === answer.erpKey && link.state === 'linked',
    );
    const procoreId = known?.procoreId ?? null;
    return procoreId === null ? [] : [{ erpKey: answer.erpKey, procoreId }];
  });

/** What a person took apart is two records: it is not suggested again as it is, nor tied again by itself. */
async function apart(
  sides: SideSource,
  asked: AskedLinks,
  parted: readonly Parted[],
  decision: Decision,
): Promise<readonly LinkRejectionRow[]> {
  const { connectionId, kind } = asked;
  if (parted.length === 0) return [];
  const { erp, procore } = await sides.some(connectionId, kind, {
    erp: parted.map(({ erpKey }) => erpKey),
    procore: parted.map(({ procoreId }) => String(procoreId)),
  });
  // Of what nobody compared yet it is not known what it was like: it may be suggested again.
  const revisionOf = (records: readonly SideRecord[], key: string): string => {
    const known = records.find((record) => record.key === key);
    return known === undefined ? '' : matchRevision(known.record);
  };
  return parted.map(({ erpKey, procoreId }) =>
    rejectionOf(
      asked,
      {
        erpKey,
        procoreId,
        erpRevision: revisionOf(erp, erpKey),
        procoreRevision: revisionOf(procore, String(procoreId)),
      },
      decision,
    ),
  );
}

const bare = { requestId: null, planHash: null, workflowId: null };

/** The decision itself, under the record of Procore that it is about. */
function decidedEntry(
  kind: Kind,
  { how, ...answer }: LinkAnswer,
  before: readonly RecordLink[],
  { by, channel, comment, at }: Decision,
): AuditEntry {
  const erpKey = 'erpKey' in answer ? answer.erpKey : null;
  const known = before.find((link) => link.erpKey === erpKey && link.state === 'linked');
  const id = 'procoreId' in answer ? answer.procoreId : (known?.procoreId ?? `erp:${erpKey ?? ''}`);
  return {
    ...bare,
    at,
    actor: by,
    action: 'link.decided',
    subject: recordIdOf(kind, id),
    detail: { decision: how, ...answer, before: known?.procoreId ?? null, comment, channel },
  };
}

const changedEntry = (
  { id, kind, erpKey, procoreId, state, generation, erpRevision }: RecordLink,
  { by, at }: Decision,
): AuditEntry => ({
  ...bare,
  at,
  actor: by,
  action: 'link.changed',
  subject: recordIdOf(kind, procoreId ?? `erp:${erpKey}`),
  detail: { link: id, erpKey, procoreId, state, generation, erpRevision },
});

const closedEntry = ({ recordId, linkId, field }: ConflictRow, { by, at }: Decision): AuditEntry => ({
  ...bare,
  at,
  actor: by,
  action: 'conflict.closed',
  subject: recordId,
  detail: { link: linkId, field, because: 'record gone' },
});
