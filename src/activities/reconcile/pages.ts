import type { Kind } from '../../domain/kinds';
import { alsoRebased } from '../../domain/reconcile/mapping/fingerprint';
import { reconciledPart } from '../../domain/reconcile/reconciled-part';
import type {
  ClosedRequest,
  Interruption,
  PageRef,
  PlanningView,
  PagesPlanned,
  PagesRef,
  PagesWritten,
  RequestRef,
} from '../../domain/request/flow';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { SideName } from '../../domain/reconcile/side-record';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps } from '../deps';
import { capabilityOf, connectionOf } from '../deps';
import type { InHand } from '../in-hand';
import { asSnapshot, asWay, inHandOf } from '../in-hand';
import type { RecordLink } from '../../domain/kinds/record-link';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { tellProgress } from '../beating';
import { settle } from '../step';
import { planActivities, planPageOnce } from '../steps/plan';
import { writeProcoreOnce } from '../steps/write-procore';
import { Together } from '../way';
import { guardOf } from './guard';
import { columnsOf, isOf, mappingNews } from './look';
import { ProcoreNow } from './procore-now';
import type { PageOfErp } from '.';
import { erpKeysOf, generationsOf, linksOfPage, otherSidesOf, partnersOf } from '.';

/** So many pages are read from Procore together: the whole list of a company may be shorter than asking for so many by their ids. */
const READ_TOGETHER = 10;

/** Pages of a request that are not done. */
const pagesOpen = (deps: ActivityDeps, ref: RequestRef): ReturnType<Repositories['plans']['pagesRead']> =>
  deps.store.read('reconcile.pages', (t) => t.plans.pagesRead(ref));

const snapshotAt = (deps: ActivityDeps, at: PageRef): Promise<ReconcileSnapshot | null> =>
  deps.store.read('reconcile.page', async (t) => {
    const row = await t.plans.snapshot(at);
    return row === null ? null : asSnapshot(row.body, 'reconcile');
  });

/** Those that a side still has to be asked about, with what was read. */
async function* pagesToRead(
  deps: ActivityDeps,
  { again = [], ...ref }: ReadPages,
  side: SideName,
): AsyncGenerator<readonly [PageRef, ReconcileSnapshot]> {
  for (const { page, whole } of await pagesOpen(deps, ref)) {
    if (!again.includes(page) && (whole || isOf(side, page))) continue;
    const at = { ...ref, page };
    const snapshot = await snapshotAt(deps, at);
    if (snapshot !== null) yield [at, snapshot];
  }
}

/** What each step that reads needs of the request. */
const inHandAt = (deps: ActivityDeps, ref: RequestRef): Promise<InHand<'reconcile'>> =>
  deps.store.read('reconcile.inHand', async (t) =>
    asWay(await inHandOf(t, connectionOf(deps, ref.connectionId), ref), 'reconcile'),
  );

/** And of a page. */
const linksAt = (
  deps: ActivityDeps,
  { connectionId }: PageRef,
  kind: Kind,
  snapshot: ReconcileSnapshot,
): Promise<readonly RecordLink[]> =>
  deps.store.read('reconcile.links', (t) => linksOfPage(t, connectionId, kind, snapshot));

/** ERP keys on the pages of what moved there. */
async function movedInErp(deps: ActivityDeps, ref: RequestRef): Promise<ReadonlySet<string>> {
  const moved = new Set<string>();
  for (const { page } of await pagesOpen(deps, ref)) {
    const snapshot = isOf('erp', page) ? await snapshotAt(deps, { ...ref, page }) : null;
    for (const { key } of snapshot?.erp ?? []) moved.add(key);
  }
  return moved;
}

const keep = (deps: ActivityDeps, at: PageRef, body: ReconcileSnapshot): Promise<void> =>
  deps.store.transaction('reconcile.read', at.connectionId, (t) =>
    t.plans.putSnapshot({
      connectionId: at.connectionId,
      requestId: at.id,
      page: at.page,
      whole: body.whole,
      body,
      readAt: deps.now(),
    }),
  );

/** Pages were read. */
interface PagesRead {
  readonly kind: 'read';
}

/** `again`: pages that were read before are read again, because what was read may be old. */
type ReadPages = RequestRef & { readonly again?: readonly number[] };

/** Runs on the ERP queue. */
export const readErpPagesActivities = (deps: ActivityDeps) => ({
  /** For pages of what moved in Procore: how the ERP holds these records now, and what it can hold. */
  async readErpPages(input: ReadPages): Promise<PagesRead | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      // What moved on both sides stands on a page of each: it is worked once, from the page of the ERP, which comes first.
      let moved: ReadonlySet<string> | null = null;
      const { intent } = await inHandAt(deps, input);
      const news = await deps.store.read('reconcile.mapping', (t) => mappingNews(t, connection, intent.kind));
      for await (const [at, snapshot] of pagesToRead(deps, input, 'erp')) {
        const isAgain = input.again?.includes(at.page) === true;
        if (snapshot.from === 'procore') moved ??= await movedInErp(deps, input);
        const links = await linksAt(deps, at, intent.kind, snapshot);
        const partner = partnersOf(intent.kind, links);
        const procore = snapshot.procore.filter((record) => {
          const erpKey = partner(record);
          return snapshot.from === 'erp' || erpKey === null || moved?.has(erpKey) !== true;
        });
        const keys =
          isAgain && snapshot.from === 'erp'
            ? snapshot.erp.map(({ key }) => key)
            : erpKeysOf(intent.kind, { ...snapshot, procore }, links);
        const erp = keys.length === 0 ? [] : await capabilityOf(connection, intent.kind).read(keys);
        await keep(deps, at, {
          ...snapshot,
          procore,
          erp: erp.map((known) => ({ ...known, record: reconciledPart(intent.kind, known.record) })),
          whole: true,
          columns: await columnsOf(connection, intent.kind),
          ...(isAgain && { generations: generationsOf(links) }),
          ...(news && { rebased: alsoRebased(snapshot.rebased, news.rebased) }),
        });
      }
      return { kind: 'read' as const };
    });
  },
});

/** Runs on the Procore queue. */
export const readProcorePagesActivities = (deps: ActivityDeps) => ({
  /** For pages of what moved in the ERP: how Procore holds these records now. */
  async readProcorePages(input: ReadPages): Promise<PagesRead | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const { intent } = await inHandAt(deps, input);
      const { kind, listId } = intent;
      const known = await deps.store.read('reconcile.known', (t) => t.links.countLinked(connection.id, kind));
      let some: (PageOfErp & { readonly at: PageRef })[] = [];
      const readSome = async (): Promise<void> => {
        const sides = await otherSidesOf(connection, kind, some, { listId, known });
        for (const [index, { at, snapshot }] of some.entries())
          await keep(deps, at, { ...snapshot, procore: sides[index] ?? [], whole: true });
        some = [];
      };
      for await (const [at, snapshot] of pagesToRead(deps, input, 'procore')) {
        some.push({ at, snapshot, links: await linksAt(deps, at, kind, snapshot) });
        if (some.length === READ_TOGETHER) await readSome();
      }
      await readSome();
      return { kind: 'read' as const };
    });
  },
});

/** Run on the main queue. */
export const planPagesActivities = (deps: ActivityDeps) => ({
  /** Whether the reconcile of a kind may go on now, and whether it is to read everything. */
  async beginRound(input: {
    readonly connectionId: string;
    readonly kind: Kind;
  }): Promise<{ readonly paused: string | null; readonly full: boolean }> {
    const { connectionId, kind } = input;
    const row = await deps.store.read('reconcile.begin', (t) => t.connections.find(connectionId));
    const by = row?.paused?.[kind];
    const paused =
      by === undefined ? null : `Paused by ${by.by} since ${by.at}: ${by.comment || 'no reason given'}`;
    const isAsked = paused === null && row?.fullNext?.includes(kind) === true;
    const full = isAsked
      ? await deps.store.transaction('reconcile.full', connectionId, (t) =>
          t.connections.takeFull(connectionId, kind),
        )
      : false;
    return { paused, full };
  },

  /** How many pages are not done, and what must be read before they can be planned. `again`: pages that are read once more. */
  async pagesOf(
    input: ReadPages,
  ): Promise<{ readonly pages: number; readonly readErp: boolean; readonly readProcore: boolean }> {
    const { again = [] } = input;
    const standing = { pages: 0, readErp: again.length > 0, readProcore: again.length > 0 };
    for (const { page, whole } of await pagesOpen(deps, input)) {
      standing.pages += 1;
      if (whole) continue;
      if (isOf('erp', page)) standing.readProcore = true;
      else standing.readErp = true;
    }
    return standing;
  },

  /**
   * Plans every page that is not done, and asks the policy about each. Where so many records would be taken away from people that somebody must look
   * first, the pages that do so are put to finance. `askFinance`: by page, why its plan is put to a person.
   */
  async planPages(
    input: RequestRef & {
      readonly askFinance: Readonly<Record<number, string>>;
      readonly only?: readonly number[];
    },
  ): Promise<PagesPlanned | ({ readonly kind: 'closed' } & ClosedRequest)> {
    const planned = new Map<number, PlanningView>();
    const old: number[] = [];
    const together = new Together();
    const open = await pagesOpen(deps, input);
    for (const [index, { page }] of open.entries()) {
      tellProgress(`page ${index + 1} of ${open.length}`);
      if (input.only?.includes(page) === false) continue;
      const at = { connectionId: input.connectionId, id: input.id, page, way: 'reconcile' as const };
      const view = await planPageOnce(deps, { ...at, askFinance: input.askFinance[page] ?? null }, together);
      if (view.kind === 'old') old.push(page);
      else planned.set(page, view);
    }
    const done = [...planned.values()].flatMap((view) => (view.kind === 'done' ? view.released : []));
    // The guard judges all pages together.
    if (old.length > 0)
      return {
        kind: 'planned',
        approved: [],
        toErp: [],
        asking: [],
        refused: [],
        released: done,
        again: old,
      };
    const guarded = new Map(
      [...planned].flatMap(([page, view]) =>
        view.kind === 'plan' && view.guarded !== undefined ? [[page, view.guarded] as const] : [],
      ),
    );
    const why =
      guarded.size === 0
        ? null
        : await deps.store.read('reconcile.guard', async (t) => {
            const inHand = await inHandOf(t, connectionOf(deps, input.connectionId), input);
            return guardOf(t, input, asWay(inHand, 'reconcile').intent.kind, guarded);
          });
    const result = { approved: [] as PagesRef['pages'][number][], toErp: [] as PagesRef['pages'][number][] };
    const asking: PagesPlanned['asking'][number][] = [];
    const refused: PagesPlanned['refused'][number][] = [];
    const released: string[] = [];
    for (const [page, first] of planned) {
      const mustAsk =
        why !== null && first.kind === 'plan' && first.guarded !== undefined && first.decision === 'approve';
      const at = { connectionId: input.connectionId, id: input.id, page, way: 'reconcile' as const };
      const view = mustAsk ? await planActivities(deps).planPage({ ...at, askFinance: why }) : first;
      if (view.kind === 'closed') return view;
      if (view.kind === 'done') released.push(...view.released);
      else if (view.kind === 'refused' || view.kind === 'gone') refused.push({ page, error: view.error });
      else if (view.kind === 'plan' && view.decision === 'approve') {
        const approved = { page, planHash: view.hash };
        result.approved.push(approved);
        if (view.writesErp === true) result.toErp.push(approved);
      } else if (view.kind === 'plan') asking.push({ page, plan: view });
    }
    const [asked] = asking;
    // Each page said where the request stands; as long as finance is asked about any, it waits.
    if (asked !== undefined)
      await deps.store.transaction('reconcile.asks', input.connectionId, async (t) => {
        const row = await t.requests.get(input);
        if (row.status === 'applying')
          await t.requests.setStatus(row, 'waiting_for_finance', asked.plan.because ?? null, deps.now(), {
            planHash: asked.plan.hash,
            warnings: asked.plan.warnings,
          });
      });
    return { kind: 'planned', ...result, asking, refused, released };
  },

  /** Closes a request of a reconcile here: Procore has none of it. What was left out stays an exception until it is carried. */
  async closeReconcile(
    input: RequestRef & { readonly summary: string; readonly status: 'applied' | 'rejected' },
  ): Promise<{ readonly kind: 'closed' } & ClosedRequest> {
    return deps.store.transaction('reconcile.close', input.connectionId, async (t) => {
      const row = await t.requests.get(input);
      const before = await alreadyClosed(t, row);
      if (before) return { kind: 'closed' as const, ...before };
      const result = { status: input.status, summary: input.summary };
      const outcome = { ...NOTHING_HAPPENED, close: result };
      const released = await recordOutcome(t, { row, plan: null, page: 0 }, outcome, { now: deps.now() });
      return { kind: 'closed' as const, result, released };
    });
  },
});

/** A record of the page is another one in Procore than it was when it was read. */
const ANOTHER = { kind: 'another' } as const;

/** Runs on the Procore queue. */
export const writeProcorePagesActivities = (deps: ActivityDeps) => ({
  /** Tells Procore what the approved pages say, one after the other, and writes down what happened to each. */
  async writeProcorePages(
    input: PagesRef,
  ): Promise<PagesWritten | ({ readonly kind: 'closed' } & ClosedRequest) | Interruption> {
    const now = await deps.store.read('reconcile.begun', async (t) => {
      const { receivedAt } = await t.requests.get(input);
      return new ProcoreNow(receivedAt);
    });
    const done = {
      written: 0,
      refused: 0,
      released: [] as string[],
      moved: [] as PagesWritten['moved'][number][],
    };
    for (const [index, { page, planHash }] of input.pages.entries()) {
      tellProgress(`page ${index + 1} of ${input.pages.length}`);
      const { connectionId, id } = input;
      const at = { connectionId, id, page, planHash, way: 'reconcile' as const, summary: null };
      const told = await writeProcoreOnce(deps, at, async (inHand, plan) =>
        (await now.hasMoved(inHand, plan)) ? ANOTHER : null,
      );
      if (told.kind === 'closed' || told.kind === 'busy' || told.kind === 'stopped') return told;
      if (told.kind === 'another') done.moved.push({ page, reason: null });
      else if (told.kind === 'moved') done.moved.push({ page, reason: told.reason });
      else {
        done.written += told.written;
        done.refused += told.refused;
        done.released.push(...told.released);
      }
    }
    return { kind: 'written', ...done };
  },
});
