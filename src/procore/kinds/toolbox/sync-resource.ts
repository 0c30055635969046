import { TiebackError } from '../../../domain/base/errors';
import { originIdOf } from '../../../domain/base/identity';
import { isDecimal } from '../../../domain/base/money';
import type { RefTarget } from '../../../domain/kinds';
import type { FieldValue } from '../../../domain/kinds/record';
import type { SyncPlace } from '../../../domain/plan/operation';
import type { ProcoreHttp, Query } from '../../client/http';
import { fillPath } from '../../client/http';
import type { JsonObject } from '../../client/json';
import { toId } from '../../client/json';
import type { ProcorePaths } from '../../client/settings';
import type { Identity } from '../../client/sync-action';
import { sync } from '../../client/sync-action';
import type { ItemError, ProcoreKind, SeenLine, SeenRecord, SyncItem, SyncOutcome } from '../../port';
import type { Row } from './lists';
import { needed } from './lists';

/** Where a canonical field goes: Procore's name, and what becomes of a value that is not null. */
export interface ProcoreField {
  readonly name: string;
  readonly as?: (value: string | boolean) => unknown;
  /** It becomes a JSON number, which must keep all its digits. */
  readonly isNumber?: true;
}
export type ProcoreFields = Readonly<Record<string, string | ProcoreField>>;

export const number = (name: string): ProcoreField => ({ name, as: Number, isNumber: true });
/** A reference: the `origin_id` of the other record. */
export const originId = (name: string, of: RefTarget): ProcoreField => ({
  name,
  as: (key) => originIdOf(of, String(key)),
});

/** The place of a sync action; a part that is missing is a fault of the caller when it is needed. */
export interface Place {
  readonly companyId: number;
  readonly projectId: number;
  readonly subJobId: number | null;
  readonly listId: number;
  readonly jobOriginId: string;
}

/** One resource with a sync action: everything that is different from the others. */
export interface SyncResource {
  readonly operation: string;
  /** A published path, or the key of one that may be configured. */
  readonly path: `/${string}` | keyof ProcorePaths;
  readonly query?: (place: Place) => Query;
  /** Fields beside `updates`. */
  readonly body?: (place: Place) => JsonObject;
  /** What every item must have, so that it can never become a twin. */
  readonly key: keyof typeof KEYS;
  /** A canonical field that is not here has no documented place in the resource and is not sent. */
  readonly fields: ProcoreFields;
  /** What is sent beside id, `origin_id` and fields. */
  readonly more?: (item: SyncItem) => JsonObject;
  /** Reads an echo of a record; null: it does not show all of it. */
  readonly echo?: (row: Row, place: SyncPlace) => SeenRecord | null;
  /** The same of lines. */
  readonly lineEcho?: (row: Row) => SeenLine | null;
}

const isNamed = ({ originId: named }: SyncItem): boolean => named !== undefined && named !== '';

/** How items are told apart: what they must have, and by which fields an echo of theirs is recognised. */
const KEYS = {
  'id or origin_id': {
    has: (item: SyncItem) => item.procoreId !== undefined || isNamed(item),
    echo: ['id', 'origin_id'],
  },
  id: { has: ({ procoreId }: SyncItem) => procoreId !== undefined, echo: ['id'] },
  pair: { has: ({ pair }: SyncItem) => pair !== undefined, echo: [['cost_code_id', 'line_item_type_id']] },
  invoice: {
    has: (item: SyncItem) => item.invoiceId !== undefined && isNamed(item),
    echo: ['origin_id'],
  },
} as const satisfies Record<string, { has: (item: SyncItem) => boolean; echo: readonly Identity[] }>;

/**
 * Writes records of one resource by id or `origin_id` ("Using Sync Actions", OpenAPI, ERP technical guide). Throws
 * `PROCORE_REQUEST_INVALID` for an item without its key and for a place that is missing; an item whose amount Procore's numbers cannot hold
 * exactly is answered as an error and not sent.
 */
export const syncWith =
  (http: ProcoreHttp, resource: SyncResource): NonNullable<ProcoreKind['write']> =>
  async (given, items) => {
    const { operation, path, key, query, body } = resource;
    const unkeyed = items.find((item) => !KEYS[key].has(item));
    if (unkeyed !== undefined) {
      throw new TiebackError('PROCORE_REQUEST_INVALID', {
        operation,
        reason: `"${unkeyed.key}" has no ${key}`,
      });
    }
    const place = placeOf(http, operation, given);
    const refused = items.flatMap((item) => inexact(resource, item));
    const keys = new Set(refused.map((error) => error.key));
    const { errors, entities } = await sync(http, {
      operation,
      path: isPath(path) ? path : fillPath(http.settings.paths[path], { company_id: http.companyId }),
      ...(query === undefined ? {} : { query: query(place) }),
      ...(body === undefined ? {} : { scope: body(place) }),
      items: items.filter((item) => !keys.has(item.key)),
      batchSize: http.settings.batchSizes.records,
      encode: (item) => encode(resource, item),
      key: (item) => item.key,
      identity: KEYS[key].echo,
    });
    const taken = entities.flatMap(({ key: of, entity }) => {
      const id = toId(entity['id']);
      return id === null ? [] : [{ key: of, row: { id, raw: entity } }];
    });
    const read = <T>(reader: (row: Row) => T | null) =>
      taken.flatMap(({ key: of, row }) => {
        const seen = reader(row);
        return seen === null ? [] : [{ key: of, seen }];
      });
    const { echo, lineEcho } = resource;
    return joined([
      { errors: refused, ids: [] },
      {
        errors,
        ids: taken.map(({ key: of, row }) => ({ key: of, procoreId: row.id })),
        ...(echo === undefined ? {} : { echoes: read((row) => echo(row, given)) }),
        ...(lineEcho === undefined ? {} : { lineEchoes: read(lineEcho) }),
      },
    ]);
  };

/** Several outcomes as one. */
export function joined(outcomes: readonly SyncOutcome[]): SyncOutcome {
  const echoes = outcomes.flatMap((outcome) => outcome.echoes ?? []);
  const lineEchoes = outcomes.flatMap((outcome) => outcome.lineEchoes ?? []);
  return {
    errors: outcomes.flatMap(({ errors }) => errors),
    ids: outcomes.flatMap(({ ids }) => ids),
    ...(echoes.length === 0 ? {} : { echoes }),
    ...(lineEchoes.length === 0 ? {} : { lineEchoes }),
  };
}

const isPath = (path: SyncResource['path']): path is `/${string}` => path.startsWith('/');

const placeOf = (http: ProcoreHttp, operation: string, given: SyncPlace): Place => ({
  companyId: http.companyId,
  get projectId() {
    return needed(operation, given.projectId, 'the project');
  },
  subJobId: given.subJobId ?? null,
  get listId() {
    return needed(operation, given.listId, 'the standard cost code list');
  },
  get jobOriginId() {
    return needed(operation, given.jobOriginId, 'the origin_id of the job');
  },
});

const encode = ({ key, fields, more }: SyncResource, item: SyncItem): JsonObject => ({
  ...(item.procoreId === undefined ? {} : { id: item.procoreId }),
  ...(item.originId === undefined || key === 'pair' ? {} : { origin_id: item.originId }),
  ...encodeFields(fields, item.fields),
  ...more?.(item),
});

/** The fields that are given, as Procore calls them; null clears. */
export const encodeFields = (fields: ProcoreFields, values: SyncItem['fields']): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, to]) => {
      const value = values[field];
      if (value === undefined) return [];
      if (typeof to === 'string') return [[to, value]];
      return [[to.name, value === null || to.as === undefined ? value : to.as(value)]];
    }),
  );

/** Amounts of job costs are JSON numbers: those with more digits than one keeps are refused, never rounded. */
function inexact({ fields }: SyncResource, item: SyncItem): readonly ItemError[] {
  const messages = Object.entries(fields).flatMap(([field, to]) => {
    if (typeof to === 'string' || to.isNumber !== true || isExact(item.fields[field])) return [];
    return [`${to.name}: ${String(item.fields[field])} cannot be sent to Procore without losing digits`];
  });
  return messages.length === 0 ? [] : [{ key: item.key, messages }];
}

/** 15 significant digits survive the way into a JSON number and back, whatever they are. */
function isExact(value: FieldValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  const text = String(value);
  if (!isDecimal(text)) return false;
  const digits = text.replace('-', '');
  const significant = digits.includes('.') ? digits.replace(/0+$/, '') : digits;
  return significant.replace('.', '').replace(/^0+/, '').length <= 15;
}

/** Deletes one row (events dictionary of 2021, ERP technical guide); one that is gone already is fine. */
export const removeAt =
  (http: ProcoreHttp, path: keyof ProcorePaths, inProject: boolean): NonNullable<ProcoreKind['remove']> =>
  async (id, { projectId }) => {
    await http.send({
      operation: path,
      method: 'DELETE',
      path: fillPath(http.settings.paths[path], { company_id: http.companyId, id }),
      ...(inProject && projectId !== undefined ? { query: { project_id: projectId } } : {}),
      repeatable: true,
      alsoAccept: [404],
    });
  };
