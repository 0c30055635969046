import type { SignedChoice } from '../domain/audit/choices';
import { choiceEntry, choiceStatement, decisionOf } from '../domain/audit/choices';
import { definitionOf } from '../domain/kinds';
import { isSamePair } from '../domain/reconcile/merge-record';
import { isReconciled } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { ConflictRow } from '../store/rows';
import type { Decider } from './decide';
import { commentOf } from './decide';
import type { ConflictAnswer, Inbox, InboxParts, InboxReceipt } from './inbox-parts';
import { againRow, assertMay, assertPerson, assertSome, lookNow, receiptOf } from './inbox-parts';
import { DeskRefusal } from './refusal';

type Given<K extends keyof Inbox> = Parameters<Inbox[K]>[0];

/**
 * Writes down what a person chose, signed, and has the records compared again: the next plan of each does as they chose, as long as both values are
 * still those that they saw. What is written then is planned and approved like anything else.
 */
export async function settleConflicts(
  parts: InboxParts,
  { connectionId, answers, comment }: Given<'settle'>,
  decider: Decider,
): Promise<InboxReceipt> {
  await assertMay(parts, connectionId, decider);
  const { store, keys, now } = parts;
  const at = now();
  const said = commentOf(comment);
  const { results, settled } = await store.transaction('desk.settle', connectionId, async (t) => {
    const looked = await Promise.all(answers.map((answer) => lookAt(t, connectionId, answer)));
    assertSome(looked);
    const open = looked.flatMap(({ conflict, answer, refusal }) =>
      refusal !== null || conflict === null ? [] : [{ conflict, answer }],
    );
    const entries = open.map(({ conflict, answer }) => {
      const { linkId: link, recordId, field } = conflict;
      const { choice, pair } = answer;
      const bare: SignedChoice = {
        ...decider,
        recordId,
        link,
        field,
        choice,
        pair,
        comment: said,
        at,
        signatures: [],
      };
      const given = { ...bare, signatures: keys.sign(choiceStatement(connectionId, bare)) };
      t.conflicts.update(conflict, { decision: decisionOf(given) });
      return { at, ...choiceEntry(given), requestId: null, planHash: null, workflowId: null };
    });
    t.sideRecords.put(
      [...new Map(open.map(({ conflict }) => [conflict.recordId, conflict])).values()].map((conflict) =>
        againRow({ connectionId, kind: conflict.recordKind, side: 'erp', recordKey: conflict.erpKey }, at),
      ),
    );
    await t.audit.append(connectionId, entries);
    return { results: looked, settled: open.map(({ conflict }) => conflict.recordKind) };
  });
  return receiptOf(results, await lookNow(parts, connectionId, settled.filter(isReconciled)));
}

/** Has somebody look after conflicts. */
export async function assignConflicts(
  parts: InboxParts,
  { connectionId, ids, owner }: Given<'assignConflicts'>,
  decider: Decider,
): Promise<InboxReceipt> {
  const policy = await assertMay(parts, connectionId, decider);
  return parts.store.transaction('desk.assign', connectionId, async (t) => {
    await assertPerson(t, policy, owner);
    const looked = await Promise.all(ids.map((id) => find(t, connectionId, id)));
    assertSome(looked);
    for (const { conflict } of looked) if (conflict !== null) t.conflicts.update(conflict, { owner });
    return receiptOf(looked, null);
  });
}

interface Looked {
  readonly id: string;
  readonly conflict: ConflictRow | null;
  readonly refusal: DeskRefusal | null;
}

async function find(t: Repositories, connectionId: string, id: string): Promise<Looked> {
  const conflict = await t.conflicts.find(connectionId, id);
  if (conflict?.closedAt === null) return { id, conflict, refusal: null };
  const message =
    conflict === null
      ? `There is no conflict "${id}".`
      : `The conflict about ${conflict.field} of ${conflict.recordId} is closed (${conflict.closedBecause ?? ''}).`;
  return {
    id,
    conflict: null,
    refusal: new DeskRefusal('CONFLICT_UNKNOWN', message, '`tieback conflicts` lists those that are open.'),
  };
}

async function lookAt(
  t: Repositories,
  connectionId: string,
  answer: ConflictAnswer,
): Promise<Looked & { readonly answer: ConflictAnswer }> {
  const looked = await find(t, connectionId, answer.id);
  const { conflict } = looked;
  if (conflict === null) return { ...looked, answer };
  return { ...looked, answer, refusal: movedSince(conflict, answer) ?? unfitting(conflict, answer) };
}

function movedSince(conflict: ConflictRow, { pair }: ConflictAnswer): DeskRefusal | null {
  if (isSamePair(conflict, pair)) return null;
  return new DeskRefusal(
    'CONFLICT_CHANGED',
    `The values of ${conflict.field} of ${conflict.recordId} are not those that you looked at any more.`,
    `Look at them again: \`tieback conflicts show ${conflict.recordId}\`.`,
  );
}

/** A typed value of the wrong type, or none where there must be one. */
function unfitting({ recordKind, field }: ConflictRow, { choice }: ConflictAnswer): DeskRefusal | null {
  if (choice.take !== 'value') return null;
  const definition = definitionOf(recordKind).fields[field];
  const { value } = choice;
  const isFlag = definition?.type === 'flag';
  if (isFlag !== (typeof value === 'boolean'))
    return new DeskRefusal('FIELD_VALUE', `${field} is ${isFlag ? 'true or false' : 'a text'}.`);
  if ((value === null || value === '') && (definition?.required === true || NEVER_EMPTY.has(field)))
    return new DeskRefusal('FIELD_VALUE', `${field} cannot be empty.`);
  return null;
}

/** A record is told by them. */
const NEVER_EMPTY = new Set(['code', 'name', 'sortName']);
