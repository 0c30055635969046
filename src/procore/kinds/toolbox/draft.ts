import type * as z from 'zod';
import { sameAmount, sum } from '../../../domain/base/money';
import type { Kind, LineKind, RefTarget } from '../../../domain/kinds';
import type { Currency, DraftLine, ProcoreId, RecordDraft, RecordRef } from '../../../domain/request/intent';
import type { SyncPlace } from '../../../domain/plan/operation';
import type { ProcoreHttp } from '../../client/http';
import type { JsonObject } from '../../client/json';
import type { ProcoreKind } from '../../port';
import { Asking } from './asking';
import type { ReadDraft, ReadLine } from './custom-fields';
import type { List, Row } from './lists';
import { pagesOf, rawOf, rowsOf } from './lists';
import type * as s from './schemas';
import { problemsOf } from './schemas';
import type { Checks } from './totals';

/*
 * What drafts have in common, whether an event sent the record or a list showed it ("ERP Events Dictionary"): the objects that name another
 * record, lines of contracts, request details of items, and the numbers lines are recognised by.
 */

/** Names another record; null when nothing does. */
export function refTo(
  target: RefTarget,
  { id = null, origin_id: originId = null }: { id?: ProcoreId | null; origin_id?: string | null },
  words: string,
  label: string | null = null,
): RecordRef | null {
  if (id === null && originId === null) return null;
  return { target, procoreId: id, originId, label: `${words} ${label ?? originId ?? String(id)}` };
}

export const jobRef = (project: s.Of<typeof s.named>, jobOriginId: string | null = null): RecordRef | null =>
  refTo(
    'project',
    { id: project?.id ?? null, origin_id: project?.origin_id ?? jobOriginId },
    'job',
    project?.name,
  );

const costCodeRef = (code: s.Of<typeof s.costCode>): RecordRef | null =>
  refTo('cost_code', code ?? {}, 'cost code', code?.full_code ?? code?.name);

export const costTypeRef = (type: s.Of<typeof s.named>): RecordRef | null =>
  refTo('line_item_type', type ?? {}, 'cost type', type?.name ?? type?.code);

/** Where the cost of a line goes. */
export const costRefs = (
  code: s.Of<typeof s.costCode>,
  type: s.Of<typeof s.named>,
): { readonly costCode: RecordRef | null; readonly costType: RecordRef | null } => ({
  costCode: costCodeRef(code),
  costType: costTypeRef(type),
});

/** `1|SUB` of an accounting table of the ERP: only the last part is the ERP's own code. */
export const lastPart = (originId: string | null): string | null =>
  originId?.split('|').at(-1)?.trim() || null;

type ContractItem = s.Of<typeof s.contractItem>;

/** What the lines of one record are read with. */
export interface Reader {
  readonly asking: Asking;
  readonly checks: Checks;
}

/**
 * A line of a contract or commitment change order. Its amount is the one without tax: `extended_amount` is that amount once more, `total_amount`
 * may hold the tax too.
 */
export function contractLine(
  kind: LineKind,
  item: ContractItem,
  number: string,
  { asking, checks }: Reader,
  refs: DraftLine['refs'] = {},
): ReadLine {
  const where = `Line ${number}: `;
  checks.total(where, {
    name: 'extended amount',
    shown: item.extended_amount,
    made: item.amount,
    by: 'its amount is',
  });
  checkTotalAmount(where, item, [item.amount], checks);
  return {
    kind,
    number,
    procoreId: item.id,
    itemType: 'line_item',
    fields: {
      description: item.description,
      basis: item.extended_type === 'calculated' ? 'unit' : 'lump_sum',
      quantity: item.quantity,
      uom: item.uom,
      unitCost: item.unit_cost,
      amount: item.amount,
      taxCode: taxCodeOf(where, item, { asking, checks }),
      taxAmount: item.tax_amount,
    },
    refs: { ...itemCost(item), ...refs },
    holder: item,
  };
}

/** `total_amount` of a line is its amount (or that with its markups), with its tax or without. */
export function checkTotalAmount(
  where: string,
  { total_amount: shown, tax_amount: tax }: ContractItem,
  amounts: readonly [string, ...string[]],
  checks: Checks,
): void {
  const isOne = (amount: string): boolean =>
    shown !== null && [amount, sum([amount, tax ?? '0'])].some((possible) => sameAmount(shown, possible));
  if (amounts.some(isOne)) return;
  const by = tax === null || sameAmount(tax, '0') ? 'its amount is' : `its amount without tax of ${tax} is`;
  checks.total(where, { name: 'total amount', shown, made: amounts[0], by });
}

/** The tax code of a line; one that Procore names by its id alone is asked for. */
export function taxCodeOf(where: string, item: ContractItem, { asking, checks }: Reader): string | null {
  const { tax_code: code, tax_code_id: id } = item;
  if (code !== null || id === null) return code;
  const found = asking.answer({ what: 'tax_code', id });
  if (found === null) {
    const words = `${where}Procore names its tax code by the id ${id} alone, and does not say which one that is.`;
    checks.add('id_unknown', 'tax code', words);
  }
  return found;
}

/** Where the cost of a line goes; a code or type that is named by its id alone is known by our link. */
export const itemCost = (item: ContractItem) =>
  costRefs(
    item.cost_code ?? { id: item.cost_code_id, origin_id: null, full_code: null, name: null },
    item.line_item_type ?? { id: item.line_item_type_id, origin_id: null, name: null, code: null },
  );

type Priced = s.Of<z.ZodObject<typeof s.currency>>;

/** The currencies that a record and its parts name, each once. */
export function currenciesOf(...priced: readonly Priced[]): readonly Currency[] {
  const named = priced.flatMap((part): Currency[] => {
    const { currency_configuration: configured } = part;
    const code = configured?.currency_iso_code ?? part.currency_iso_code;
    const rate = configured?.currency_exchange_rate ?? part.currency_exchange_rate;
    const base = configured?.base_currency_iso_code ?? null;
    return code === null && rate === null ? [] : [{ code: code?.toUpperCase() ?? null, rate, base }];
  });
  return [...new Map(named.map((one) => [`${one.code}/${one.rate}/${one.base}`, one])).values()];
}

/** What became of the lines of an invoice that say nothing. */
export const emptyLines = (count: number): string =>
  count === 1
    ? '1 line without an amount and without a line in the ERP is left out.'
    : `${count} lines without an amount and without a line in the ERP are left out.`;

/** Items with the numbers that they are known by: their positions, when every one has its own; else 1, 2, 3. */
export function numbered<T>(
  items: readonly T[],
  positionOf: (item: T) => string | null,
): readonly { readonly item: T; readonly number: string }[] {
  const given = items.map(positionOf);
  const isUsable = !given.includes(null) && new Set(given).size === given.length;
  return items.map((item, index) => ({
    item,
    number: (isUsable ? given[index] : null) ?? String(index + 1),
  }));
}

export const detailIdsIn = (item: {
  readonly request_detail_id: ProcoreId | null;
  readonly erp_request_detail_id: ProcoreId | null;
}): readonly ProcoreId[] => [
  ...new Set([item.request_detail_id, item.erp_request_detail_id].filter((id) => id !== null)),
];

/** `Commitment SC-2417-008 "HVAC - Eastgate"`. */
export const titled = (words: string, code: string | null, name: string | null): string =>
  [words, code, name === null ? null : `"${name}"`].filter((part) => part !== null).join(' ');

type Given = Partial<ReadDraft> & Pick<ReadDraft, 'procoreId' | 'originId' | 'label' | 'fields'>;

/** A draft of a record of the company, of the item type that is called like its kind, with nothing below it, unless something else is said. */
export const draft = (kind: Kind, given: Given): ReadDraft => ({
  kind,
  itemType: kind,
  projectId: null,
  detailIds: [],
  refs: {},
  lines: [],
  notes: [],
  warnings: [],
  ...given,
});

/**
 * Drafts of what the ordinary APIs show, in the shape of the event that would have sent it. What cannot be read is left out and logged: one
 * bad record does not stop its page.
 */
export function draftsOf<S extends Schema>(
  http: ProcoreHttp,
  schema: S,
  payloads: readonly JsonObject[],
  draftOf: (data: s.Of<S>, asking: Asking) => ReadDraft,
): readonly RecordDraft[] {
  // Nobody answers here: lists are compared with what was sent before, and show dates, not instants.
  const asking = new Asking({}, http.timeZone, http.customFields);
  return payloads.flatMap((payload) => {
    const result = schema.safeParse(payload);
    if (result.success) return [asking.finished(draftOf(result.data, asking))];
    const problems = problemsOf(result.error, payload, '').map(http.redact);
    http.runtime.logger.warn('A record of Procore cannot be read and is left out', { problems });
    return [];
  });
}

type Schema = Parameters<typeof s.list>[0];

/** Reads of a list without a filter for what changed: all of it, every time. */
export function readWhole<S extends Schema>(
  http: ProcoreHttp,
  listOf: (place: SyncPlace) => List,
  schema: S,
  toDraft: (data: s.Of<S>) => ReadDraft,
): Required<Pick<ProcoreKind, 'read' | 'readChanged'>> {
  const drafts = (rows: readonly Row[]) => draftsOf(http, schema, rows.map(rawOf), toDraft);
  return {
    read: async (ids, place) =>
      drafts((await rowsOf(http, listOf(place))).filter(({ id }) => ids.includes(id))),
    readChanged: async function* (_, place) {
      for await (const page of pagesOf(http, listOf(place))) yield drafts(page);
    },
  };
}
