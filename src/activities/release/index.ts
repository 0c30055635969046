import { erpKeyOfOriginId } from '../../domain/base/identity';
import { isKind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { ExternalDataItem } from '../../domain/plan/operation';
import { isForProcore, linkOf } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { ReleaseState } from '../../domain/plan/release';
import { linkOfItem, planRelease, rememberedLines } from '../../domain/plan/release';
import type { ReleaseSnapshot } from '../../domain/plan/snapshot';
import type { RequestResult } from '../../domain/request/flow';
import type { ProcoreId, RecordRelease, ReleaseItem } from '../../domain/request/intent';
import type { ErpRef } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import { closeDetails } from '../close-details';
import type { ConnectionParts } from '../deps';
import type { InHand } from '../in-hand';
import { snapshotOf } from '../in-hand';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import { send } from '../send';
import type { WaySteps } from '../way';
import { reading } from '../way';

/** May Procore let go of records? The ERP decides, item by item: what it no longer has is let go, the rest is refused. */
export const releaseWay: WaySteps<'release'> = {
  way: 'release',

  readErp: reading(
    'release',
    async (t, { connection, intent }) => {
      const links = await linksOf(t, connection.id, intent);
      return intent.items.map((item) => refOf(item, links));
    },
    async (connection, refs): Promise<ReleaseSnapshot> => ({
      way: 'release',
      states: await statesOf(connection, refs),
      listed: {},
    }),
  ),

  async mustAsk(t, { connection, intent }, snapshot) {
    const links = await linksOf(t, connection.id, intent);
    return intent.items.some((item, index) => isUnlisted(item, snapshot.states[index], links));
  },

  readProcore: reading(
    'release',
    async (t, { connection, row, intent }) => ({
      items: intent.items,
      links: await linksOf(t, connection.id, intent),
      snapshot: await snapshotOf(t, { ...row, page: 0 }, 'release'),
    }),
    async (connection, { items, links, snapshot }) => {
      const listed: Record<string, readonly ExternalDataItem[]> = {};
      for (const [index, item] of items.entries()) {
        const projectId = projectOf(item, links);
        if (projectId !== null && isUnlisted(item, snapshot.states[index], links))
          listed[String(index)] = await listedInProcore(connection, item, projectId);
      }
      return { ...snapshot, listed };
    },
  ),

  async plan(t, { connection, intent }, { states, listed }) {
    const links = await linksOf(t, connection.id, intent);
    return {
      kind: 'plan',
      plan: planRelease({ connectionId: connection.id, intent, states, links, listed }),
    };
  },

  async send({ connection, intent }, { plan }): Promise<Sent> {
    const sent = await send(connection.procore, plan.operations.filter(isForProcore));
    const { problems, messages, result } = endingOf(intent, plan, sent);
    const status = result.status === 'applied' ? 'success' : 'failed';
    const unclosed = await closeDetails(connection, intent, { status, messages, problems });
    return { ...sent, unclosed };
  },

  async outcome(_, { intent }, { approved: { plan }, sent }) {
    const { problems, result } = endingOf(intent, plan, sent);
    const results = plan.operations.map((operation): OperationResult => {
      const reason = problems.get(operation.recordId)?.join(' ') ?? null;
      const state = reason === null ? 'confirmed' : 'refused';
      return { operation, state, reason, erpKey: operation.erpKey, record: null };
    });
    return {
      ...NOTHING_HAPPENED,
      results,
      settles: results.flatMap(({ operation, state }) => (state === 'confirmed' ? [operation.recordId] : [])),
      links: results.flatMap(({ operation, state }) => {
        const link = linkOf(operation);
        return link === null || state === 'refused' ? [] : [link];
      }),
      close: {
        ...result,
        summary: [result.summary, sent.unclosed].filter((part) => part !== null).join(' '),
      },
    };
  },
};

async function linksOf(
  t: Repositories,
  connectionId: string,
  { items }: InHand<'release'>['intent'],
): Promise<readonly RecordLink[]> {
  const links: RecordLink[] = [];
  for (const { target, procoreId } of items) {
    if (isKind(target)) links.push(...(await t.links.byProcoreIds(connectionId, target, [procoreId])));
  }
  return links;
}

/** What to ask the ERP about; `absent` when the record never had a key of the ERP. */
function refOf(item: ReleaseItem, links: readonly RecordLink[]): ErpRef | 'absent' | 'foreign' {
  const { target, assignment, originId } = item;
  if (assignment !== null) {
    const code = erpKeyOfOriginId('cost_code', assignment.costCodeOriginId);
    const type = erpKeyOfOriginId('line_item_type', assignment.lineItemTypeOriginId);
    return code === null || type === null ? 'foreign' : { target, key: `${code}/${type}` };
  }
  const link = linkOfItem(item, links);
  if (link?.state === 'linked') return { target, key: link.erpKey };
  if (originId === null) return 'absent';
  const key = erpKeyOfOriginId(target, originId);
  return key === null ? 'foreign' : { target, key };
}

async function statesOf(
  { erp }: ConnectionParts,
  refs: readonly (ErpRef | 'absent' | 'foreign')[],
): Promise<readonly ReleaseState[]> {
  const known = refs.filter((ref) => typeof ref === 'object');
  const answers = known.length === 0 ? [] : await erp.lookUp(known);
  const byRef = new Map(answers.map(({ target, key, state }) => [`${target}:${key}`, state]));
  return refs.map((ref) =>
    typeof ref === 'string' ? ref : (byRef.get(`${ref.target}:${ref.key}`) ?? 'absent'),
  );
}

const projectOf = (item: ReleaseItem, links: readonly RecordLink[]): ProcoreId | null =>
  item.projectId ?? linkOfItem(item, links)?.projectId ?? null;

/** A contract to let go of whose type, or whose lines, neither the event names nor we remember. */
function isUnlisted(
  item: ReleaseItem,
  state: ReleaseState | undefined,
  links: readonly RecordLink[],
): boolean {
  if (state !== 'absent' && state !== 'void') return false;
  const { lines, itemType, target } = item;
  if (!isKind(target) || projectOf(item, links) === null) return false;
  return itemType === null || (lines === null && rememberedLines(item, linkOfItem(item, links)).length === 0);
}

/** The lines of a contract, and the contract itself where the event does not say of which type it is; nothing where it is gone. */
async function listedInProcore(
  { procore }: ConnectionParts,
  { target, itemType, procoreId }: ReleaseItem,
  projectId: ProcoreId,
): Promise<readonly ExternalDataItem[]> {
  const kind = procore.kinds[target];
  const type = itemType ?? (await kind?.itemTypeOf?.(procoreId, projectId)) ?? null;
  if (type === null) return [];
  const found = (await kind?.listLines?.(type, procoreId, projectId)) ?? [];
  return [
    ...(itemType === null ? [{ itemType: type, itemId: procoreId, line: null }] : []),
    ...found
      .filter(({ originId }) => originId !== null)
      .map((line) => ({ itemType: 'line_item', itemId: line.procoreId, line: null })),
  ];
}

function endingOf(
  intent: RecordRelease,
  plan: Plan,
  sent: Sent,
): {
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly messages: readonly string[];
  readonly result: RequestResult;
} {
  const problems = new Map<string, readonly string[]>(
    plan.leftOut.map(({ recordId, reason }) => [recordId, [reason]]),
  );
  for (const { operationKey, recordId, target } of plan.operations) {
    const messages = sent.refused.get(operationKey);
    if (messages) problems.set(recordId, [`${target}: ${messages.join('; ')}`]);
  }
  const sentences = [...problems.values()].flat();
  const fine = intent.items.length - problems.size;
  const verb = intent.about === 'unlink' ? 'unlinked' : 'may be deleted';
  const what = fine === intent.items.length ? plan.subject : `${fine} of ${intent.items.length}`;
  const done = `${what} ${verb}: the ERP no longer has ${fine === 1 ? 'it' : 'them'}.`;
  return {
    problems,
    messages: sentences,
    result: {
      status: problems.size === 0 ? 'applied' : 'failed',
      summary: [...(fine > 0 ? [done] : []), ...sentences.slice(0, 3)].join(' '),
    },
  };
}
