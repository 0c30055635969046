import { randomUUID } from 'node:crypto';
import type { Kind } from '../../domain/kinds';
import { nameKeyOf } from '../../domain/kinds/likeness';
import type { LinkState, RecordLink } from '../../domain/kinds/record-link';
import { isSameRecord } from '../../domain/kinds/record';
import { canBecome, IN_FORCE } from '../../domain/kinds/record-link';
import type { RecordLinkRow } from '../rows';
import { above, oneOf } from './table';
import type { StoreTables } from './tables';

/** Record links: (Procore id, ERP key) pairs with their shadows and generation. */
export class LinkRepository {
  constructor(private readonly tables: Pick<StoreTables, 'recordLink'>) {}

  /** One link for each ERP key: the one in force, else the one that changed last. */
  async byErpKeys(connectionId: string, kind: Kind, erpKeys: readonly string[]): Promise<RecordLink[]> {
    const rows = await this.tables.recordLink.find({ where: { connectionId, kind, erpKey: oneOf(erpKeys) } });
    const byKey = new Map<string, RecordLinkRow>();
    for (const row of rows.sort(mostTelling).reverse()) byKey.set(row.erpKey, row);
    return [...byKey.values()].map(toLink);
  }

  /** Links of these records in any state: those in force first, then the one that changed last. Generations of different ERP records do not compare. */
  async byProcoreIds(connectionId: string, kind: Kind, procoreIds: readonly number[]): Promise<RecordLink[]> {
    const where = { connectionId, kind, procoreId: oneOf(procoreIds) };
    return (await this.tables.recordLink.find({ where })).sort(mostTelling).map(toLink);
  }

  /** ERP keys of the links of one kind in these states, without their shadows: there may be hundreds of thousands. */
  async erpKeys(connectionId: string, kind: Kind, states: readonly LinkState[]): Promise<readonly string[]> {
    const where = { connectionId, kind, state: oneOf(states) };
    return (await this.tables.recordLink.findPart({ where }, ['erpKey'])).map(({ erpKey }) => erpKey);
  }

  /** What all linked records of one kind were settled at, without their shadows: there may be hundreds of thousands. */
  async settled(connectionId: string, kind: Kind): Promise<readonly Settled[]> {
    const where = { connectionId, kind, state: 'linked' as const };
    return this.tables.recordLink.findPart({ where }, SETTLED);
  }

  /** How many records of one kind are linked. */
  async countLinked(connectionId: string, kind: Kind): Promise<number> {
    return this.tables.recordLink.count({ connectionId, kind, state: 'linked' });
  }

  /** What links of one kind that are in force, or whose record was merged into another, were settled at, without their shadows; by ERP key. */
  async settledByErpKey(
    connectionId: string,
    kind: Kind,
    erpKeys: readonly string[],
  ): Promise<ReadonlyMap<string, Settled>> {
    const where = { connectionId, kind, erpKey: oneOf(erpKeys), state: oneOf([...IN_FORCE, 'merged']) };
    const rows = await this.tables.recordLink.findPart({ where }, SETTLED);
    const inForceLast = [...rows].sort((a, b) => Number(isInForce(a)) - Number(isInForce(b)));
    return new Map(inForceLast.map((row) => [row.erpKey, row]));
  }

  /** The same by Procore id. */
  async settledByProcoreId(
    connectionId: string,
    kind: Kind,
    procoreIds: readonly number[],
  ): Promise<ReadonlyMap<number, Settled>> {
    const where = { connectionId, kind, procoreId: oneOf(procoreIds), state: 'linked' as const };
    const rows = await this.tables.recordLink.findPart({ where }, SETTLED);
    return new Map(rows.flatMap((row) => (row.procoreId === null ? [] : [[row.procoreId, row] as const])));
  }

  /** Linked records of one kind that have one of these names; see `nameKeyOf`. */
  async namesakes(
    connectionId: string,
    kind: Kind,
    nameKeys: readonly string[],
  ): Promise<readonly Pick<RecordLinkRow, 'erpKey' | 'procoreId' | 'nameKey'>[]> {
    const where = { connectionId, kind, nameKey: oneOf(nameKeys), state: 'linked' as const };
    return this.tables.recordLink.findPart({ where }, ['erpKey', 'procoreId', 'nameKey']);
  }

  /** ERP keys of linked jobs of one kind whose codes and assignments Procore does not have all. */
  async withOpenLines(connectionId: string, kind: Kind): Promise<readonly string[]> {
    const where = { connectionId, kind, state: 'linked' as const, linesRevision: null };
    return (await this.tables.recordLink.findPart({ where }, ['erpKey'])).map(({ erpKey }) => erpKey);
  }

  /** Ids of linked records of one kind with their projects, by ascending id and without their shadows. */
  async linkedIds(
    connectionId: string,
    kind: Kind,
  ): Promise<readonly { readonly procoreId: number; readonly projectId: number | null }[]> {
    const where = { connectionId, kind, state: 'linked' as const };
    const rows = await this.tables.recordLink.findPart({ where }, ['procoreId', 'projectId']);
    return rows
      .flatMap(({ procoreId, projectId }) => (procoreId === null ? [] : [{ procoreId, projectId }]))
      .sort((a, b) => a.procoreId - b.procoreId);
  }

  /** Links after this id (ids grow with time), without their shadows: for a search through all of them. `projects`: only of these. */
  async scan(
    connectionId: string,
    {
      after,
      kind,
      projects,
    }: {
      readonly after: string | null;
      readonly kind?: Kind | undefined;
      readonly projects: readonly number[] | null;
    },
    take: number,
  ): Promise<readonly ScannedLink[]> {
    const where = {
      connectionId,
      ...(after === null ? {} : { id: above(after) }),
      ...(kind === undefined ? {} : { kind }),
      ...(projects === null ? {} : { projectId: oneOf(projects) }),
    };
    return this.tables.recordLink.findPart({ where, order: [['id', 'ASC']], take }, SCANNED);
  }

  async byIds(connectionId: string, ids: readonly string[]): Promise<RecordLink[]> {
    if (ids.length === 0) return [];
    return (await this.tables.recordLink.find({ where: { connectionId, id: oneOf(ids) } })).map(toLink);
  }

  /** When links of one kind in force moved last, by ERP key. */
  async movedAt(
    connectionId: string,
    kind: Kind,
    erpKeys: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    if (erpKeys.length === 0) return new Map();
    const where = { connectionId, kind, erpKey: oneOf(erpKeys), state: oneOf(IN_FORCE) };
    const rows = await this.tables.recordLink.findPart({ where }, ['erpKey', 'updatedAt']);
    return new Map(rows.map(({ erpKey: key, updatedAt }) => [key, updatedAt]));
  }

  async all(connectionId: string): Promise<RecordLink[]> {
    return this.find({ connectionId });
  }

  /** Links of one kind, or of all; in these states, or in any. */
  async list(
    connectionId: string,
    { kind, states }: { readonly kind?: Kind; readonly states?: readonly LinkState[] },
  ): Promise<RecordLink[]> {
    const rows = await this.tables.recordLink.find({
      where: {
        connectionId,
        ...(kind === undefined ? {} : { kind }),
        ...(states === undefined ? {} : { state: oneOf(states) }),
      },
      order: [['erpKey', 'ASC']],
    });
    return rows.map(toLink);
  }

  /** Records of one kind that wait for import. */
  async staged(connectionId: string, kind: Kind): Promise<RecordLink[]> {
    return this.find({ connectionId, kind, state: 'staged' });
  }

  /** Links of one kind in force, those that wait for import among them. */
  async inForce(connectionId: string, kind: Kind): Promise<RecordLink[]> {
    const rows = await this.tables.recordLink.find({ where: { connectionId, kind, state: oneOf(IN_FORCE) } });
    return rows.map(toLink);
  }

  /** Linked records of one kind. */
  async linked(connectionId: string, kind: Kind): Promise<RecordLink[]> {
    return this.find({ connectionId, kind, state: 'linked' });
  }

  /** Links of everything that lives in a project, in any state: what a reset of the project takes along. */
  async ofProject(connectionId: string, projectId: number): Promise<RecordLink[]> {
    return this.find({ connectionId, projectId });
  }

  /**
   * Moves links on and answers those that moved. Generations only go forward: a write that was already recorded (same or older generation)
   * changes nothing. A link may move several times, in the order given. It is known by its id, else by its ERP key; one with an id and
   * another ERP key was renamed. What leaves force is written first, so that an ERP key or a Procore id is free before another link takes it.
   */
  async advance(
    connectionId: string,
    links: readonly RecordLink[],
    now: string,
  ): Promise<readonly RecordLink[]> {
    if (links.length === 0) return [];
    const stored = await this.current(connectionId, links);
    const moved: RecordLink[] = [];
    const known = new Set([...stored.values()].map(({ id }) => id));
    const rows = new Map<string, RecordLinkRow>();
    for (const link of links) {
      const current = stored.get(idKey(link)) ?? stored.get(erpKey(link));
      if (current && current.generation >= link.generation) continue;
      if (!canBecome(current?.state ?? 'none', link.state)) {
        throw new Error(
          `record link ${link.kind}|${link.erpKey} cannot go from ${current?.state ?? 'none'} to ${link.state}`,
        );
      }
      const row = rowOf(connectionId, link, current, now);
      rows.set(row.id, row);
      stored.set(idKey(row), row);
      stored.set(erpKey(row), row);
      moved.push(toLink(row));
    }
    const all = [...rows.values()];
    const there = all.filter(({ id }) => known.has(id));
    this.replace(there.filter((row) => !isInForce(row)));
    this.replace(there.filter(isInForce));
    this.tables.recordLink.insert(all.filter(({ id }) => !known.has(id)));
    return moved;
  }

  private replace(rows: readonly RecordLinkRow[]): void {
    this.tables.recordLink.updateMany(rows, MOVING, {
      newer: 'generation',
      guard: {
        rows: rows.length,
        otherwise: () => new Error('a record link moved on while it was being moved'),
      },
    });
  }

  /** The rows that these links move on, by id and by ERP key. */
  private async current(
    connectionId: string,
    links: readonly RecordLink[],
  ): Promise<Map<string, RecordLinkRow>> {
    const found = new Map<string, RecordLinkRow>();
    const keys = new Map<Kind, Set<string>>();
    for (const { kind, erpKey: key } of links) keys.set(kind, (keys.get(kind) ?? new Set()).add(key));
    const ids = links.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const rows = await Promise.all([
      ...[...keys].map(([kind, wanted]) =>
        this.tables.recordLink.find({ where: { connectionId, kind, erpKey: oneOf([...wanted]) } }),
      ),
      this.tables.recordLink.find({ where: { connectionId, id: oneOf(ids) } }),
    ]);
    const each = new Map(rows.flat().map((row) => [row.id, row]));
    for (const row of [...each.values()].sort(mostTelling).reverse()) {
      found.set(idKey(row), row);
      found.set(erpKey(row), row);
    }
    return found;
  }

  private async find(where: Partial<RecordLinkRow>): Promise<RecordLink[]> {
    const { connectionId, kind, state, projectId } = where;
    const rows = await this.tables.recordLink.find({
      where: {
        ...(connectionId === undefined ? {} : { connectionId }),
        ...(kind === undefined ? {} : { kind }),
        ...(state === undefined ? {} : { state }),
        ...(projectId === undefined ? {} : { projectId }),
      },
      order: [['erpKey', 'ASC']],
    });
    return rows.map(toLink);
  }
}

const SETTLED = [
  'erpKey',
  'procoreId',
  'state',
  'generation',
  'erpRevision',
  'procoreRevision',
  'linesRevision',
] as const;

const SCANNED = ['id', 'kind', 'erpKey', 'procoreId', 'nameKey'] as const;

/** What a link is found by. */
export type ScannedLink = Pick<RecordLinkRow, (typeof SCANNED)[number]>;

/** What a link was settled at. */
export type Settled = Pick<RecordLinkRow, (typeof SETTLED)[number]>;

/** What changes when a link moves on. */
const MOVING = [
  'erpKey',
  'procoreId',
  'state',
  'generation',
  'procore',
  'erp',
  'nameKey',
  'erpRevision',
  'procoreRevision',
  'linesRevision',
  'procoreLinesRevision',
  'altered',
  'projectId',
  'updatedAt',
] as const;

const isInForce = ({ state }: Pick<RecordLink, 'state'>): boolean =>
  (IN_FORCE as readonly string[]).includes(state);

/** In force first, then the one that changed last. */
const mostTelling = (a: RecordLinkRow, b: RecordLinkRow): number => {
  const byForce =
    Number(b.state === 'linked') - Number(a.state === 'linked') ||
    Number(isInForce(b)) - Number(isInForce(a));
  if (byForce !== 0) return byForce;
  return a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0;
};

const idKey = ({ id }: Pick<RecordLink, 'id'>): string => `id ${id ?? ''}`;
const erpKey = (link: Pick<RecordLink, 'kind' | 'erpKey'>): string => `key ${link.kind}:${link.erpKey}`;

/** A UUID of version 7 (RFC 9562): what is new stands together in the table. Random ones touch a page of the file each. */
function newId(now: string): string {
  const time = Date.parse(now).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const rowOf = (
  connectionId: string,
  link: RecordLink,
  current: RecordLinkRow | undefined,
  now: string,
): RecordLinkRow => ({
  id: current?.id ?? link.id ?? newId(now),
  connectionId,
  kind: link.kind,
  erpKey: link.erpKey,
  procoreId: link.procoreId,
  state: link.state,
  generation: link.generation,
  procore: link.procore !== null && isSameRecord(link.procore, link.erp) ? 'erp' : link.procore,
  erp: link.erp,
  nameKey: link.erp === null ? (current?.nameKey ?? null) : nameKeyOf(link.erp),
  erpRevision: link.erpRevision,
  procoreRevision: link.procoreRevision ?? null,
  linesRevision: link.linesRevision ?? null,
  procoreLinesRevision: link.procoreLinesRevision ?? null,
  altered: link.altered === undefined || link.altered.length === 0 ? null : link.altered,
  projectId: link.projectId ?? current?.projectId ?? null,
  updatedAt: now,
});

const toLink = ({
  id,
  kind,
  erpKey: key,
  procoreId,
  state,
  generation,
  procore,
  erp,
  erpRevision,
  procoreRevision,
  linesRevision,
  procoreLinesRevision,
  altered,
  projectId,
}: RecordLinkRow): RecordLink => ({
  id,
  kind,
  erpKey: key,
  procoreId,
  state,
  generation,
  procore: procore === 'erp' ? erp : procore,
  erp,
  erpRevision,
  ...(procoreRevision === null ? {} : { procoreRevision }),
  ...(linesRevision === null ? {} : { linesRevision }),
  ...(procoreLinesRevision === null ? {} : { procoreLinesRevision }),
  ...(altered === null ? {} : { altered }),
  projectId,
});
