import { isoSeconds } from '../clock';
import { notFound, type FieldErrors } from '../errors';
import { asInt, asString, type JsonObject } from '../json';
import type { Company, State } from '../state';
import { ItemError } from '../sync-action';
import type { RecordState } from '../types';
import {
  ALL_KINDS,
  CHANGE_ORDERS,
  CONTRACTS,
  isLinked,
  isWaiting,
  itemTypeOf,
  KINDS,
  kindsOfItemType,
  ORIGIN_FIELDS,
  type Kind,
  type SimRecord,
} from './record';
import { noteOrigin, recordsWithOrigin, type OriginTaken } from './origin';

/** What stands in a record line by line. */
const LINE_KINDS: Partial<Record<Kind, Kind>> = {
  ...Object.fromEntries([...CONTRACTS, ...CHANGE_ORDERS].map((kind) => [kind, 'line_item'])),
  requisition: 'requisition_item',
  payment_application: 'payment_application_line_item',
  line_item: 'markup',
};

/** A record that is new or has really changed, and the user behind it. */
export interface RecordChange {
  company: Company;
  record: SimRecord;
  event: 'create' | 'update';
  userId: number | null;
}

export interface RecordParts {
  state: State;
  originTaken: OriginTaken;
  onChange(change: RecordChange): void;
}

/** Reads and writes the records of a company, with the rules that hold whoever writes. */
export class Records {
  constructor(
    private readonly parts: RecordParts,
    private readonly userId: number | null = null,
  ) {}

  /** The same records, written by this user. */
  by(userId: number | null): Records {
    return new Records(this.parts, userId);
  }

  of(company: Company, kind: Kind): SimRecord[] {
    return [...this.map(company, kind).values()];
  }

  find(company: Company, kind: Kind | readonly Kind[], id: unknown): SimRecord | undefined {
    const number = asInt(id);
    if (number === undefined) return undefined;
    for (const one of kindsOf(kind)) {
      const record = this.map(company, one).get(number);
      if (record) return record;
    }
    return undefined;
  }

  get(company: Company, kind: Kind | readonly Kind[], id: unknown): SimRecord {
    const record = this.find(company, kind, id);
    if (!record) {
      const first = kindsOf(kind)[0];
      throw notFound(`Couldn't find ${first ? className(first) : 'record'} with 'id'=${String(id)}`);
    }
    return record;
  }

  byOrigin(company: Company, kind: Kind | readonly Kind[], originId: unknown): SimRecord | undefined {
    if (typeof originId !== 'string' || originId === '') return undefined;
    const found = recordsWithOrigin(company, originId);
    for (const one of kindsOf(kind)) {
      const record = found.find((r) => r.kind === one);
      if (record) return record;
    }
    return undefined;
  }

  /** The record behind an external-data key. A markup answers to the id of its line and to its own. */
  byItemType(company: Company, itemType: string, id: unknown): SimRecord | undefined {
    for (const kind of kindsOfItemType(itemType)) {
      const found = this.find(company, kind, id);
      if (found && itemTypeOf(found) === itemType) return found;
    }
    if (itemType !== 'markup') return undefined;
    return this.of(company, 'markup').find((r) => r.fields['markup_id'] === asInt(id));
  }

  parent(company: Company, record: SimRecord): SimRecord | undefined {
    if (record.kind === 'line_item') {
      return this.find(company, record.fields['holder_kind'] as Kind, record.fields['holder_id']);
    }
    const parent = KINDS[record.kind].parent;
    return parent && this.find(company, parent.kinds, record.fields[parent.field]);
  }

  /** Lines of a contract or change order, items of an invoice, markups of a line, in their order. */
  lines(company: Company, record: SimRecord): SimRecord[] {
    const kind = LINE_KINDS[record.kind];
    return kind === undefined ? [] : this.below(company, kind, record);
  }

  /** Everything that directly belongs to a record. */
  children(company: Company, parent: SimRecord): SimRecord[] {
    const below = ALL_KINDS.flatMap((kind) => this.below(company, kind, parent));
    if (parent.kind !== 'sub_job') return below;
    return [
      ...below,
      ...(['cost_code', 'erp_job_cost'] as const).flatMap((kind) =>
        this.of(company, kind).filter((r) => r.fields['sub_job_id'] === parent.id),
      ),
    ];
  }

  /** A record and everything below it. */
  tree(company: Company, record: SimRecord): SimRecord[] {
    return [record, ...this.children(company, record).flatMap((child) => this.tree(company, child))];
  }

  /** Throws `ItemError`. */
  create(company: Company, kind: Kind, fields: JsonObject, id?: number): SimRecord {
    this.refuse(this.problems(company, kind, fields, null));
    return this.insert(company, kind, fields, id);
  }

  /** Puts a record there without looking at rules. */
  insert(company: Company, kind: Kind, fields: JsonObject, id?: number): SimRecord {
    const { ids, defaults } = KINDS[kind];
    const now = this.parts.state.now();
    const record: SimRecord = {
      id: id ?? this.parts.state.nextId(ids ?? 'record'),
      kind,
      fields: { origin_id: null, origin_code: null, origin_data: null, ...defaults, ...fields },
      created_at: now,
      updated_at: now,
      erp: { status: 'not_in_erp', messages: [], customFields: {}, sentBy: null, comment: null, code: null },
    };
    if (isLinked(record)) record.erp.status = 'synced';
    this.map(company, kind).set(record.id, record);
    noteOrigin(company, record);
    this.tell(company, record, 'create');
    return record;
  }

  /** Throws `ItemError` for a locked, blank or taken field. */
  update(company: Company, record: SimRecord, fields: JsonObject): SimRecord {
    const changes = changesOf(record, fields);
    this.refuse({
      ...this.problems(company, record.kind, fields, record),
      ...lockErrors(record, Object.keys(changes)),
    });
    return this.apply(company, record, changes);
  }

  /** External data: the origin fields may change whatever is locked. */
  setOrigin(company: Company, record: SimRecord, origin: JsonObject): SimRecord {
    return this.apply(company, record, changesOf(record, origin));
  }

  unlink(company: Company, record: SimRecord): void {
    this.setOrigin(company, record, { origin_id: null, origin_code: null, origin_data: null });
    if ('synced' in record.fields) record.fields['synced'] = false;
    if (record.erp.status === 'synced') record.erp.status = 'not_in_erp';
  }

  remove(company: Company, record: SimRecord): void {
    for (const one of this.tree(company, record)) this.map(company, one.kind).delete(one.id);
  }

  /** Takes a record and what is below it out of everybody's sight, as one that was deleted or that the service account may not read. */
  hide(company: Company, record: SimRecord): void {
    const tree = this.tree(company, record);
    this.remove(company, record);
    company.hidden.set(`${record.kind}:${record.id}`, tree);
  }

  /** Puts it back as it was: not even the time of its last change tells of it. */
  show(company: Company, kind: Kind, id: number): SimRecord {
    const name = `${kind}:${id}`;
    const [record, ...below] = company.hidden.get(name) ?? [];
    if (!record) throw notFound(`no hidden ${className(kind)} with 'id'=${id}`);
    for (const one of [record, ...below]) this.map(company, one.kind).set(one.id, one);
    company.hidden.delete(name);
    return record;
  }

  private below(company: Company, kind: Kind, parent: SimRecord): SimRecord[] {
    if (kind === 'line_item') {
      return this.of(company, kind).filter(
        (r) => r.fields['holder_kind'] === parent.kind && r.fields['holder_id'] === parent.id,
      );
    }
    const link = KINDS[kind].parent;
    if (!link?.kinds.includes(parent.kind)) return [];
    return this.of(company, kind).filter((r) => r.fields[link.field] === parent.id);
  }

  private apply(company: Company, record: SimRecord, changes: JsonObject): SimRecord {
    if (Object.keys(changes).length === 0) return record;
    const wasLinked = isLinked(record);
    Object.assign(record.fields, changes);
    noteOrigin(company, record);
    record.updated_at = this.parts.state.now();
    if (wasLinked !== isLinked(record) && record.erp.status !== 'exporting') {
      record.erp.status = isLinked(record) ? 'synced' : 'not_in_erp';
      record.erp.messages = [];
    }
    this.tell(company, record, 'update');
    return record;
  }

  private tell(company: Company, record: SimRecord, event: RecordChange['event']): void {
    this.parts.onChange({ company, record, event, userId: this.userId });
  }

  private problems(company: Company, kind: Kind, fields: JsonObject, current: SimRecord | null): FieldErrors {
    const errors: FieldErrors = {};
    for (const name of KINDS[kind].required ?? []) {
      const value = name in fields ? fields[name] : current?.fields[name];
      if (value === undefined || value === null || (typeof value === 'string' && value.trim() === ''))
        errors[name] = ["can't be blank"];
    }
    Object.assign(errors, KINDS[kind].check?.({ ...current?.fields, ...fields }));
    const originId = asString(fields['origin_id']);
    const type = current ? itemTypeOf(current) : (KINDS[kind].itemTypes[0] ?? null);
    if (
      originId !== undefined &&
      type !== null &&
      this.parts.originTaken(company, originId, { type, id: current?.id ?? null })
    ) {
      errors['origin_id'] = ['has already been taken'];
    }
    return errors;
  }

  private refuse(errors: FieldErrors): void {
    if (Object.keys(errors).length > 0) throw new ItemError(errors);
  }

  private map(company: Company, kind: Kind): Map<number, SimRecord> {
    let records = company.records.get(kind);
    if (!records) {
      records = new Map();
      company.records.set(kind, records);
    }
    return records;
  }
}

const kindsOf = (kind: Kind | readonly Kind[]): readonly Kind[] => (typeof kind === 'string' ? [kind] : kind);

function changesOf(record: SimRecord, fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([key, value]) => JSON.stringify(record.fields[key] ?? null) !== JSON.stringify(value ?? null),
    ),
  );
}

/** `WorkOrderContract` */
function className(kind: Kind): string {
  return kind.replace(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Who waits for the ERP or is in it cannot be changed freely. */
function lockErrors(record: SimRecord, changed: string[]): FieldErrors {
  const locks = KINDS[record.kind].locks;
  if (locks?.peopleOnly === true) return {};
  const others = changed.filter((field) => !(ORIGIN_FIELDS as readonly string[]).includes(field));
  const locked = others.filter(
    (field) =>
      record.erp.status === 'exporting' ||
      (isLinked(record) && (locks?.synced === 'all' || locks?.synced.includes(field) === true)) ||
      ((isLinked(record) || isWaiting(record)) && locks?.sent?.includes(field) === true),
  );
  return Object.fromEntries(
    locked.map((field) => [field, [`cannot be changed: this ${KINDS[record.kind].label} is locked by ERP`]]),
  );
}

/** A record as the control door shows it. */
export function recordState(records: Records, company: Company, record: SimRecord): RecordState {
  const lines = records.lines(company, record).map((line) => recordState(records, company, line));
  const { linkedField } = KINDS[record.kind];
  return {
    ...record.fields,
    ...(linkedField === undefined ? {} : { [linkedField]: isLinked(record) }),
    kind: record.kind,
    id: record.id,
    origin_id: asString(record.fields['origin_id']) ?? null,
    origin_code: asString(record.fields['origin_code']) ?? null,
    origin_data: record.fields['origin_data'] ?? null,
    linked: isLinked(record),
    erp_status: record.erp.status,
    erp_messages: [...record.erp.messages],
    erp_comment: record.erp.comment,
    created_at: isoSeconds(record.created_at),
    updated_at: isoSeconds(record.updated_at),
    ...(lines.length > 0 ? { lines } : {}),
  };
}
