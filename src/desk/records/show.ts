import type { AuditEntry } from '../../domain/audit/chain';
import { sentenceOf } from '../../domain/audit/sentence';
import { recordIdOf } from '../../domain/base/identity';
import type { FieldType, Kind } from '../../domain/kinds';
import { definitionOf, lineDefinitionOf } from '../../domain/kinds';
import type { CanonicalRecord, FieldValue, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import { comparableRevision, ownLink } from '../../domain/kinds/record-link';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { SideName } from '../../domain/reconcile/side-record';
import type { Repositories } from '../../store/repositories';
import type {
  ConflictRow,
  ExceptionRow,
  OperationRow,
  SideRecordRow,
  SyncRequestRow,
  WaitRow,
} from '../../store/rows';
import type { Store } from '../../store/store';
import { cursorOf, placeIn } from '../cursor';
import { DeskRefusal } from '../refusal';
import type { Scope } from '../scope';
import type { RecordCandidate } from './find';
import { isWithin, ofLink, sideId } from './find';

/** A field on one side. */
export interface SideValue {
  /** As the side held it when it was read last. */
  readonly held: FieldValue;
  /** As it was when both sides agreed last; null as a whole: they never were compared. */
  readonly agreed: FieldValue;
  readonly moved: boolean;
}

/** A field on both sides. Null: that side has no record, or it was never read. */
export interface ShownField {
  readonly field: string;
  readonly label: string;
  readonly type: FieldType;
  readonly procore: SideValue | null;
  readonly erp: SideValue | null;
  /** Both sides have it, and not the same. */
  readonly differs: boolean;
}

export interface ShownLine {
  readonly kind: string;
  readonly label: string;
  readonly number: string;
  readonly fields: readonly ShownField[];
}

/** One side as it was read last. */
export interface ShownSide {
  /** ERP key, or id in Procore as text. */
  readonly key: string;
  readonly originId: string | null;
  /** It is not what both sides agreed on: it was read since, and held something else. */
  readonly moved: boolean;
  /** Something was told of it, and it is read again with the next reconcile. */
  readonly isToRead: boolean;
  /** When it changed there, where the side tells; when it was read, where it was read since the link moved. */
  readonly changedAt: string | null;
  readonly seenAt: string | null;
}

/** A write on one side, and what was read back. */
export interface ShownWrite extends Pick<
  OperationRow,
  'requestId' | 'operationKey' | 'planHash' | 'side' | 'action' | 'erpKey' | 'state' | 'reason' | 'at'
> {
  readonly readBack: readonly { readonly label: string; readonly value: FieldValue }[] | null;
  readonly lines: number;
}

export interface ShownRequest extends Pick<
  SyncRequestRow,
  'id' | 'eventName' | 'subject' | 'status' | 'reason' | 'receivedAt' | 'closedAt'
> {
  readonly title: string | null;
}

/** A page of a list. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly after: string | null;
}

/** Everything that is known of one record. */
export interface ShownRecord extends RecordCandidate {
  /** Every id under which requests, operations and the log tell of it. */
  readonly recordIds: readonly string[];
  /** Null: it has no link. */
  readonly generation: number | null;
  readonly sides: { readonly procore: ShownSide | null; readonly erp: ShownSide | null };
  readonly fields: readonly ShownField[];
  readonly lines: readonly ShownLine[];
  readonly moreLines: number;
  /** Fields that a side keeps otherwise than they were written, which is settled. */
  readonly altered: readonly string[];
  readonly requests: Page<ShownRequest>;
  readonly writes: Page<ShownWrite>;
  readonly exceptions: readonly ExceptionRow[];
  readonly conflicts: readonly ConflictRow[];
  /** Requests that wait until something happens to it, and what its open requests wait for. */
  readonly waiting: readonly string[];
  readonly waits: readonly WaitRow[];
  /** What people decided about its link, oldest first. */
  readonly decisions: readonly (AuditEntry & { readonly sentence: string })[];
}

/** Names a record in the address of its page. */
export interface RecordName {
  readonly connectionId: string;
  readonly kind: Kind;
  readonly id: string;
}

const PAGE = 50;
/** Lines that come with the record, and open requests whose waits are told. */
const MOST_LINES = 200;
const MOST_OPEN = 10;

/** A record as it is stored: its link, or the one side that has it. */
interface Found {
  readonly link: RecordLink | null;
  readonly rows: Readonly<Record<SideName, SideRecordRow | null>>;
  readonly recordIds: readonly string[];
}

const unknown = ({ kind, id }: RecordName): DeskRefusal =>
  new DeskRefusal(
    'RECORD_UNKNOWN',
    `There is no ${definitionOf(kind).label.toLowerCase()} "${id}".`,
    'It may have got a partner meanwhile: look for it by its number or name.',
  );

/** Everything about one record. Throws `DeskRefusal` `RECORD_UNKNOWN`, also where it is of no project that is seen. */
export const showRecord = (store: Store, scope: Scope, name: RecordName): Promise<ShownRecord> =>
  store.read('desk.record', async (t) => {
    const found = await find(t, scope, name);
    const { link, recordIds } = found;
    const { connectionId, kind } = name;
    const requests = await requestsOf(t, connectionId, recordIds, null);
    const open = requests.rows.filter(({ closedAt }) => closedAt === null).slice(0, MOST_OPEN);
    return {
      ...(link === null ? oneSided(found, name) : ofLink(connectionId, link)),
      recordIds,
      generation: link?.generation ?? null,
      ...sidesOf(found, kind),
      altered: link?.altered ?? [],
      requests,
      writes: await writesOf(t, connectionId, kind, recordIds, null),
      exceptions: await t.exceptions.openAbout(connectionId, kind, {
        recordIds,
        erpKeys: link === null ? [] : [link.erpKey],
      }),
      conflicts: link?.id === undefined ? [] : await t.conflicts.open(connectionId, [link.id]),
      waiting: await t.waits.waitingFor(connectionId, recordIds),
      waits: (await Promise.all(open.map(({ id }) => t.waits.ofRequest({ connectionId, id })))).flat(),
      decisions: (
        await t.audit.sealedAboutAll(connectionId, { subjects: recordIds, actions: ['link.decided'] })
      ).map((entry) => ({ ...entry, sentence: sentenceOf(entry) })),
    };
  });

/** The ids under which a record is told of. Throws as `showRecord`. */
export const recordIdsOf = (store: Store, scope: Scope, name: RecordName): Promise<readonly string[]> =>
  store.read('desk.record.ids', async (t) => (await find(t, scope, name)).recordIds);

/** Requests about it, a page further on. */
export const moreRequests = (
  store: Store,
  scope: Scope,
  name: RecordName,
  after: string,
): Promise<Page<ShownRequest>> =>
  store.read('desk.record.requests', async (t) => {
    const { recordIds } = await find(t, scope, name);
    return requestsOf(t, name.connectionId, recordIds, placeIn(after, isText));
  });

/** Writes on it, a page further on. */
export const moreWrites = (
  store: Store,
  scope: Scope,
  name: RecordName,
  after: string,
): Promise<Page<ShownWrite>> =>
  store.read('desk.record.writes', async (t) => {
    const { recordIds } = await find(t, scope, name);
    return writesOf(t, name.connectionId, name.kind, recordIds, placeIn(after, isText));
  });

const isText = (value: unknown): value is string => typeof value === 'string';

async function find(t: Repositories, scope: Scope, name: RecordName): Promise<Found> {
  const { connectionId, kind, id } = name;
  const [, side = '', key = ''] = /^(erp|procore):(.+)$/s.exec(id) ?? [];
  const link =
    side === ''
      ? ((await t.links.byIds(connectionId, [id])).find((one) => one.kind === kind) ?? null)
      : ownLink(
          side === 'erp'
            ? await t.links.byErpKeys(connectionId, kind, [key])
            : await t.links.byProcoreIds(connectionId, kind, numbersIn(key)),
        );
  const erpKey = link?.erpKey ?? (side === 'erp' ? key : null);
  const procoreId = link?.procoreId ?? (side === 'procore' ? key : null);
  const row = async (of: SideName, recordKey: string | number | null): Promise<SideRecordRow | null> =>
    recordKey === null
      ? null
      : ((await t.sideRecords.rows(connectionId, kind, of, [String(recordKey)]))[0] ?? null);
  const rows = { erp: await row('erp', erpKey), procore: await row('procore', procoreId) };
  const isThere = link !== null || rows.erp !== null || rows.procore !== null;
  if (!isThere || !isWithin(link?.projectId ?? null, scope)) throw unknown(name);
  const ids = [procoreId, ...(erpKey === null ? [] : [sideId('erp', erpKey)])].filter((one) => one !== null);
  return { link, rows, recordIds: ids.map((one) => recordIdOf(kind, one)) };
}

const numbersIn = (text: string): readonly number[] =>
  /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? [Number(text)] : [];

function oneSided({ rows }: Found, { connectionId, kind, id }: RecordName): RecordCandidate {
  const row = rows.erp ?? rows.procore;
  const text = (field: string): string => {
    const value = row?.record?.fields[field];
    return typeof value === 'string' ? value : '';
  };
  return {
    connectionId,
    kind,
    id,
    state: 'unpaired',
    erpKey: rows.erp?.recordKey ?? null,
    procoreId: rows.procore === null ? null : Number(rows.procore.recordKey),
    code: text('code'),
    name: text('name') || text('description'),
    projectId: null,
  };
}

/** What a side held last, and what it held when both agreed. */
interface Held {
  readonly now: CanonicalRecord | null;
  readonly base: CanonicalRecord | null;
}

function sidesOf(
  { link, rows }: Found,
  kind: Kind,
): Pick<ShownRecord, 'sides' | 'fields' | 'lines' | 'moreLines'> {
  const held = (side: SideName): Held => {
    const base = link?.[side] ?? null;
    return { now: rows[side]?.record ?? base, base };
  };
  const [procore, erp] = [held('procore'), held('erp')];
  const key = {
    procore: link?.procoreId ?? rows.procore?.recordKey,
    erp: link?.erpKey ?? rows.erp?.recordKey,
  };
  const side = (of: SideName, { now, base }: Held): ShownSide | null => {
    const own = key[of];
    if (own === undefined) return null;
    const row = rows[of];
    return {
      key: String(own),
      originId: row?.originId ?? null,
      moved: now !== null && base !== null && comparableRevision(now) !== comparableRevision(base),
      isToRead: row?.why === 'again',
      changedAt: row?.changedAt ?? null,
      seenAt: row?.seenAt ?? null,
    };
  };
  const { fields } = definitionOf(kind);
  const lines = linesOf(kind, procore, erp);
  return {
    sides: { procore: side('procore', procore), erp: side('erp', erp) },
    fields: fieldsOf(fields, procore, erp),
    lines: lines.slice(0, MOST_LINES),
    moreLines: Math.max(0, lines.length - MOST_LINES),
  };
}

type Holding = Pick<CanonicalRecord, 'fields'>;
interface HeldFields {
  readonly now: Holding | null;
  readonly base: Holding | null;
}

/** Every field that either side has, in the order of its kind. */
function fieldsOf(
  definitions: Readonly<Record<string, { readonly label: string; readonly type: FieldType }>>,
  procore: HeldFields,
  erp: HeldFields,
): readonly ShownField[] {
  const sides = [procore.now, procore.base, erp.now, erp.base];
  const isHeld = (field: string): boolean => sides.some((one) => (one?.fields[field] ?? null) !== null);
  return Object.entries(definitions)
    .filter(([field]) => isHeld(field))
    .map(([field, { label, type }]) => {
      const [one, other] = [valueOf(procore, field), valueOf(erp, field)];
      const differs = one !== null && other !== null && one.held !== other.held;
      return { field, label, type, procore: one, erp: other, differs };
    });
}

function valueOf({ now, base }: HeldFields, field: string): SideValue | null {
  if (now === null) return null;
  const held = now.fields[field] ?? null;
  const agreed = base === null ? null : (base.fields[field] ?? null);
  return { held, agreed, moved: base !== null && held !== agreed };
}

function linesOf(kind: Kind, procore: Held, erp: Held): readonly ShownLine[] {
  const byKey = (record: CanonicalRecord | null): ReadonlyMap<string, RecordLine> =>
    new Map((record?.lines ?? []).map((line) => [lineKeyOf(line), line]));
  const [pNow, pBase, eNow, eBase] = [procore.now, procore.base, erp.now, erp.base].map(byKey);
  const all = new Map([pNow, pBase, eNow, eBase].flatMap((lines) => [...(lines ?? [])]));
  return [...all].map(([key, line]) => {
    const { label, fields } = lineDefinitionOf(kind, line.kind);
    const of = (
      now: ReadonlyMap<string, RecordLine> | undefined,
      base: ReadonlyMap<string, RecordLine> | undefined,
    ): HeldFields => ({ now: now?.get(key) ?? null, base: base?.get(key) ?? null });
    return {
      kind: line.kind,
      label,
      number: line.number,
      fields: fieldsOf(fields, of(pNow, pBase), of(eNow, eBase)),
    };
  });
}

async function requestsOf(
  t: Repositories,
  connectionId: string,
  recordIds: readonly string[],
  before: string | null,
): Promise<Page<ShownRequest>> {
  const rows = await t.requests.onRecord(connectionId, recordIds, before, PAGE);
  return {
    rows: rows.map(({ id, eventName, subject, about, status, reason, receivedAt, closedAt }) => ({
      id,
      eventName,
      subject,
      title: about?.title ?? null,
      status,
      reason,
      receivedAt,
      closedAt,
    })),
    after: rows.length < PAGE ? null : cursorOf(rows.at(-1)?.receivedAt),
  };
}

async function writesOf(
  t: Repositories,
  connectionId: string,
  kind: Kind,
  recordIds: readonly string[],
  before: string | null,
): Promise<Page<ShownWrite>> {
  const rows = await t.plans.onRecord(connectionId, recordIds, before, PAGE);
  const { fields } = definitionOf(kind);
  return {
    rows: rows.map(
      ({ requestId, operationKey, planHash, side, action, erpKey, state, reason, at, record }) => ({
        requestId,
        operationKey,
        planHash,
        side,
        action,
        erpKey,
        state,
        reason,
        at,
        readBack:
          record === null
            ? null
            : Object.entries(record.fields)
                .filter(([, value]) => value !== null)
                .map(([field, value]) => ({ label: fields[field]?.label ?? field, value })),
        lines: record?.lines.length ?? 0,
      }),
    ),
    after: rows.length < PAGE ? null : cursorOf(rows.at(-1)?.at),
  };
}
