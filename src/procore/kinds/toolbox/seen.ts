import type * as z from 'zod';
import type { Kind } from '../../../domain/kinds';
import { customField } from '../../../domain/kinds/custom-fields';
import type { Fields, FieldValue } from '../../../domain/kinds/record';
import type { SyncPlace } from '../../../domain/plan/operation';
import type { Facts } from '../../../domain/request/facts';
import type { ProcoreId, RecordDraft, RecordRef } from '../../../domain/request/intent';
import type { ProcoreHttp } from '../../client/http';
import { isObject } from '../../client/json';
import type { CarriedFields, ProcoreKind, SeenRecord } from '../../port';
import { Asking } from './asking';
import { draft, titled } from './draft';
import type { List, Row } from './lists';
import { changedAtOf, isChangedSince, steadyPagesOf, steadyRowsOf } from './lists';
import * as s from './schemas';

/*
 * Records as reconciling reads them: field by field. A field that the answer does not have, or whose value cannot be read, is unknown and left
 * out; it never makes an empty field or a missing record.
 */

/** Where a canonical field stands: the first of these keys that has a value. All of them must be there, else nothing is known of it. */
export interface SeenField {
  readonly from: readonly string[];
  readonly read: z.ZodType<FieldValue>;
}

export interface SeenReference {
  /** Null: the place of the list says it. */
  readonly from: string | null;
  readonly read: (row: Row, place: SyncPlace) => RecordRef | null;
}

/** How a kind is read from the rows of its list. */
export interface SeenKind {
  readonly kind: Kind;
  /** For people, of what is known. */
  readonly label: (fields: Fields, id: ProcoreId) => string;
  readonly fields: Readonly<Record<string, SeenField>>;
  readonly refs?: Readonly<Record<string, SeenReference>>;
  readonly projectId?: (row: Row, place: SyncPlace) => ProcoreId | null;
  readonly flags?: (row: Row) => Facts;
  /** Its lists show `custom_fields`. */
  readonly hasCustomFields?: true;
}

const textOf = (value: FieldValue | undefined): string | null => (typeof value === 'string' ? value : null);

/** `Job 2417- "Eastgate"`; by its id where its code is not known. */
export const seenTitle =
  (words: string): SeenKind['label'] =>
  ({ code, name }, id) =>
    titled(words, textOf(code) ?? String(id), textOf(name));

export const seenField = (read: SeenField['read'], ...from: readonly string[]): SeenField => ({ from, read });

/** Fields with one key each, read as the events of the kind read it. */
export const seenFields = <K extends string>(
  names: Readonly<Record<string, K>>,
  schemas: Readonly<Record<K, SeenField['read']>>,
): Readonly<Record<string, SeenField>> =>
  Object.fromEntries(Object.entries(names).map(([field, key]) => [field, seenField(schemas[key], key)]));

/** What a kind carries: all that is read, and what its sync action takes. */
export const carried = (
  http: ProcoreHttp,
  { kind, fields, refs = {}, hasCustomFields }: SeenKind,
  writes: readonly string[],
): CarriedFields => {
  const custom = hasCustomFields === true ? Object.values(http.customFields[kind] ?? {}) : [];
  return { reads: [...Object.keys(fields), ...Object.keys(refs), ...custom.map(customField)], writes };
};

const MOST_PROBLEMS = 20;

/** Reads rows of one kind; nothing is asked. Values that cannot be read are logged, without the values. */
export class SeenReader {
  /** Nobody answers here: an instant becomes a date of the company. */
  private readonly asking: Asking;

  constructor(
    private readonly http: ProcoreHttp,
    private readonly of: SeenKind,
  ) {
    this.asking = new Asking({}, http.timeZone, http.customFields);
  }

  read(rows: readonly Row[], place: SyncPlace): readonly SeenRecord[] {
    const problems: string[] = [];
    const seen = rows.map((row) => this.one(row, place, problems));
    if (problems.length > 0) {
      const some = problems.slice(0, MOST_PROBLEMS).map(this.http.redact);
      const words = 'Values of Procore cannot be read and count as unknown';
      this.http.runtime.logger.warn(words, { count: problems.length, problems: some });
    }
    return seen;
  }

  /** An echo of a sync action; null: it is not the whole record, which must be read to be known. */
  echo(row: Row, place: SyncPlace): SeenRecord | null {
    const seen = this.read([row], place)[0];
    const { fields, refs = {} } = this.of;
    const isWhole =
      seen !== undefined &&
      Object.hasOwn(row.raw, 'origin_id') &&
      Object.keys(fields).every((field) => field in seen.draft.fields) &&
      Object.keys(refs).every((field) => field in seen.draft.refs);
    return isWhole ? seen : null;
  }

  private one(row: Row, place: SyncPlace, problems: string[]): SeenRecord {
    const { kind, label, fields: shape, refs: refsOf = {}, projectId, flags } = this.of;
    const { id, raw } = row;
    const unreadable = (key: string, { issues }: z.ZodError): void => {
      problems.push(`${kind} ${id}: ${key}: expected ${issues[0]?.message ?? 'another value'}`);
    };
    const originId = s.originId.safeParse(raw['origin_id']);
    if (!originId.success) unreadable('origin_id', originId.error);
    const fields: Record<string, FieldValue> = {};
    for (const [field, { from, read }] of Object.entries(shape)) {
      let value: FieldValue | undefined = null;
      for (const key of from) {
        const result = Object.hasOwn(raw, key) ? read.safeParse(raw[key]) : undefined;
        if (result?.success === false) unreadable(key, result.error);
        value = result?.success === true && value !== undefined ? (value ?? result.data) : undefined;
      }
      if (value !== undefined) fields[field] = value;
    }
    const refs: Record<string, RecordRef | null> = {};
    for (const [field, { from, read }] of Object.entries(refsOf)) {
      if (from === null || Object.hasOwn(raw, from)) refs[field] = read(row, place);
    }
    const made = draft(kind, {
      procoreId: id,
      originId: originId.success ? originId.data : null,
      label: label(fields, id),
      projectId: projectId?.(row, place) ?? null,
      fields,
      refs,
      ...(flags === undefined ? {} : { flags: flags(row) }),
      ...(this.of.hasCustomFields === true ? { holder: { custom_fields: raw['custom_fields'] } } : {}),
    });
    return { draft: this.withoutUnknown(this.asking.finished(made), row), changedAt: changedAtOf(row) };
  }

  /** A reader of events takes a custom field that is not there for an empty one. */
  private withoutUnknown(seen: RecordDraft, { raw }: Row): RecordDraft {
    const mapped = Object.entries(this.http.customFields[this.of.kind] ?? {});
    if (mapped.length === 0) return seen;
    const shown = this.of.hasCustomFields === true ? raw['custom_fields'] : undefined;
    const unknown = mapped
      .filter(([key]) => !isObject(shown) || !Object.hasOwn(shown, key))
      .map(([, column]) => customField(column));
    const left = new Set([...unknown, ...Object.keys(seen.custom?.unread ?? {})]);
    const fields = Object.entries(seen.fields).filter(([field]) => !left.has(field));
    return { ...seen, fields: Object.fromEntries(fields) };
  }
}

/** Reads for reconciling of a list that has no filter at all, neither for changes nor for ids. */
export const seeWhole = (
  http: ProcoreHttp,
  reader: SeenReader,
  listOf: (place: SyncPlace) => List,
): Required<Pick<ProcoreKind, 'scan' | 'see'>> => ({
  scan: async function* (since, place) {
    for await (const page of steadyPagesOf(http, listOf(place), since === null))
      yield reader.read(
        page.filter((row) => isChangedSince(row, since)),
        place,
      );
  },
  see: async (ids, place) => {
    const wanted = new Set(ids);
    if (wanted.size === 0) return [];
    const rows = await steadyRowsOf(http, listOf(place));
    return reader.read(
      rows.filter(({ id }) => wanted.has(id)),
      place,
    );
  },
});
