import { erpKeyOfOriginId } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import type { KnownRecord } from '../../domain/kinds/record';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { SyncPlace } from '../../domain/plan/operation';
import { procoreRevisionOf } from '../../domain/plan/reconcile';
import { syncedPart, syncRevisionOf } from '../../domain/plan/sync';
import { sideRecordOf } from '../../domain/reconcile/from-draft';
import type { Rebased } from '../../domain/reconcile/mapping/fingerprint';
import { rebasedBy } from '../../domain/reconcile/mapping/fingerprint';
import { codesMoved } from '../../domain/reconcile/merge-lines';
import { hasReconciledLines, linesRevisionOf, reconciledPart } from '../../domain/reconcile/reconciled-part';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import { projectInKey } from '../../domain/reconcile/side-record';
import type { Interruption, Looked, ReconcileLook } from '../../domain/request/flow';
import {
  isOfReconcile,
  mappingReaderOf,
  RECONCILED,
  reconcileReaderOf,
  requestIdOf,
} from '../../domain/request/id';
import { reconcileBody } from '../../domain/request/own-request';
import { newRequest } from '../../store/new-request';
import type { Settled } from '../../store/repositories/links';
import type { Repositories } from '../../store/repositories';
import type { SideRecordRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { capabilityOf, connectionOf, keeps } from '../deps';
import { readBody, withBody } from '../in-hand';
import { auditEntry } from '../record/entry';
import { tellProgress } from '../beating';
import { settle } from '../step';
import { codesOf } from './codes';
import { tellGone } from './gone';
import { placesAgain, placesOf, turnAmong } from './places';
import { withFormerKeys } from './renumbered';
import { Waiting } from './waiting';

/** Keys that are counted with one call. */
const KEYS_A_CALL = 10_000;
/** Name of a look that only shows what it would find. */
export const PREVIEW = 'preview';
/** Pages that one look stages at most; then they are worked, and the next look goes on. */
export const MOST_PAGES = 100;
/** Where the pages of Procore's side begin: both sides are looked at together. */
export const PROCORE_PAGES = 10_000;
/** Procore is asked again for what changed this long before the newest change that was seen: lists lag behind. */
const OVERLAP_MS = 120_000;
/** Two clocks are no further apart: ours, and the one whose times Procore shows. */
const CLOCKS_MS = 600_000;
/** So many rows cost no more than one. */
const MANY = 100;

/** Runs on the ERP queue. */
export const lookErpActivities = (deps: ActivityDeps) => ({
  /** Stages what moved in the ERP since the last look, a page at a time with its checkpoint. What is settled is passed over. Decides nothing. */
  async lookErp(look: ReconcileLook): Promise<Looked | Interruption> {
    const connection = connectionOf(deps, look.connectionId);
    if (!keeps(connection, look.kind)) return NOTHING_LOOKED;
    return settle(async () => {
      const all = await countAll(deps, connection, look);
      const looked = await new Look(deps, connection, look, 'erp').run(erpPages(deps, connection, look));
      return all === null ? looked : { ...looked, all };
    });
  },
});

/** Runs on the Procore queue. */
export const lookProcoreActivities = (deps: ActivityDeps) => ({
  /** The same for Procore. What has no partner there is kept, so that a record of the ERP can find it. */
  async lookProcore(look: ReconcileLook): Promise<Looked | Interruption> {
    const connection = connectionOf(deps, look.connectionId);
    return settle(() =>
      new Look(deps, connection, look, 'procore').run(procorePages(deps, connection, look)),
    );
  },
});

/** Before everything is read: how much that is; null: only what moved is read, or this ERP cannot say. */
async function countAll(
  deps: Pick<ActivityDeps, 'store'>,
  connection: ConnectionParts,
  { connectionId, kind, full }: ReconcileLook,
): Promise<number | null> {
  const capability = capabilityOf(connection, kind);
  if (capability.keys === undefined) return null;
  const reader = reconcileReaderOf(kind, 'erp');
  const place = await deps.store.read('reconcile.place', (t) => t.checkpoints.get(connectionId, reader));
  if (place !== null && !full) return null;
  let count = 0;
  for await (const keys of capability.keys(KEYS_A_CALL)) count += keys.length;
  return count;
}

/** Part of a feed: what of it moved, and where to go on. */
interface Portion {
  readonly read: number;
  readonly erp: readonly KnownRecord[];
  readonly procore: readonly SideRecord[];
  /** Records without a partner that are news. */
  readonly unpaired: readonly SideRecordRow[];
  /** Keys that were to be looked at again. */
  readonly again: readonly string[];
  /** ERP keys that somebody wants looked at, whatever waits. */
  readonly marked: readonly string[];
  /** See `ReconcileSnapshot.generations`. */
  readonly generations: Readonly<Record<string, number>>;
  /** Some of them are linked: the other side must be read as well. */
  readonly isLinked: boolean;
  /** Null: the place does not move. */
  readonly to: string | null;
  /** Whose turn was last among those that are read in rotation, by the reader that keeps it. */
  readonly turns?: Readonly<Record<string, string>>;
  /** Records are mapped otherwise than when all were read last. `done`: with this portion all were read under the new mapping. */
  readonly mapping?: MappingNews & { readonly done: boolean };
}

/** A mapping of a kind that is another than when all its records were read last, by their fingerprints. */
interface MappingNews {
  readonly from: string | null;
  readonly to: string;
  readonly rebased: Rebased;
}

type Portions = AsyncGenerator<Portion>;

/** The ERP keeps no such records. */
const NOTHING_LOOKED: Looked = { kind: 'looked', read: 0, moved: 0, pages: 0, other: false, more: false };

const NOTHING: Portion = {
  read: 0,
  erp: [],
  procore: [],
  unpaired: [],
  again: [],
  marked: [],
  generations: {},
  isLinked: false,
  to: null,
};

/** One look at one side: portions become pages of a request, which is made with the first of them. */
class Look {
  private held: Portion | null = null;
  private pages = 0;
  private read = 0;
  private moved = 0;
  private other = false;
  private from: string | null = null;
  /** Id of the request, once it is there. */
  private request: string | null = null;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly connection: ConnectionParts,
    private readonly look: ReconcileLook,
    private readonly side: SideName,
  ) {}

  async run(portions: Portions): Promise<Looked> {
    const { kind, connectionId } = this.look;
    const reader = reconcileReaderOf(kind, this.side);
    const before = await this.deps.store.read('reconcile.place', async (t) => {
      const [place, staged, open] = await Promise.all([
        t.checkpoints.get(connectionId, reader),
        t.plans.pagesRead({ connectionId, id: requestIdOf(RECONCILED[kind], this.look.name) }),
        t.requests.openOf(connectionId, RECONCILED[kind]),
      ]);
      return {
        place: place?.cursor ?? null,
        staged: staged.filter(({ page }) => isOf(this.side, page)),
        waiting: new Waiting(this.deps.store, kind, open),
      };
    });
    this.from = before.place;
    // Cut off before: what was staged then stays, and what follows comes behind it.
    this.pages = before.staged.length;
    this.other = this.pages > 0;
    const { pageSize } = this.connection;
    for await (const found of portions) {
      this.read += found.read;
      // Under another mapping it is another question.
      const portion = found.mapping === undefined ? await before.waiting.without(found, found.marked) : found;
      for (const part of parted(portion, pageSize)) {
        this.held = this.held === null ? part : joined(this.held, part);
        if (weightOf(this.held) >= pageSize) await this.flush();
        if (this.pages >= MOST_PAGES) return this.result(true);
      }
    }
    await this.flush();
    return this.result(false);
  }

  private result(more: boolean): Looked {
    return { kind: 'looked', read: this.read, moved: this.moved, pages: this.pages, other: this.other, more };
  }

  /** What moved, what has no partner and the place of the reader are one transaction; where there is nothing of these, nothing is written. */
  private async flush(): Promise<void> {
    const { held, look } = this;
    this.held = null;
    if (held === null) return;
    const { connectionId, kind } = look;
    const size = sizeOf(held);
    const reader = reconcileReaderOf(kind, this.side);
    const moves = held.to !== null && held.to !== this.from;
    const { mapping } = held;
    const isMapped = mapping?.done === true;
    const turns = Object.entries(held.turns ?? {});
    const isNothing = size === 0 && held.unpaired.length + held.again.length + turns.length === 0;
    if (isNothing && !moves && !isMapped) return;
    const columns = size === 0 || this.side !== 'erp' ? null : await columnsOf(this.connection, kind);
    const page = this.pages + (this.side === 'erp' ? 0 : PROCORE_PAGES);
    const now = this.deps.now();
    await this.deps.store.transaction('reconcile.look', connectionId, async (t) => {
      if (size > 0) {
        const id = this.request ?? (await requestOf(t, this.connection, look, now));
        const { erp, procore, isLinked, generations } = held;
        const body: ReconcileSnapshot = {
          way: 'reconcile',
          from: this.side,
          erp,
          procore,
          whole: !isLinked,
          columns,
          generations,
          ...(mapping && { rebased: mapping.rebased }),
        };
        await t.plans.putSnapshot({
          connectionId,
          requestId: id,
          page,
          whole: body.whole,
          body,
          readAt: now,
        });
      }
      t.sideRecords.looked(connectionId, kind, this.side, held.again);
      t.sideRecords.put(held.unpaired);
      if (held.to !== null && moves)
        await t.checkpoints.move(connectionId, reader, { from: this.from, to: held.to }, now);
      for (const [rotating, to] of turns) {
        const place = await t.checkpoints.get(connectionId, rotating);
        await t.checkpoints.move(connectionId, rotating, { from: place?.cursor ?? null, to }, now);
      }
      if (isMapped) await t.checkpoints.move(connectionId, mappingReaderOf(kind), mapping, now);
    });
    if (moves) this.from = held.to;
    if (size === 0) return;
    this.request = requestIdOf(RECONCILED[kind], look.name);
    this.pages += 1;
    this.moved += size;
    tellProgress(`${this.read} read, ${this.moved} of them moved: ${this.pages} pages`);
    this.other ||= held.isLinked;
  }
}

/** Whose page it is. */
export const isOf = (side: SideName, page: number): boolean => page >= PROCORE_PAGES === (side === 'procore');

const sizeOf = ({ erp, procore }: Portion): number => erp.length + procore.length;

/** So many lines weigh as much as a record: a page of jobs is no larger than one of vendors. */
const LINES = 5;
const weightOf = ({ erp, procore }: Pick<Portion, 'erp' | 'procore'>): number =>
  [...erp.map(({ record }) => record.lines), ...procore.map((seen) => linesIn(seen))].reduce(
    (weight, lines) => weight + 1 + lines.length / LINES,
    0,
  );
const linesIn = ({ lines }: SideRecord): readonly unknown[] =>
  lines !== undefined && 'lines' in lines ? lines.lines : [];

/** A portion as parts that each fill a page; the last one has what is left, and moves the place. */
function* parted(portion: Portion, pageSize: number): Generator<Portion> {
  const { isLinked, mapping, generations } = portion;
  let [erp, weight]: [KnownRecord[], number] = [[], 0];
  for (const known of portion.erp) {
    if (weight >= pageSize) {
      yield { ...NOTHING, erp, isLinked, generations, ...(mapping && { mapping }) };
      [erp, weight] = [[], 0];
    }
    erp.push(known);
    weight += weightOf({ erp: [known], procore: [] });
  }
  yield { ...portion, erp };
}

const joined = (one: Portion, two: Portion): Portion => ({
  read: one.read + two.read,
  erp: [...one.erp, ...two.erp],
  procore: [...one.procore, ...two.procore],
  unpaired: [...one.unpaired, ...two.unpaired],
  again: [...one.again, ...two.again],
  marked: [],
  generations: { ...one.generations, ...two.generations },
  isLinked: one.isLinked || two.isLinked,
  to: two.to ?? one.to,
  turns: { ...one.turns, ...two.turns },
  ...((two.mapping ?? one.mapping) && { mapping: two.mapping ?? one.mapping }),
});

/** The request that a reconcile makes of what it found; made by whichever side finds something first. */
async function requestOf(
  t: Repositories,
  connection: ConnectionParts,
  { connectionId, kind, name, full }: ReconcileLook,
  now: string,
): Promise<string> {
  const source = RECONCILED[kind];
  const id = requestIdOf(source, name);
  const [known, stored] = await Promise.all([
    t.requests.find({ connectionId, id }),
    t.connections.find(connectionId),
  ]);
  if (known !== null) return id;
  const position = (await t.requests.newestPosition(connectionId, source)) + 1;
  const row = { ...newRequest(connectionId, source, position, now, name), fetched: true };
  const listId = stored?.standardCostCodeListId ?? null;
  const body = readBody(connection, row, reconcileBody(kind, { listId, full }));
  const told = withBody(row, body, now);
  // The reconcile starts its workflow, once everything is staged: intake must not be faster.
  t.requests.addAll([{ ...told.row, kind, started: true }], [], [body]);
  await t.audit.append(connectionId, [
    auditEntry(row, now, 'intake.received', { detail: { source, full } }),
    told.entry,
  ]);
  return id;
}

/** What the ERP can hold of a kind; null: this ERP cannot be written for it. */
export const columnsOf = (connection: ConnectionParts, kind: Kind): Promise<ReconcileSnapshot['columns']> =>
  capabilityOf(connection, kind).rules();

/** Whether the kind is mapped otherwise than when all its records were read last; null: it is not. */
export async function mappingNews(
  t: Repositories,
  { id, reconcile }: ConnectionParts,
  kind: Kind,
): Promise<MappingNews | null> {
  const from = (await t.checkpoints.get(id, mappingReaderOf(kind)))?.cursor ?? null;
  const news = rebasedBy(reconcile.mapping ?? {}, kind, from);
  return news && { from, to: news.to, rebased: news.fields };
}

export async function* erpPages(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  look: ReconcileLook,
): Portions {
  const { connectionId, kind } = look;
  const capability = capabilityOf(connection, kind);
  const { again, marked, cursor, news } = await deps.store.read('reconcile.again', async (t) => {
    const [keys, checkpoint, moved] = await Promise.all([
      t.sideRecords.again(connectionId, kind, 'erp'),
      t.checkpoints.get(connectionId, reconcileReaderOf(kind, 'erp')),
      mappingNews(t, connection, kind),
    ]);
    const [conflicts, held, refused] =
      look.full || moved !== null
        ? await Promise.all([
            t.conflicts.open(connectionId),
            t.sideRecords.unpaired(connectionId, kind, 'erp'),
            t.exceptions.listOpen(connectionId, kind),
          ])
        : [[], [], []];
    // A rule that changed since may settle what neither side moved, what a record was held for may be another one now, and what was refused is
    // tried again.
    const open = conflicts.flatMap(({ recordKind, erpKey }) => (recordKind === kind ? [erpKey] : []));
    const parked = refused.flatMap(({ requestId, erpKey, cause }) => {
      const isRefused = cause === 'procore' || cause === 'erp';
      return isRefused && requestId !== null && erpKey !== null && isOfReconcile(requestId) ? [erpKey] : [];
    });
    const all = new Set([...keys, ...open, ...parked, ...held.map(({ key }) => key)]);
    return { again: [...all], marked: keys, cursor: checkpoint?.cursor ?? null, news: moved };
  });
  const full = look.full || news !== null;
  const mapping = news && { ...news, done: false };
  const under = mapping === null ? {} : { mapping };
  // Before the first look nothing was linked that could come back under another key.
  const told = (records: readonly KnownRecord[], { links }: SettledPage): Promise<readonly KnownRecord[]> =>
    cursor === null
      ? Promise.resolve(records)
      : withFormerKeys(deps, connection, look, records, (key) => links.has(key));
  if (again.length > 0) {
    const read = await capability.read(again);
    const settled = await settledErp(deps, look, read);
    const records = await told(read, settled);
    yield { ...portionOfErp(look, records, settled, new Set(again)), again, marked, to: null, ...under };
  }
  // The place of a reader never goes back: one that reads everything again moves it at its end.
  const isAgain = full && cursor !== null;
  let last: string | null = null;
  for await (const page of capability.readChanged(full ? null : cursor, connection.pageSize)) {
    const settled = await settledErp(deps, look, page.records);
    last = page.cursor;
    yield {
      ...portionOfErp(look, await told(page.records, settled), settled, new Set()),
      to: isAgain ? null : last,
      ...under,
    };
  }
  yield { ...NOTHING, to: last, ...(mapping && { mapping: { ...mapping, done: true } }) };
}

interface SettledPage {
  readonly links: ReadonlyMap<string, Settled>;
  readonly unpaired: ReadonlyMap<string, string | null>;
  /** What cannot be worked as it is. Whoever reads everything tries it again. */
  readonly told: ReadonlyMap<string, string | null>;
}

const settledErp = (
  deps: Pick<ActivityDeps, 'store'>,
  { connectionId, kind, full }: ReconcileLook,
  records: readonly KnownRecord[],
): Promise<SettledPage> => {
  const keys = records.map(({ key }) => key);
  return deps.store.read('reconcile.settled', async (t) => {
    const [links, { unpaired, told }] = await Promise.all([
      t.links.settledByErpKey(connectionId, kind, keys),
      t.sideRecords.revisions(connectionId, kind, 'erp', keys),
    ]);
    return { links, unpaired, told: full ? new Map<string, string>() : told };
  });
};

function portionOfErp(
  { kind }: ReconcileLook,
  records: readonly KnownRecord[],
  { links, unpaired, told }: SettledPage,
  forced: ReadonlySet<string>,
): Portion {
  const erp: KnownRecord[] = [];
  const generations: Record<string, number> = {};
  let isLinked = false;
  for (const known of records) {
    // What is open about it is closed, once it is not carried any more.
    if (known.outside === true && !forced.has(known.key)) continue;
    const link = links.get(known.key);
    const revision = syncRevisionOf(kind, known.record);
    const isTold =
      told.get(known.key) === revision &&
      (link?.state !== 'linked' || link.linesRevision === linesRevisionOf(kind, known.record));
    const isSettled =
      isTold ||
      (link === undefined
        ? known.state !== 'active' || (unpaired.get(known.key) === revision && known.unfit === undefined)
        : isOver(link, known) ||
          (link.erpRevision === revision &&
            known.unfit === undefined &&
            (link.state !== 'linked' || link.linesRevision === linesRevisionOf(kind, known.record))));
    if (isSettled && !forced.has(known.key)) continue;
    // Nobody needs the lines of what is not linked yet.
    const part = link?.state === 'linked' ? reconciledPart : syncedPart;
    erp.push({ ...known, record: part(kind, known.record) });
    if (link !== undefined) generations[known.key] = link.generation;
    isLinked ||= link?.state === 'linked';
  }
  return { ...NOTHING, read: records.length, erp, generations, isLinked };
}

/** It stands nowhere in Procore, or another record does in its place: whatever becomes of it there, nothing is to be done. */
const isOver = ({ state }: Settled, known: KnownRecord): boolean =>
  state === 'merged' || (state === 'archived' && known.state !== 'active');

export async function* procorePages(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  look: ReconcileLook,
): Portions {
  const { connectionId, kind, full } = look;
  const port = connection.procore.kinds[kind];
  if (port?.scan === undefined || !keeps(connection, kind)) return;
  const { again, cursor, listId } = await deps.store.read('reconcile.again', async (t) => {
    const [keys, checkpoint, stored] = await Promise.all([
      t.sideRecords.again(connectionId, kind, 'procore'),
      t.checkpoints.get(connectionId, reconcileReaderOf(kind, 'procore')),
      t.connections.find(connectionId),
    ]);
    return {
      again: keys,
      cursor: checkpoint?.cursor ?? null,
      listId: stored?.standardCostCodeListId ?? null,
    };
  });
  const whole = new Set(again.flatMap((key) => projectInKey(key) ?? []));
  const { places, turns } = await placesOf(deps, connection, look, { listId, whole });
  if (again.length > 0 && port.see !== undefined) {
    const keys = again.filter((key) => projectInKey(key) === null);
    for (const place of await placesAgain(deps, look, keys, listId)) {
      const seen = await port.see(place.ids, place.at);
      const records = seen.map(({ draft, changedAt }) => sideRecordOf(draft, changedAt));
      yield await portionOfProcore(deps, connection, look, records, place.at, new Set(again));
    }
    yield { ...NOTHING, again };
  }
  // What is listed in rotation was listed long ago.
  const isAll = full || cursor === null || kind === 'sub_job';
  const since = isAll ? null : new Date(Date.parse(cursor) - OVERLAP_MS).toISOString();
  let newest = cursor;
  const begun = Date.parse(deps.now());
  let [reread, moved] = [0, 0];
  for (const place of places) {
    const seen = new Set<number>();
    for await (const page of port.scan(since, place)) {
      if (full) for (const { draft } of page) seen.add(draft.procoreId);
      const records = page.map(({ draft, changedAt }) => sideRecordOf(draft, changedAt));
      for (const { changedAt } of records)
        if (changedAt !== null && (newest === null || changedAt > newest)) newest = changedAt;
      const portion = await portionOfProcore(deps, connection, look, records, place, new Set());
      reread += records.length;
      moved += portion.procore.length + portion.unpaired.length;
      yield portion;
    }
    // Of a list that did not come whole nothing is concluded: then the scan has thrown.
    // Sub jobs are listed project by project: what is gone there went with its project, or is found by name.
    if (full && look.name !== PREVIEW && kind !== 'sub_job')
      await tellGone(deps, look, { port, place, seen });
  }
  if (hasReconciledLines(kind)) yield* codesInTurn(deps, connection, look, { whole, seen: new Set(again) });
  // What changed with many others would be read with every look, until another one changes.
  const quietSince = new Date(begun - CLOCKS_MS).toISOString();
  if (!isAll && moved === 0 && reread > MANY && newest !== null && newest < quietSince) newest = quietSince;
  // A list that is cut off is read again: its place moves only when it was read to its end.
  yield { ...NOTHING, to: newest, turns };
}

/** Codes of the jobs whose turn it is: one call for each. Those that moved are staged with their headers. */
async function* codesInTurn(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  look: ReconcileLook,
  { whole, seen }: { readonly whole: ReadonlySet<number>; readonly seen: ReadonlySet<string> },
): Portions {
  const { connectionId, kind } = look;
  const linked = await deps.store.read('reconcile.linked', (t) => t.links.linkedIds(connectionId, kind));
  const ids = linked.map(({ procoreId }) => procoreId);
  const { now, turns } = await turnAmong(deps, connection, look, 'codes', ids);
  const due = linked.filter(
    (one) => now.has(one.procoreId) || (one.projectId !== null && whole.has(one.projectId)),
  );
  for (const { procoreId, projectId } of due.filter((one) => !seen.has(String(one.procoreId)))) {
    const of = { kind, key: String(procoreId) };
    const lines = await codesOf(connection.procore, of, projectId);
    if (lines === null) continue;
    const [link] = await deps.store.read('reconcile.shadow', (t) =>
      t.links.byProcoreIds(connectionId, kind, [procoreId]),
    );
    const hasMoved = 'problem' in lines || link === undefined || codesMoved(link, lines.lines);
    const shown = hasMoved
      ? await connection.procore.kinds[kind]?.see?.([procoreId], projectId === null ? {} : { projectId })
      : [];
    const procore = (shown ?? []).map(({ draft, changedAt }) => ({
      ...sideRecordOf(draft, changedAt),
      lines,
    }));
    const generations = link === undefined ? {} : { [link.erpKey]: link.generation };
    yield { ...NOTHING, read: 1, procore, generations, isLinked: procore.length > 0 };
  }
  yield { ...NOTHING, turns };
}

async function portionOfProcore(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  look: ReconcileLook,
  records: readonly SideRecord[],
  place: SyncPlace,
  forced: ReadonlySet<string>,
): Promise<Portion> {
  const { connectionId, kind, full } = look;
  const keys = records.map(({ key }) => key);
  const { links, known, told } = await deps.store.read('reconcile.settled', async (t) => {
    const [settled, kept] = await Promise.all([
      t.links.settledByProcoreId(connectionId, kind, keys.map(Number)),
      t.sideRecords.revisions(connectionId, kind, 'procore', keys),
    ]);
    return { links: settled, known: kept.unpaired, told: full ? new Map<string, string>() : kept.told };
  });
  const procore: SideRecord[] = [];
  const generations: Record<string, number> = {};
  const unpaired: SideRecordRow[] = [];
  for (const record of records) {
    const link = links.get(Number(record.key));
    const revision = procoreRevisionOf(record);
    if (link !== undefined) {
      const isSettled = link.procoreRevision === revision || told.get(record.key) === revision;
      if (isSettled && !forced.has(record.key)) continue;
      procore.push(record);
      generations[link.erpKey] = link.generation;
      continue;
    }
    if (known.get(record.key) === revision && !forced.has(record.key)) continue;
    unpaired.push(unpairedRow(connectionId, record, revision, deps.now()));
    // It says whose it is: the two are brought together.
    if (record.originId !== null && erpKeyOfOriginId(kind, record.originId) !== null) procore.push(record);
  }
  // Where a header moved, its codes are looked at as well.
  const withLines: SideRecord[] = [];
  for (const record of procore) {
    const codes = await codesOf(connection.procore, record, place.projectId ?? null);
    withLines.push(codes === null ? record : { ...record, lines: codes });
  }
  return {
    read: records.length,
    erp: [],
    procore: withLines,
    unpaired,
    again: [],
    marked: [],
    generations,
    isLinked: procore.length > 0,
    to: null,
  };
}

/** A record without a partner, as it is kept. */
export const unpairedRow = (
  connectionId: string,
  { kind, side, key, originId, record, state, changedAt }: SideRecord,
  revision: string,
  now: string,
): SideRecordRow => ({
  connectionId,
  kind,
  side,
  recordKey: key,
  why: 'unpaired',
  originId,
  record,
  state,
  revision,
  changedAt,
  seenAt: now,
});
