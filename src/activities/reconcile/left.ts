import type { Kind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Operation } from '../../domain/plan/operation';
import { procoreRevisionOf } from '../../domain/plan/reconcile';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import { syncRevisionOf } from '../../domain/plan/sync';
import { guardedIn, isGuarded } from '../../domain/reconcile/guard';
import { codesRevisionOf } from '../../domain/reconcile/merge-lines';
import { linesRevisionOf } from '../../domain/reconcile/reconciled-part';
import { DECIDED } from '../../domain/request/exception';
import type { RequestRef, RequestResult } from '../../domain/request/flow';
import type { Repositories } from '../../store/repositories';
import { asSnapshot } from '../in-hand';
import type { Outcome, Problem } from '../record/outcome';
import { guardOf } from './guard';
import { unpairedRow } from './look';
import { erpSide } from '.';

type Left = Pick<Outcome, 'links' | 'problems'>;

/**
 * What a request leaves behind that ends before all of its pages were worked. A record that finance did not want written is an exception, keeps what both
 * sides have, and counts as looked at until one of them changes; every other one is looked at again. Who rejects one page of many records that would be
 * taken away has rejected the others as well: few of them at a time would pass the guard.
 */
export async function leftBehind(
  t: Repositories,
  ref: RequestRef,
  kind: Kind,
  { result, now }: { readonly result: RequestResult; readonly now: string },
): Promise<Left> {
  const left = { links: [] as RecordLink[], problems: [] as Problem[] };
  const pages = await t.plans.pagesRead(ref);
  // Plans are large: one at a time.
  const guarded = new Map<number, readonly string[]>();
  for (const { page } of pages) {
    const stored = await t.plans.latest({ ...ref, page });
    if (stored !== null) guarded.set(page, guardedIn(stored.body));
  }
  const isGuardedRun = (await guardOf(t, ref, kind, guarded)) !== null;
  for (const { page } of pages) {
    const at = { ...ref, page };
    const [row, stored] = await Promise.all([t.plans.snapshot(at), t.plans.latest(at)]);
    if (row === null) continue;
    const snapshot = asSnapshot(row.body, 'reconcile');
    const operations = stored?.body.operations ?? [];
    const unwanted = writtenBy(
      stored?.state === 'rejected' ? operations : isGuardedRun ? operations.filter(isGuarded) : [],
    );
    const keys = new Set(unwanted.flatMap(({ erpKey }) => erpKey ?? []));
    const links = await t.links.byErpKeys(ref.connectionId, kind, [...keys]);
    left.links.push(...links.flatMap((link) => lookedAt(link, snapshot)));
    left.problems.push(
      ...unwanted.map(({ recordId, erpKey, target }) => ({
        recordId,
        erpKey,
        reason: `${target}: ${result.summary}`,
        cause: DECIDED,
        hint: 'Both sides keep what they have. Put it right on either side, or have it planned once more.',
      })),
    );
    const known = new Set(links.filter(({ state }) => state === 'linked').map(({ erpKey }) => erpKey));
    t.sideRecords.put(
      snapshot.erp
        .filter(({ key }) => keys.has(key) && !known.has(key))
        .map((one) =>
          unpairedRow(ref.connectionId, erpSide(kind, one), syncRevisionOf(kind, one.record), now),
        ),
    );
    const ids = new Set(links.map(({ procoreId }) => String(procoreId)));
    const again = {
      erp: snapshot.erp.map(({ key }) => key).filter((key) => !keys.has(key)),
      procore: snapshot.procore.map(({ key }) => key).filter((key) => !ids.has(key)),
    };
    // Whichever side it was found on, that one finds it again.
    t.sideRecords.lookAgain(ref.connectionId, kind, snapshot.from, again[snapshot.from], now);
  }
  await t.plans.dropSnapshotsOf(ref);
  return left;
}

/** One of each record that would have been written to. */
const writtenBy = (operations: readonly Operation[]): readonly Operation[] => [
  ...new Map(
    operations.filter(({ side }) => side !== 'tieback').map((one) => [one.recordId, one] as const),
  ).values(),
];

/** Its shadows stay: what differs is found again with the next change. */
function lookedAt(link: RecordLink, { erp, procore }: ReconcileSnapshot): readonly RecordLink[] {
  if (link.state !== 'linked') return [];
  const here = erp.find(({ key }) => key === link.erpKey);
  const there = procore.find(({ key }) => key === String(link.procoreId));
  const lines = there?.lines !== undefined && 'lines' in there.lines ? there.lines.lines : null;
  return [
    {
      ...link,
      generation: link.generation + 1,
      ...(here === undefined ? {} : { erpRevision: syncRevisionOf(link.kind, here.record) }),
      ...(there === undefined ? {} : { procoreRevision: procoreRevisionOf(there) }),
      ...(here === undefined || lines === null
        ? {}
        : {
            linesRevision: linesRevisionOf(link.kind, here.record),
            procoreLinesRevision: codesRevisionOf(lines),
          }),
    },
  ];
}
