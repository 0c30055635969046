import type { AuditEntry } from '../domain/audit/chain';
import { isEntity } from '../domain/kinds/entity';
import type { QuestionItem, RecordQuestion } from '../domain/request/intent';
import { erpKeyOfOriginId } from '../domain/base/identity';
import type { ExternalDataItem, Plan } from '../domain/plan/plan';
import type { QuestionState } from '../domain/plan/release';
import { planQuestion, rememberedLines } from '../domain/plan/release';
import type { RecordLink } from '../domain/kinds/record-link';
import type { ClosedRequest, ReadView, RequestRef } from '../domain/request/flow';
import type { ErpRef } from '../erp-adapters/contract/adapter';
import type { Repositories } from '../store/repositories';
import { operationRow } from './approved-plan';
import { assertOwnOrigins } from './census';
import { closeDetails } from './close-details';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { alreadyClosed, auditEntry, close, releasedBy } from './ledger';
import { sendToProcore } from './procore-writes';
import { intentOf } from './request-body';

/** What the ERP said about each item. */
interface Answers {
  readonly states: readonly QuestionState[];
}

/** Runs on the ERP queue. */
export const questionErpActivities = (deps: ActivityDeps) => ({
  /** Asks the ERP whether the records are still there, and stores what it said. */
  async askErp({ connectionId, requestId }: RequestRef): Promise<ReadView> {
    const connection = connectionOf(deps, connectionId);
    return settle(async (): Promise<ReadView> => {
      const { intent, links } = await deps.store.read('question.links', (t) =>
        subjectOf(t, connection, requestId),
      );
      const refs = intent.items.map((item) => refOf(item, links));
      const known = refs.filter((ref) => typeof ref === 'object');
      const answers = known.length === 0 ? [] : ((await connection.erp.lookUp?.(known)) ?? []);
      const byRef = new Map(answers.map(({ target, key, state }) => [`${target}:${key}`, state]));
      const states = refs.map((ref) =>
        typeof ref === 'string' ? ref : (byRef.get(`${ref.target}:${ref.key}`) ?? 'absent'),
      );
      const body: Answers = { states };
      await deps.store.transaction('question.snapshot', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },
});

/** Runs on the Procore queue. */
export const questionProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Lets go in Procore of what the ERP no longer has, item by item, then closes the details; then our links, in one transaction. Every
   * call clears or deletes, so the whole step may be repeated.
   */
  async answerQuestion(
    ref: RequestRef,
  ): Promise<({ readonly kind: 'closed' } & ClosedRequest) | Stopped | Busy> {
    const connection = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const before = await deps.store.read('question.open', (t) => alreadyClosed(t, ref));
      if (before) return { kind: 'closed' as const, ...before };
      await assertOwnOrigins(deps, connection);
      const { row, intent, plan } = await planned(deps, connection, ref);
      const sent = await sendToProcore(connection, plan.operations);
      const problems = new Map<string, string[]>(
        plan.leftOut.map(({ recordId, reason }) => [recordId, [reason]]),
      );
      for (const [operation, messages] of sent.refused) {
        problems.set(operation.recordId, [`${operation.target}: ${messages.join('; ')}`]);
      }
      const sentences = [...problems.values()].flat();
      const fine = intent.items.length - problems.size;
      const verb = intent.about === 'unlink' ? 'unlinked' : 'may be deleted';
      const done = `${fine === intent.items.length ? plan.subject : `${fine} of ${intent.items.length}`} ${verb}: the ERP no longer has ${fine === 1 ? 'it' : 'them'}.`;
      const summary = [...(fine > 0 ? [done] : []), ...sentences.slice(0, 3)].join(' ');
      const refused = await closeDetails(connection, intent, {
        status: problems.size === 0 ? 'success' : 'failed',
        messages: problems.size === 0 ? [done] : sentences.slice(0, 20),
        problems,
      });
      const result = {
        status: problems.size === 0 ? ('applied' as const) : ('failed' as const),
        summary: [summary, refused].filter((part) => part !== null).join(' '),
      };
      const closed = await deps.store.transaction('question.closed', async (t): Promise<ClosedRequest> => {
        const meanwhile = await alreadyClosed(t, ref);
        if (meanwhile) return meanwhile;
        const now = deps.now();
        const audit = await recordPlan(t, row, plan, problems, now);
        await close(t, ref, result.status, result.summary, now, audit);
        return { result, released: await releasedBy(t, ref) };
      });
      return { kind: 'closed' as const, ...closed };
    });
  },
});

async function planned(deps: ActivityDeps, connection: ConnectionParts, ref: RequestRef) {
  const read = await deps.store.read('question.plan', async (t) => ({
    ...(await subjectOf(t, connection, ref.requestId)),
    snapshot: await t.plans.snapshot(ref, 0),
  }));
  const { intent, links, row } = read;
  const { states } = (read.snapshot?.body ?? { states: [] }) as Answers;
  const listed: Record<string, readonly ExternalDataItem[]> = {};
  for (const [index, item] of intent.items.entries()) {
    const gone = states[index] === 'absent' || states[index] === 'void';
    if (gone) listed[String(index)] = await linesInProcore(connection, item, links);
  }
  const plan = planQuestion({ connectionId: connection.id, intent, states, links, listed });
  return { row, intent, plan };
}

/** Lines of a contract that the event does not name and that we do not remember. */
async function linesInProcore(
  connection: ConnectionParts,
  item: QuestionItem,
  links: readonly RecordLink[],
): Promise<readonly ExternalDataItem[]> {
  const { itemType, lines, projectId, procoreId } = item;
  if (lines !== null || itemType === null || projectId === null || !isEntity(item.target)) return [];
  if (rememberedLines(item, ownLinkOf(item, links)).length > 0) return [];
  const found = await connection.procore.listLines(itemType, procoreId, projectId);
  return found
    .filter(({ originId }) => originId !== null)
    .map((line) => ({ itemType: 'line_item', itemId: line.procoreId, line: null }));
}

const ownLinkOf = (item: QuestionItem, links: readonly RecordLink[]): RecordLink | null =>
  links.find(({ entity, procoreId }) => entity === item.target && procoreId === item.procoreId) ?? null;

/** What to ask the ERP about; `absent` when the record never had a key of the ERP. */
function refOf(item: QuestionItem, links: readonly RecordLink[]): ErpRef | 'absent' | 'foreign' {
  const { target, assignment, originId } = item;
  if (assignment !== null) {
    const code = erpKeyOfOriginId('cost_code', assignment.costCodeOriginId);
    const type = erpKeyOfOriginId('line_item_type', assignment.lineItemTypeOriginId);
    return code === null || type === null ? 'foreign' : { target, key: `${code}/${type}` };
  }
  const linked = links.find(
    ({ entity, procoreId, state }) => entity === target && procoreId === item.procoreId && state === 'linked',
  );
  if (linked) return { target, key: linked.erpKey };
  if (originId === null) return 'absent';
  const key = erpKeyOfOriginId(target, originId);
  return key === null ? 'foreign' : { target, key };
}

async function subjectOf(t: Repositories, connection: ConnectionParts, requestId: number) {
  const row = await t.requests.get(connection.id, requestId);
  const intent: RecordQuestion = intentOf(connection, row, 'question');
  const links: RecordLink[] = [];
  for (const { target, procoreId } of intent.items) {
    if (isEntity(target)) links.push(...(await t.links.byProcoreIds(connection.id, target, [procoreId])));
  }
  return { row, intent, links };
}

async function recordPlan(
  t: Repositories,
  row: Parameters<typeof auditEntry>[0] & RequestRef,
  plan: Plan,
  problems: ReadonlyMap<string, readonly string[]>,
  now: string,
): Promise<AuditEntry[]> {
  await t.plans.add(row, 0, plan, now);
  const by = 'rule:nothing-written-to-erp';
  const { connectionId, requestId } = row;
  await t.plans.decide({
    connectionId,
    requestId,
    planHash: plan.hash,
    decision: 'approved',
    decidedBy: by,
    comment: '',
    channel: 'policy',
    at: now,
  });
  const detail = { operations: plan.operations.length, leftOut: plan.leftOut.length };
  const audit = [
    auditEntry(row, now, 'plan.built', { planHash: plan.hash, detail }),
    auditEntry(row, now, 'approval.granted', { actor: by, planHash: plan.hash }),
  ];
  const rows = plan.operations.map((operation) => {
    const reason = problems.get(operation.recordId)?.join(' ') ?? null;
    const state = reason === null ? ('confirmed' as const) : ('refused' as const);
    return operationRow(row, plan.hash, operation, {
      state,
      reason,
      erpKey: operation.erpKey,
      record: null,
      at: now,
    });
  });
  await t.plans.putOperations(rows);
  for (const { link, recordId, erpKey } of plan.operations) {
    if (link === null || problems.has(recordId)) continue;
    if (!(await t.links.advance(connectionId, link, now))) continue;
    const { state, generation, procoreId } = link;
    const more = { subject: recordId, planHash: plan.hash, detail: { erpKey, procoreId, state, generation } };
    audit.push(auditEntry(row, now, 'link.changed', more));
  }
  return audit;
}
