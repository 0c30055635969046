import type { Kind } from '../../domain/kinds';
import { guardWords } from '../../domain/reconcile/guard';
import type {
  ClosedRequest,
  Interruption,
  PageRef,
  PagesPlanned,
  PagesRef,
  PagesWritten,
  RequestRef,
} from '../../domain/request/flow';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { ActivityDeps } from '../deps';
import { capabilityOf, connectionOf } from '../deps';
import { asSnapshot, asWay, inHandOf } from '../in-hand';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';
import { planActivities } from '../steps/plan';
import { writeProcoreActivities } from '../steps/write-procore';
import { columnsOf, isOf } from './look';
import { erpKeysOf, linksOfPage, otherSideOf } from '.';

/** The pages of a request that are not done, with what was read. */
async function* openPages(
  deps: ActivityDeps,
  ref: RequestRef,
): AsyncGenerator<readonly [PageRef, ReconcileSnapshot]> {
  const pages = await deps.store.read('reconcile.pages', (t) => t.plans.pagesRead(ref));
  for (const page of pages) {
    const at = { ...ref, page };
    const row = await deps.store.read('reconcile.page', (t) => t.plans.snapshot(at));
    if (row !== null) yield [at, asSnapshot(row.body, 'reconcile')];
  }
}

/** What each step that reads needs of a page. */
const inPage = (deps: ActivityDeps, at: PageRef, snapshot: ReconcileSnapshot) =>
  deps.store.read('reconcile.inPage', async (t) => {
    const inHand = asWay(await inHandOf(t, connectionOf(deps, at.connectionId), at), 'reconcile');
    const { intent } = inHand;
    return { intent, links: await linksOfPage(t, at.connectionId, intent.kind, snapshot) };
  });

const keep = (deps: ActivityDeps, at: PageRef, body: ReconcileSnapshot): Promise<void> =>
  deps.store.transaction('reconcile.read', at.connectionId, (t) =>
    t.plans.putSnapshot({
      connectionId: at.connectionId,
      requestId: at.id,
      page: at.page,
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
      for await (const [at, snapshot] of openPages(deps, input)) {
        const isAgain = input.again?.includes(at.page) === true;
        if (isAgain ? false : isOf('erp', at.page) || snapshot.whole) continue;
        const { intent, links } = await inPage(deps, at, snapshot);
        const keys =
          isAgain && snapshot.from === 'erp'
            ? snapshot.erp.map(({ key }) => key)
            : erpKeysOf(intent.kind, snapshot, links);
        const erp = keys.length === 0 ? [] : await capabilityOf(connection, intent.kind).read(keys);
        await keep(deps, at, {
          ...snapshot,
          erp,
          whole: true,
          columns: await columnsOf(connection, intent.kind),
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
      for await (const [at, snapshot] of openPages(deps, input)) {
        const isAgain = input.again?.includes(at.page) === true;
        if (!isAgain && (isOf('procore', at.page) || snapshot.whole)) continue;
        const { intent, links } = await inPage(deps, at, snapshot);
        const procore = await otherSideOf(connection, intent.kind, {
          snapshot,
          links,
          listId: intent.listId,
        });
        await keep(deps, at, { ...snapshot, procore, whole: true });
      }
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
    for await (const [{ page }, { whole }] of openPages(deps, input)) {
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
    const { planPage } = planActivities(deps);
    const pages = await deps.store.read('reconcile.pages', (t) => t.plans.pagesRead(input));
    const planned = new Map<number, Awaited<ReturnType<typeof planPage>>>();
    for (const page of pages) {
      if (input.only?.includes(page) === false) continue;
      const at = { connectionId: input.connectionId, id: input.id, page, way: 'reconcile' as const };
      planned.set(page, await planPage({ ...at, askFinance: input.askFinance[page] ?? null }));
    }
    const guarded = [...planned.values()].flatMap((view) =>
      view.kind === 'plan' ? (view.guarded ?? []) : [],
    );
    const why = guarded.length === 0 ? null : await guardOf(deps, input, guarded);
    const result = { approved: [] as PagesRef['pages'][number][], toErp: [] as PagesRef['pages'][number][] };
    const asking: PagesPlanned['asking'][number][] = [];
    const refused: PagesPlanned['refused'][number][] = [];
    const released: string[] = [];
    for (const [page, first] of planned) {
      const mustAsk =
        why !== null && first.kind === 'plan' && first.guarded !== undefined && first.decision === 'approve';
      const at = { connectionId: input.connectionId, id: input.id, page, way: 'reconcile' as const };
      const view = mustAsk ? await planPage({ ...at, askFinance: why }) : first;
      if (view.kind === 'closed') return view;
      if (view.kind === 'done') released.push(...view.released);
      else if (view.kind === 'refused' || view.kind === 'gone') refused.push({ page, error: view.error });
      else if (view.kind === 'plan' && view.decision === 'approve') {
        const approved = { page, planHash: view.hash };
        result.approved.push(approved);
        if (view.writesErp === true) result.toErp.push(approved);
      } else if (view.kind === 'plan') asking.push({ page, plan: view });
    }
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

async function guardOf(
  deps: ActivityDeps,
  ref: RequestRef,
  guarded: readonly string[],
): Promise<string | null> {
  return deps.store.read('reconcile.guard', async (t) => {
    const { intent } = asWay(await inHandOf(t, connectionOf(deps, ref.connectionId), ref), 'reconcile');
    const keys = await t.links.erpKeys(ref.connectionId, intent.kind, ['linked', 'staged']);
    return guardWords(intent.kind, guarded, keys.length);
  });
}

/** Runs on the Procore queue. */
export const writeProcorePagesActivities = (deps: ActivityDeps) => ({
  /** Tells Procore what the approved pages say, one after the other, and writes down what happened to each. */
  async writeProcorePages(
    input: PagesRef,
  ): Promise<PagesWritten | ({ readonly kind: 'closed' } & ClosedRequest) | Interruption> {
    const { writeProcore } = writeProcoreActivities(deps);
    const done = {
      written: 0,
      refused: 0,
      released: [] as string[],
      moved: [] as PagesWritten['moved'][number][],
    };
    for (const { page, planHash } of input.pages) {
      const { connectionId, id } = input;
      const told = await writeProcore({ connectionId, id, page, planHash, way: 'reconcile', summary: null });
      if (told.kind === 'closed' || told.kind === 'busy' || told.kind === 'stopped') return told;
      if (told.kind === 'moved') done.moved.push({ page, reason: told.reason });
      else {
        done.written += told.written;
        done.refused += told.refused;
        done.released.push(...told.released);
      }
    }
    return { kind: 'written', ...done };
  },
});
