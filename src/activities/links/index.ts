import { erpKeyOfOriginId } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { candidatesFor, planLinks } from '../../domain/plan/links';
import { linkOf } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { RequestResult } from '../../domain/request/flow';
import type { LinkNotice, NoticedRecord } from '../../domain/request/intent';
import type { Repositories } from '../../store/repositories';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { WaySteps } from '../way';
import { reading } from '../way';

/** Procore did its part already; our own links follow. */
export const linksWay: WaySteps<'links'> = {
  way: 'links',
  finishesInStore: true,
  nothingRead: { way: 'links', found: {} },

  /** Which of the staged records an import means, where its event does not say. */
  readProcore: reading(
    'links',
    async (t, { connection, intent }) => ({
      records: intent.records,
      links: await linksFor(t, connection.id, intent),
    }),
    async ({ procore }, { records, links }) => {
      const found: Record<string, ProcoreId> = {};
      for (const record of records.filter(isUnknown)) {
        const { target, originId, projectOriginId } = record;
        const wanted = originId === null ? candidatesFor(record, links) : [originId];
        const project = projectIdOf(projectOriginId, links);
        if (wanted.length === 0) continue;
        const hits = (await procore.kinds[target]?.findByOriginId?.(wanted, project)) ?? [];
        for (const hit of hits) found[hit.originId] = hit.procoreId;
      }
      return { way: 'links', found };
    },
  ),

  async plan(t, { connection, intent }, { found }) {
    const links = await linksFor(t, connection.id, intent);
    return { kind: 'plan', plan: planLinks({ connectionId: connection.id, intent, links, found }) };
  },

  async outcome(_, __, { approved: { plan } }) {
    return {
      ...NOTHING_HAPPENED,
      results: plan.operations.map((operation): OperationResult => ({
        operation,
        state: 'confirmed',
        erpKey: operation.erpKey,
        reason: null,
        record: null,
      })),
      settles: plan.operations.map(({ recordId }) => recordId),
      links: plan.operations.map(linkOf).filter((link) => link !== null),
      problems: plan.leftOut.map(({ recordId, erpKey, reason }) => ({
        recordId,
        erpKey,
        reason,
        cause: 'data',
      })),
      close: resultOf(plan),
    };
  },
};

/** Whether the event of an import leaves open which record of Procore it was; budgets carry no key of the ERP at all. */
export const isUnknown = ({ procoreId, target }: NoticedRecord): boolean =>
  procoreId === null && isKind(target) && target !== 'budget';

const projectIdOf = (originId: string | null, links: readonly RecordLink[]): ProcoreId | null => {
  const key = originId === null ? null : erpKeyOfOriginId('project', originId);
  return links.find(({ kind, erpKey }) => kind === 'project' && erpKey === key)?.procoreId ?? null;
};

/** Links of everything that a notice names, in any state. */
async function linksFor(
  t: Repositories,
  connectionId: string,
  { records, master, wholeProjectId, how }: LinkNotice,
): Promise<readonly RecordLink[]> {
  const ids = new Map<Kind, Set<ProcoreId>>();
  const keys = new Map<Kind, Set<string>>();
  const staged = new Set<Kind>();
  for (const { target, procoreId, originId, projectOriginId } of [...records, ...(master ? [master] : [])]) {
    if (isKind(target)) {
      if (procoreId !== null) ids.set(target, (ids.get(target) ?? new Set()).add(procoreId));
      const key = originId === null ? null : erpKeyOfOriginId(target, originId);
      if (key !== null) keys.set(target, (keys.get(target) ?? new Set()).add(key));
      if (how === 'imported' && procoreId === null) staged.add(target);
    }
    const project = projectOriginId === null ? null : erpKeyOfOriginId('project', projectOriginId);
    if (project !== null) keys.set('project', (keys.get('project') ?? new Set()).add(project));
  }
  if (wholeProjectId !== null) ids.set('project', (ids.get('project') ?? new Set()).add(wholeProjectId));
  const found = await Promise.all([
    ...[...keys].map(([kind, wanted]) => t.links.byErpKeys(connectionId, kind, [...wanted])),
    ...[...ids].map(([kind, wanted]) => t.links.byProcoreIds(connectionId, kind, [...wanted])),
    ...[...staged].map((kind) => t.links.staged(connectionId, kind)),
    ...(wholeProjectId === null ? [] : [t.links.ofProject(connectionId, wholeProjectId)]),
  ]);
  const links = found.flat();
  return [...new Map(links.map((link) => [`${link.kind}:${link.erpKey}`, link])).values()];
}

const MOST_NAMED = 5;

function resultOf({ operations, leftOut, unchanged, subject }: Plan): RequestResult {
  if (leftOut.length > 0) {
    const named = leftOut.slice(0, MOST_NAMED).map(({ reason }) => reason);
    const more = leftOut.length > MOST_NAMED ? ` ... and ${leftOut.length - MOST_NAMED} more.` : '';
    return { status: 'failed', summary: `${subject}: ${named.join(' ')}${more}` };
  }
  const changed =
    operations.length === 0
      ? 'links were so already'
      : `${operations.length} link${operations.length === 1 ? '' : 's'} changed`;
  const same = unchanged > 0 && operations.length > 0 ? `, ${unchanged} unchanged` : '';
  return { status: 'applied', summary: `${subject}: ${changed}${same}.` };
}
