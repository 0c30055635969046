/**
 * An installation that reconciles vendors without a Temporal server: the real steps in the order in which the workflows call them, on a real store, the
 * simulator over HTTP and the sample ERP. Every call that leaves the process can fail, lose its answer, or kill the process; then store, adapter and client
 * are built anew and the step is tried again with the same input, as Temporal would.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../sandbox/procore-simulator/clock';
import { ProcoreSimulator } from '../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../sandbox/sample-erp/company';
import { createCompany, openCompany } from '../../sandbox/sample-erp/company';
import type { ActivityDeps, ConnectionParts } from '../../src/activities';
import { previewReconcile, startUnstarted } from '../../src/activities';
import { pollActivities } from '../../src/activities/intake/poll';
import { lookErpActivities, lookProcoreActivities } from '../../src/activities/reconcile/look';
import {
  planPagesActivities,
  readErpPagesActivities,
  readProcorePagesActivities,
  writeProcorePagesActivities,
} from '../../src/activities/reconcile/pages';
import { writeErpPagesActivities } from '../../src/activities/reconcile/write-erp';
import { closeActivities } from '../../src/activities/request/close';
import { decisionActivities } from '../../src/activities/request/decisions';
import { fetchActivities, openActivities } from '../../src/activities/request/open';
import { planActivities } from '../../src/activities/steps/plan';
import { readProcoreActivities } from '../../src/activities/steps/read';
import type { LinkAnswer } from '../../src/desk/links/decide';
import { decideLinks } from '../../src/desk/links/decide';
import { verifyAudit } from '../../src/desk/audit/verify';
import { AuditKeys } from '../../src/domain/audit/keys';
import type { AuditFinding } from '../../src/domain/audit/chain';
import type { RequestResult, SyncRequestInput } from '../../src/domain/request/flow';
import type { Plan } from '../../src/domain/plan/plan';
import type { Mapping } from '../../src/domain/reconcile/mapping/mapping';
import type { Ownership } from '../../src/domain/reconcile/ownership';
import type { ReconciledKind } from '../../src/domain/request/id';
import { RECONCILED, requestIdOf } from '../../src/domain/request/id';
import type { ConnectionPolicy } from '../../src/domain/request/connection-policy';
import type { ErpAdapter } from '../../src/erp-adapters/contract/adapter';
import { sampleAdapter } from '../../src/erp-adapters/sample';
import { mappedErp } from '../../src/mapped-erp';
import type { ProcoreApp } from '../../src/procore/app';
import { createProcoreApp } from '../../src/procore/app';
import { procoreSettings } from '../../src/procore/client/settings';
import type { ProcoreCompany, SyncItem } from '../../src/procore/port';
import { openSqlite } from '../../src/sqlite';
import type { Repositories } from '../../src/store/repositories';
import { storedSides } from '../../src/store/sides';
import { Store } from '../../src/store/store';
import { gated } from './gated-procore';
import { signedBy, TEST_KEYS } from './people';
import type { Trouble } from './troubles';
import { Troubles } from './troubles';
import { COMPANY, MARIA, POLICY } from './world';

/** Without Procore's ERP tool, or with it: then new records of the ERP wait for a person who imports them. */
export type Door = 'tool' | 'open';

export interface ReconcileWorldOptions {
  readonly door: Door;
  readonly pageSize: number;
  /** Rows on a page of Procore's lists; absent: as many as Procore gives. */
  readonly listPageSize?: number;
}

interface Incarnation {
  readonly store: Store;
  readonly erp: ErpAdapter;
  readonly app: ProcoreApp;
  readonly parts: ConnectionParts;
  dead: boolean;
}

/** A request that waits for a person. */
interface Waiting {
  readonly id: string;
  readonly page: number;
  readonly planHash: string;
}

/** How a request of a reconcile stands. */
type Standing = { readonly kind: 'closed'; readonly result: RequestResult } | Waiting;

const UPDATES_PASS: ConnectionPolicy['rules'] = [
  { name: 'vendor-updates', decision: 'approve', when: { events: ['reconcile'], erpActions: ['update'] } },
];
/** A value with this in it is refused by whoever is asked to take it. */
export const REFUSED = 'REFUSED';

export class ReconcileWorld {
  readonly connectionId = 'acme';
  readonly clock = new ManualClock(Date.UTC(2026, 10, 30, 6));
  readonly procore = new ProcoreSimulator({ clock: this.clock });
  erp!: Accounting;
  /** Requests that wait for finance, by id. */
  readonly waiting = new Map<string, Waiting>();
  /** Plans that write to the ERP are put to finance. */
  asksFinance = false;
  /** How values of the ERP become those of Procore, and who owns which field. Other ones hold from the next start on. */
  mapping: Mapping = {};
  ownership: Ownership = {};
  private folder!: string;
  private apiUrl = '';
  private current!: Incarnation;
  private readonly troubles = new Troubles();
  private ticks = 0;
  private readonly notes = new Map<
    string,
    { readonly askFinance: Record<number, string>; again: number[] }
  >();
  private readonly started: SyncRequestInput[] = [];
  private readonly deps: ActivityDeps;

  private constructor(private readonly options: ReconcileWorldOptions) {
    // Getters: each attempt sees the process that lives now.
    const current = (): Incarnation => this.current;
    this.deps = {
      get store() {
        return current().store;
      },
      get connections() {
        return new Map([[current().parts.id, current().parts]]);
      },
      now: () => this.nowIso(),
      people: { keys: TEST_KEYS, breakGlass: false },
      searchNames: true,
      anchoring: { everyMs: 86_400_000, keys: new AuditKeys(), places: [] },
      startRequest: async (input) => void this.started.push(input),
      workflows: {
        running: async function* () {},
        standing: () => Promise.resolve({ kind: 'working' }),
        restart: () => Promise.reject(new Error('nothing is repaired here')),
      },
    };
  }

  static async create(options: ReconcileWorldOptions): Promise<ReconcileWorld> {
    const world = new ReconcileWorld(options);
    world.folder = mkdtempSync(join(tmpdir(), 'tieback-reconcile-'));
    world.apiUrl = (await world.procore.start({ rateLimit: false })).apiUrl;
    cpSync(await template(), world.folder, { recursive: true });
    world.erp = openCompany(world.erpFile);
    world.current = await world.build();
    return world;
  }

  async close(): Promise<void> {
    await shut(this.current);
    await this.procore.stop();
    this.erp.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  // ---- what goes wrong ------------------------------------------------------------------------

  /** Counts calls anew, and has these go wrong. */
  setTrouble(trouble: Trouble): void {
    this.troubles.set(trouble);
  }

  /** Names of the calls since `setTrouble`. */
  get calls(): readonly string[] {
    return this.troubles.calls;
  }

  get policy(): ConnectionPolicy {
    return { ...POLICY, rules: this.asksFinance ? [] : UPDATES_PASS };
  }

  get faultsInjected(): number {
    return this.troubles.injected;
  }

  /** Tries a step until it is through; what nobody injected is a fault of the program. */
  private step<T>(call: () => Promise<T>): Promise<T> {
    return this.troubles.untilThrough(call, async () => {
      if (this.current.dead) await this.rebirth();
    });
  }

  private async rebirth(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.restart();
  }

  /** Ends the process and starts it again. `meanwhile`: what is done to its files. */
  async restart(meanwhile: () => void = () => undefined): Promise<void> {
    await shut(this.current);
    meanwhile();
    this.current = await this.build();
  }

  private async build(): Promise<Incarnation> {
    const mine = { dead: false };
    const store = await Store.open(
      { type: 'better-sqlite3', file: this.storeFile },
      { migrate: false, io: (name, call) => this.troubles.io(mine, name, call) },
    );
    const settings = {
      apiUrl: this.apiUrl,
      loginUrl: this.apiUrl,
      clientId: 'tieback-demo',
      clientSecret: 'demo-secret',
      retry: { retries: 1, baseDelayMs: 1 },
      limiter: { backoffMs: 5, jitterMs: 1 },
      ...(this.options.listPageSize === undefined ? {} : { scanPageSize: this.options.listPageSize }),
    };
    const app = createProcoreApp(procoreSettings(settings), { now: () => this.clock.now() });
    const openDoor =
      this.options.door === 'tool'
        ? null
        : ({
            vendors: 'needed',
            projects: 'active',
            commitments: { statuses: ['Approved'] },
            syncEveryMinutes: 60,
          } as const);
    const erp = sampleAdapter.create({
      connectionId: this.connectionId,
      settings: { file: this.erpFile, company: 1, busyTimeoutMs: 0 },
      io: (name, call) => this.troubles.ioNow(mine, name, call),
    });
    const asks = (): ConnectionPolicy => this.policy;
    const parts: ConnectionParts = {
      id: this.connectionId,
      get policy() {
        return asks();
      },
      procore: gated(refusing(app.company(COMPANY, { openDoor })), () => ({
        io: (name, call) => this.troubles.io(mine, name, call),
      })),
      erp: Object.keys(this.mapping).length === 0 ? erp : mappedErp(erp, this.mapping),
      procoreQueue: 'procore-main',
      erpQueue: 'erp-acme',
      pageSize: this.options.pageSize,
      pollOverlap: 50,
      openDoor,
      acceptForeignOrigins: true,
      reconcile: { kinds: {}, ownership: this.ownership, mapping: this.mapping },
    };
    return Object.assign(mine, { store, erp, app, parts });
  }

  // ---- the workflows, step by step --------------------------------------------------------------

  /** As the workflow `reconcile`: looks and works until a look finds nothing more. Answers what moved. */
  async reconcile(
    how: { readonly full?: boolean; readonly erpFirst?: boolean; readonly kind?: ReconciledKind } = {},
  ): Promise<number> {
    const { full = false, erpFirst = true, kind = 'vendor' } = how;
    let moved = 0;
    this.clock.advance(600_000);
    const started = this.nowIso();
    for (let round = 0; ; round += 1) {
      const name = `${started}${round === 0 ? '' : `-${round + 1}`}`;
      const look = {
        connectionId: this.connectionId,
        kind,
        name,
        full: full && round === 0,
      };
      const [ofProcore, ofErp] = [lookProcoreActivities(this.deps), lookErpActivities(this.deps)];
      const erpLook = () => this.step(() => ofErp.lookErp(look));
      const procoreLook = () => this.step(() => ofProcore.lookProcore(look));
      const looks = erpFirst ? [erpLook, procoreLook] : [procoreLook, erpLook];
      let [pages, more] = [0, false];
      for (const each of looks) {
        const found = await each();
        if (found.kind !== 'looked') throw new Error(`a look ended: ${JSON.stringify(found)}`);
        pages += found.pages;
        moved += found.moved;
        more ||= found.more;
      }
      if (pages > 0) {
        const id = requestIdOf(RECONCILED[kind], name);
        const view = await this.step(() => openActivities(this.deps).openRequest(this.ref(id)));
        if (view.next.kind !== 'work') throw new Error(`${id} is ${view.next.kind}`);
        this.notes.set(id, { askFinance: {}, again: [] });
        await this.work(id);
      }
      if (!more) return moved;
    }
  }

  /** As `reconcilePages`, until the request is over or waits for a person. */
  private async work(id: string): Promise<Standing> {
    const { deps } = this;
    const ref = this.ref(id);
    const note = this.notes.get(id);
    if (note === undefined) throw new Error(`${id} is not at work`);
    const pages = planPagesActivities(deps);
    for (;;) {
      const { again, askFinance } = note;
      const standing = await this.step(() => pages.pagesOf({ ...ref, again }));
      if (standing.pages === 0) break;
      if (standing.readErp)
        assertIs('read', await this.step(() => readErpPagesActivities(deps).readErpPages({ ...ref, again })));
      if (standing.readProcore)
        assertIs(
          'read',
          await this.step(() => readProcorePagesActivities(deps).readProcorePages({ ...ref, again })),
        );
      const planned = await this.step(() => pages.planPages({ ...ref, askFinance }));
      if (planned.kind === 'closed') return planned;
      const moved: { page: number; reason: string | null }[] = [];
      if (planned.toErp.length > 0) {
        const told = await this.step(() =>
          writeErpPagesActivities(deps).writeErpPages({ ...ref, pages: planned.toErp }),
        );
        if (told.kind !== 'written') throw new Error(`the ERP was not written: ${JSON.stringify(told)}`);
        moved.push(...told.moved);
      }
      const still = planned.approved.filter(({ page }) => !moved.some((one) => one.page === page));
      if (still.length > 0) {
        const told = await this.step(() =>
          writeProcorePagesActivities(deps).writeProcorePages({ ...ref, pages: still }),
        );
        if (told.kind === 'closed') return told;
        if (told.kind !== 'written') throw new Error(`Procore was not written: ${JSON.stringify(told)}`);
        moved.push(...told.moved);
      }
      for (const { page, reason } of moved) if (reason !== null) askFinance[page] = reason;
      const old = [...moved.map(({ page }) => page), ...(planned.again ?? [])];
      if (old.length > 0) {
        note.again = old;
        continue;
      }
      const [refused] = planned.refused;
      if (refused !== undefined) throw new Error(`${id} cannot be planned: ${JSON.stringify(refused)}`);
      const [asked] = planned.asking;
      if (asked === undefined) continue;
      const waits = { id, page: asked.page, planHash: asked.plan.hash };
      this.waiting.set(id, waits);
      return waits;
    }
    this.notes.delete(id);
    return this.step(() => pages.closeReconcile({ ...ref, status: 'applied', summary: 'done' }));
  }

  /** Finance decides about a request that waits. */
  async decide(id: string, decision: 'approved' | 'rejected'): Promise<Standing> {
    const waits = this.waiting.get(id);
    const note = this.notes.get(id);
    if (waits === undefined || note === undefined) throw new Error(`${id} does not wait`);
    this.waiting.delete(id);
    const ref = this.ref(id);
    const { page, planHash } = waits;
    const update = decision === 'approved' ? 'approve' : 'reject';
    const by = { planHash, by: MARIA, comment: 'so be it', channel: 'test' };
    const signed = signedBy(TEST_KEYS, ref, update, by);
    await this.step(() =>
      decisionActivities(this.deps).recordDecision({ ...ref, page, decision, by: signed as never }),
    );
    if (decision === 'approved') {
      note.again = [page];
      return this.work(id);
    }
    this.notes.delete(id);
    const result = { status: 'rejected' as const, summary: 'Rejected' };
    const closing = { ...ref, result, messages: ['Rejected'], expired: false };
    const closed = await this.step(() => closeActivities(this.deps).closeRequest(closing));
    if (closed.kind !== 'closed') throw new Error('it was not closed');
    return closed;
  }

  /** As a round of intake, and the requests that it starts: imports and links of Procore's people. */
  async intake(): Promise<void> {
    const { deps, connectionId } = this;
    if (this.options.door === 'open') return;
    await this.step(() => pollActivities(deps).pollRequests({ connectionId }));
    const pace = { limitMs: 10_000, most: 1_000, pause: () => Promise.resolve() };
    await this.step(() => startUnstarted(deps, this.current.parts, pace));
    const inputs = new Map(this.started.splice(0).map((input) => [input.id, input]));
    for (const { id } of inputs.values()) await this.links(id);
  }

  private async links(id: string): Promise<void> {
    const { deps } = this;
    const ref = this.ref(id);
    const fetched = await this.step(() => fetchActivities(deps).fetchRequest(ref));
    if (fetched.kind !== 'view') throw new Error(`${id} was not fetched`);
    const { next } = fetched.view;
    if (next.kind === 'closed') return;
    if (next.kind !== 'work' || next.way !== 'links') throw new Error(`${id}: ${JSON.stringify(next)}`);
    const page = { ...ref, page: 0, way: 'links' as const };
    if (next.mustAsk) await this.step(() => readProcoreActivities(deps).readProcore(page));
    const plan = await this.step(() => planActivities(deps).planPage({ ...page, askFinance: null }));
    if (plan.kind !== 'closed') throw new Error(`${id}: ${plan.kind}`);
  }

  /** Somebody of finance answers about links. Answers why it was refused, a sentence each. */
  async answer(...answers: readonly LinkAnswer[]): Promise<readonly string[]> {
    return this.outside(async (store) => {
      const parts = { store, sidesIn: storedSides, now: () => this.nowIso() };
      const asked = {
        connectionId: this.connectionId,
        kind: 'vendor' as const,
        answers,
        comment: 'so be it',
      };
      const outcomes = await decideLinks(parts, asked, { by: MARIA, account: null, channel: 'test' });
      return outcomes.flatMap(({ refused }) => (refused === null ? [] : [refused.message]));
    });
  }

  /** What a run would do now; nothing is written. */
  async preview(): Promise<readonly Plan[]> {
    const plans: Plan[] = [];
    const of = { kind: 'vendor' as const, full: false };
    for await (const { plan } of previewReconcile(this.deps, this.current.parts, of))
      if (plan !== null) plans.push(plan);
    return plans;
  }

  // ---- looking in ------------------------------------------------------------------------------

  readonly ref = (id: string) => ({ connectionId: this.connectionId, id });

  /** A look at our store that is no call of the process. */
  async read<T>(work: (t: Repositories) => Promise<T>): Promise<T> {
    return this.outside((store) => store.read('look', work));
  }

  /** Something that is done to our store from outside the daemon: by a command, by a webhook. */
  async outside<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await Store.open({ type: 'better-sqlite3', file: this.storeFile }, { migrate: false });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  /** Every row of every table of our store, but for times at which somebody looked. */
  storeRows(): Readonly<Record<string, readonly unknown[]>> {
    return rowsOf(this.storeFile);
  }

  erpRows(): Readonly<Record<string, readonly unknown[]>> {
    return rowsOf(this.erpFile);
  }

  /** Writes that reached Procore since its log was cleared. */
  writes(): string[] {
    return this.procore
      .requestLog()
      .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth/'))
      .map(({ method, path, operationId }) => operationId ?? `${method} ${path}`);
  }

  async auditFindings(): Promise<readonly AuditFinding[]> {
    const { connectionId } = this;
    const erp = sampleAdapter.create({ connectionId, settings: { file: this.erpFile } });
    try {
      const question = { connectionId, ledger: erp.ledger, signing: TEST_KEYS };
      return (await this.outside((store) => verifyAudit(store, question))).findings;
    } finally {
      await erp.close();
    }
  }

  nowIso(): string {
    this.ticks += 1;
    return new Date(this.clock.now() + (this.ticks % 1000)).toISOString();
  }

  get storeFile(): string {
    return join(this.folder, 'tieback.db');
  }

  get erpFile(): string {
    return join(this.folder, 'erp.db');
  }
}

const shut = async ({ store, erp, app }: Incarnation): Promise<void> => {
  await erp.close();
  app.close();
  await store.close();
};

function assertIs(kind: string, result: { readonly kind: string }): void {
  if (result.kind !== kind) throw new Error(`expected ${kind}: ${JSON.stringify(result)}`);
}

/** Procore that does not take a value with `REFUSED` in it. */
function refusing(company: ProcoreCompany): ProcoreCompany {
  const { vendor } = company.kinds;
  if (vendor?.write === undefined) return company;
  const write = vendor.write.bind(vendor);
  const isBad = ({ fields }: SyncItem): boolean =>
    Object.values(fields).some((value) => typeof value === 'string' && value.includes(REFUSED));
  const refusals = (items: readonly SyncItem[]) =>
    items.filter(isBad).map(({ key }) => ({ key, messages: ['is not taken'] }));
  return {
    ...company,
    kinds: {
      ...company.kinds,
      vendor: {
        ...vendor,
        write: async (place, items) => {
          const good = items.filter((item) => !isBad(item));
          const done = good.length === 0 ? { ids: [], errors: [] } : await write(place, good);
          return { ...done, errors: [...done.errors, ...refusals(items)] };
        },
      },
    },
  };
}

let made: Promise<string> | null = null;

/** An installation as it is after its set-up; copied, because making one takes long. */
function template(): Promise<string> {
  made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tieback-template-'));
    const file = join(folder, 'erp.db');
    const ledgerScript = sampleAdapter.create({ connectionId: 'x', settings: { file } }).grantScript();
    const erp = createCompany(file, { ledgerScript });
    erp.db.exec(`
      CREATE TRIGGER refuse_city BEFORE UPDATE OF City ON APVM WHEN NEW.City LIKE '%${REFUSED}%' BEGIN
        SELECT RAISE(ABORT, 'APVM: City ' || NEW.City || ' is not on the map.');
      END;
      CREATE TRIGGER format_fax AFTER UPDATE OF Fax ON APVM WHEN NEW.Fax LIKE 'fmt%' BEGIN
        UPDATE APVM SET Fax = 'F' || substr(NEW.Fax, 4) WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor;
      END;
    `);
    erp.db.pragma('wal_checkpoint(TRUNCATE)');
    erp.db.close();
    const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
    const at = new Date(Date.UTC(2026, 10, 30)).toISOString();
    await store.transaction('seed', 'acme', (t) =>
      t.connections.add({
        id: 'acme',
        companyId: COMPANY,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: at,
      }),
    );
    await store.close();
    return folder;
  })();
  return made;
}

/** To be called when a suite is over. */
export async function dropTemplate(): Promise<void> {
  if (made !== null) rmSync(await made, { recursive: true, force: true });
  made = null;
}

function rowsOf(file: string): Readonly<Record<string, readonly unknown[]>> {
  const db = openSqlite(file, { readonly: true });
  try {
    const names = db
      .prepare<[], { name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all();
    return Object.fromEntries(
      names.map(({ name }) => [
        name,
        db.prepare<[], unknown>(`SELECT * FROM "${name}" ORDER BY rowid`).all(),
      ]),
    );
  } finally {
    db.close();
  }
}
