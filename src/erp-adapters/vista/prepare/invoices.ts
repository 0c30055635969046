import { isTiebackError } from '../../../domain/base/errors';
import { idIn } from '../../sql/scope';
import type { KindSpec, Moment, Work } from '../../sql/model';
import { busy, refused } from '../../sql/refusals';
import type { Row } from '../../sql/session';
import { askAll, query } from '../../sql/session';
import { attempt, dateOf, monthOf } from '../batches';
import type { VistaOptions } from '../settings';
import { MODULE_NAMES, moduleOf, MODULES } from '../sql';
import type { Item } from './items';
import { changedItems, itemsOf } from './items';
import type { Prepare, Prepared } from './work';
import {
  companyOf,
  idsHeld,
  isNew,
  JOB_OF_PHASE,
  newLink,
  placesOf,
  rowsOfIds,
  sentLine,
  textIn,
  unitOf,
  withHeader,
  withLines,
} from './work';

/** What is known of the invoices of one call. */
interface Known {
  /** The item that a line is about; undefined: none. */
  itemOf(work: Work, index: number): Item | undefined;
  /** Vendor of an order, by its id. */
  readonly vendors: ReadonlyMap<string, number>;
  /** `<vendor> <reference>` → where such an invoice is. */
  readonly taken: ReadonlyMap<string, string>;
  /** Why one that is there may not change now. */
  changeable(work: Work): void;
  /** Where a new one goes. */
  placeOf(work: Work): Row;
}

/** Invoices get a link, a place, and what Vista takes from vendor and item; one with the same reference is not entered again. */
export const invoices =
  (options: VistaOptions): Prepare =>
  async (moment, spec, work) => {
    const known = await lookAround(moment, spec, work, options);
    return work.map((each): Prepared => {
      const prepared = attempt(() =>
        isNew(each) ? newInvoice(moment, spec, each, { known, options }) : known.changeable(each),
      );
      if (isTiebackError(prepared)) return prepared;
      return prepared ?? each;
    });
  };

function newInvoice(
  { scope }: Moment,
  { kind }: KindSpec,
  work: Work,
  { known, options }: { readonly known: Known; readonly options: VistaOptions },
): Work {
  const { fields } = work.operation.record;
  const order = idIn(textIn(fields, 'commitment'));
  const vendor = order === '' ? Number(idIn(textIn(fields, 'vendor'))) : known.vendors.get(order);
  const reference = textIn(fields, 'code');
  const where = known.taken.get(`${String(vendor)} ${reference}`);
  if (where !== undefined) refused(`reference ${reference} of vendor ${String(vendor)} is ${where} already`);
  const place = known.placeOf(work);
  const link = newLink();
  const header = withHeader(work, {
    ...place,
    UniqueAttchID: link,
    ...(order === '' ? {} : { Vendor: vendor ?? null }),
    InvDate: textIn(fields, 'date') || dateOf(fields),
    ...(textIn(fields, 'dueDate') === '' ? { DueDate: textIn(fields, 'date') || dateOf(fields) } : {}),
  });
  const numberColumn = options.invoices === 'batch' ? 'APLine' : 'Line';
  const lines = withLines(header, (line, index) => {
    const { row } = line;
    const number = row.values['LineNumber'];
    const at = { ...place, [numberColumn]: Number(number) };
    const item = known.itemOf(work, index);
    if (item === undefined && kind === 'requisition')
      refused(`line ${String(number)} names no item of the order`);
    const own = unitOf(line, {}, 'Units', options);
    const unit = row.values['UM'] ?? (own['UM'] === 'LS' ? (item?.row['UM'] ?? 'LS') : (own['UM'] ?? null));
    if (item === undefined)
      return {
        values: { ...at, LineType: 1, JCCo: Number(scope.company), UM: unit },
        made: JOB_OF_PHASE,
      };
    const { module, order: number_, item: itemNumber, row: its } = item;
    return {
      values: {
        ...at,
        ...its,
        UM: unit,
        LineType: MODULES[module].lineType,
        [module]: number_,
        [`${module}Item`]: itemNumber,
      },
    };
  });
  return { ...lines, newId: link };
}

async function lookAround(
  moment: Moment,
  spec: KindSpec,
  work: readonly Work[],
  options: VistaOptions,
): Promise<Known> {
  const sent = work.flatMap(({ operation }) => operation.record.lines.map(({ fields }) => fields));
  const changed = await changedItems(
    moment,
    sent.map((fields) => idIn(textIn(fields, 'changeOrderLine'))).filter((id) => id !== ''),
  );
  const named = sent.map((fields) => idIn(textIn(fields, 'commitmentLine')));
  const items = await itemsOf(moment, [...named, ...changed.values()]);
  return {
    itemOf(each, index) {
      const fields = sentLine(each, index);
      const own = idIn(textIn(fields, 'commitmentLine'));
      return items.get(own === '' ? (changed.get(idIn(textIn(fields, 'changeOrderLine'))) ?? '') : own);
    },
    vendors: await vendorsOf(moment, work),
    taken: await sameReferences(moment, work),
    changeable: await changeable(moment, spec, work, options),
    placeOf: await placesFor(moment, spec, work, options),
  };
}

/** Only what nobody has taken over yet: reviewed or posted invoices are changed by people. */
async function changeable(
  { session }: Moment,
  spec: KindSpec,
  work: readonly Work[],
  options: VistaOptions,
): Promise<(work: Work) => void> {
  const { dialect } = session;
  const ids = idsHeld(work);
  const inUse = options.invoices === 'batch' ? 'NULL' : 't.InUseBatchId';
  const rows =
    ids.length === 0
      ? []
      : await askAll(
          session,
          'invoices',
          query(`SELECT w.value AS id, ${inUse} AS InUseBatchId FROM ${rowsOfIds(dialect, spec)}`, {
            ids: JSON.stringify(ids),
          }),
        );
  const held = new Map(rows.map(({ id, InUseBatchId = null }) => [String(id), InUseBatchId]));
  return ({ held: there, lines }) => {
    const batch = held.get(there?.id ?? '');
    if (batch === undefined)
      refused(`the ${spec.noun} is posted, or was entered by somebody else: people change it`);
    if (batch !== null) throw busy(`the ${spec.noun} is in use by batch ${String(batch)}`);
    if (lines.some((line) => line.held === null))
      refused(`people add lines to an ${spec.noun} that is there`);
  };
}

/** In a batch where one was found, else with the reviewers, under the next number of its month. */
async function placesFor(
  moment: Moment,
  spec: KindSpec,
  work: readonly Work[],
  options: VistaOptions,
): Promise<(work: Work) => Row> {
  if (options.invoices === 'batch') return placesOf(moment, spec, work);
  const { session, scope } = moment;
  const rows = await askAll(
    session,
    'sequences',
    query(
      `SELECT ${session.dialect.read('UIMth', 'date')} AS UIMth, MAX(UISeq) AS last_seq FROM APUI WHERE APCo = @company GROUP BY UIMth`,
      { company: companyOf(moment) },
    ),
  );
  const last = new Map(rows.map(({ UIMth, last_seq }) => [String(UIMth), Number(last_seq)]));
  return ({ operation }) => {
    const UIMth = monthOf(
      spec,
      operation.record.fields,
      { source: 'AP', dateField: 'accountingDate' },
      scope,
      options,
    );
    const UISeq = (last.get(UIMth) ?? 0) + 1;
    last.set(UIMth, UISeq);
    return { APCo: companyOf(moment), UIMth, UISeq };
  };
}

async function vendorsOf(moment: Moment, work: readonly Work[]): Promise<ReadonlyMap<string, number>> {
  const { session } = moment;
  const ids = work.map(({ operation }) => idIn(textIn(operation.record.fields, 'commitment')));
  const vendors = new Map<string, number>();
  for (const module of MODULE_NAMES) {
    const orders = ids.filter((id) => moduleOf(id) === module).map((id) => id.slice(2));
    if (orders.length === 0) continue;
    const rows = await askAll(
      session,
      'vendors',
      query(
        `SELECT ${module} AS order_number, Vendor FROM ${module}HD WHERE ${module}Co = @company AND ${module} ${session.dialect.inList('orders')}`,
        { company: companyOf(moment), orders: JSON.stringify(orders) },
      ),
    );
    for (const { order_number, Vendor } of rows)
      vendors.set(`${MODULES[module].prefix}${String(order_number)}`, Number(Vendor));
  }
  return vendors;
}

const PLACES = [
  ['APTH', 'APCo', 'posted'],
  ['APHB', 'Co', 'in a batch'],
  ['APUI', 'APCo', 'entered as unapproved'],
] as const;

/** Vista looks only when a batch is validated, and may only warn then (APRefUnq; 0: it does not look). */
async function sameReferences(moment: Moment, work: readonly Work[]): Promise<ReadonlyMap<string, string>> {
  const { session, scope } = moment;
  const references = work.filter(isNew).map(({ operation }) => textIn(operation.record.fields, 'code'));
  const taken = new Map<string, string>();
  if (references.length === 0 || Number(scope.settings['APRefUnq']) === 0) return taken;
  const bound = { company: companyOf(moment), references: JSON.stringify(references) };
  const found = await session.ask(
    'references',
    PLACES.map(([table, owner]) =>
      query(
        `SELECT Vendor, APRef FROM ${table} WHERE ${owner} = @company AND APRef ${session.dialect.inList('references')}`,
        bound,
      ),
    ),
  );
  for (const [index, [, , where]] of PLACES.entries())
    for (const { Vendor, APRef } of found[index] ?? [])
      taken.set(`${String(Vendor)} ${String(APRef)}`, where);
  return taken;
}
