import type { Moment } from '../../sql/model';
import type { Row } from '../../sql/session';
import { askAll, query } from '../../sql/session';
import type { Module } from '../sql';
import { MODULE_NAMES, moduleOf, MODULES } from '../sql';
import { companyOf } from './work';

/** An item of an order that a line of a document is about. */
export interface Item {
  readonly module: Module;
  readonly order: string;
  readonly item: number;
  /** Where its cost goes, and its accounts. */
  readonly row: Row;
}

/** `S.SC-1.3` → `SC-1`: the number of the order in the id of an item or of a change. */
export const orderIn = (id: string): string => id.slice(2, id.lastIndexOf('.'));

/** The items with these ids, as far as their orders are on file. */
export async function itemsOf(moment: Moment, ids: readonly string[]): Promise<ReadonlyMap<string, Item>> {
  const { session } = moment;
  const items = new Map<string, Item>();
  for (const module of MODULE_NAMES) {
    const orders = ids.filter((id) => moduleOf(id) === module).map(orderIn);
    if (orders.length === 0) continue;
    const rows = await askAll(
      session,
      'items',
      query(
        `SELECT ${module} AS order_number, ${module}Item AS item_number, JCCo, Job, PhaseGroup, Phase, JCCType, UM, GLCo, GLAcct FROM ${module}IT
          WHERE ${module}Co = @company AND ${module} ${session.dialect.inList('orders')}`,
        { company: companyOf(moment), orders: JSON.stringify([...new Set(orders)]) },
      ),
    );
    for (const { order_number, item_number, ...row } of rows) {
      const [order, item] = [String(order_number), Number(item_number)];
      items.set(`${MODULES[module].prefix}${order}.${item}`, { module, order, item, row });
    }
  }
  return items;
}

/** Line of a change order → id of the item that it changes. */
export async function changedItems(
  moment: Moment,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { session, catalogue } = moment;
  const changed = new Map<string, string>();
  if (ids.length === 0) return changed;
  for (const { lines } of catalogue.specsOf('commitment_change_order'))
    for (const { source = '' } of lines) {
      const rows = await askAll(
        session,
        'changed',
        query(
          `SELECT t.LineId, t.ItemId FROM ${source} t WHERE t.Co = @company AND t.LineId ${session.dialect.inList('ids')}`,
          { company: companyOf(moment), ids: JSON.stringify(ids) },
        ),
      );
      for (const { LineId, ItemId } of rows) changed.set(String(LineId), String(ItemId));
    }
  return changed;
}
