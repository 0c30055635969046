import { erpKeyOfOriginId } from '../../domain/base/identity';
import { definitionOf, isKind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { ShownTie } from '../../domain/plan/links-shown';
import { linksShown } from '../../domain/plan/links-shown';
import type { Interruption, RequestRef } from '../../domain/request/flow';
import type { TiesPort } from '../../procore/port';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';

/** Runs on the Procore queue. */
export const learnLinkActivities = (deps: ActivityDeps) => ({
  /**
   * Asks Procore what ties records that a request waits for. Imports of prime contracts and commitment change orders raise no
   * event ("ERP Events Dictionary"), so this is how their links become known. Answers how many did.
   */
  async learnLinks(
    input: RequestRef,
  ): Promise<{ readonly kind: 'learned'; readonly count: number } | Interruption> {
    const { ties } = connectionOf(deps, input.connectionId).procore;
    return settle(async () => {
      const found: ShownTie[] = [];
      const waits = await deps.store.read('waits', (t) => t.waits.ofRequest(input));
      for (const { recordId } of waits) found.push(...(await ask(ties, recordId)));
      if (found.length === 0) return { kind: 'learned' as const, count: 0 };
      const count = await deps.store.transaction('links.learned', input.connectionId, (t) =>
        link(t, input, found, deps.now()),
      );
      return { kind: 'learned' as const, count };
    });
  },
});

async function ask(ties: TiesPort, recordId: string): Promise<readonly ShownTie[]> {
  const [kind = '', id = ''] = recordId.split('/');
  const procoreId = Number(id);
  if (!isKind(kind) || !Number.isSafeInteger(procoreId)) return [];
  for (const itemType of definitionOf(kind).itemTypes) {
    const data = await ties.read?.(itemType, procoreId);
    const erpKey = data?.originId ? erpKeyOfOriginId(kind, data.originId) : null;
    if (erpKey !== null) return [{ kind, procoreId, erpKey }];
  }
  return [];
}

async function link(
  t: Repositories,
  ref: RequestRef,
  found: readonly ShownTie[],
  now: string,
): Promise<number> {
  const row = await t.requests.get(ref);
  const links = await linksLearned(t, ref.connectionId, found, false);
  await recordOutcome(t, { row, plan: null, page: 0 }, { ...NOTHING_HAPPENED, links }, { now });
  return links.length;
}

/** The links that follow from ties that the other sides show: see `linksShown`. */
export async function linksLearned(
  t: Repositories,
  connectionId: string,
  shown: readonly ShownTie[],
  letsGo: boolean,
): Promise<readonly RecordLink[]> {
  const links: RecordLink[] = [];
  for (const { kind, procoreId, erpKey } of shown) {
    if (erpKey !== null) links.push(...(await t.links.byErpKeys(connectionId, kind, [erpKey])));
    links.push(...(await t.links.byProcoreIds(connectionId, kind, [procoreId])));
  }
  const once = new Map(links.map((link) => [link.id, link]));
  return linksShown([...once.values()], shown, letsGo);
}
