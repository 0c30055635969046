import { idIn } from '../../sql/scope';
import type { Fields } from '../../../domain/kinds/record';
import type { KindSpec, LineRow, Moment } from '../../sql/model';
import type { Row } from '../../sql/session';
import { askAll, change, query } from '../../sql/session';
import { dateOf } from '../batches';
import { OUR_NOTE } from '../orders';
import type { VistaOptions } from '../settings';
import type { Module } from '../sql';
import { MODULES } from '../sql';
import { itemsOf, orderIn } from './items';
import type { Prepare, Prepared } from './work';
import {
  companyOf,
  isNew,
  JOB_OF_PHASE,
  placesOf,
  sentLine,
  sequences,
  textIn,
  turnedAway,
  unitOf,
  withLines,
} from './work';

const moduleOfTable = ({ table }: KindSpec): Module => (table.startsWith('PO') ? 'PO' : 'SL');

/** Items go where their order is. */
export const orders =
  (options: VistaOptions): Prepare =>
  async (moment, spec, work) => {
    const module = moduleOfTable(spec);
    const placeOf = await placesOf(moment, spec, work);
    const taxGroup = moment.scope.owners['TaxGroup'] ?? null;
    return work.map((each) => {
      const { fields } = each.operation.record;
      const retained = textIn(fields, 'retainagePercent');
      const header: Row = {
        ...placeOf(each),
        ...(module === 'PO' ? { PostToCo: companyOf(moment) } : {}),
        ...(module === 'SL' && retained !== '' ? { WCRetPct: fractionOf(retained) } : {}),
      };
      const lines = withLines(each, (line, index) => ({
        values: {
          ...header,
          ...unitOf(line, sentLine(each, index), 'OrigUnits', options),
          ...((line.row.values['TaxCode'] ?? null) === null ? {} : { TaxGroup: taxGroup }),
          [`${module}Item`]: Number(line.row.values[`${module}Item`]),
        },
        made: { ...JOB_OF_PHASE, JCCo: '@JCCo' },
      }));
      return isNew(each) ? { ...lines, newId: `${MODULES[module].prefix}${textIn(fields, 'code')}` } : lines;
    });
  };

/** `7.50` → `0.0750`. */
function fractionOf(percent: string): string {
  const [whole = '0', decimals = ''] = percent.split('.');
  const digits = `${whole}${decimals.padEnd(2, '0').slice(0, 2)}`.padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** Each line changes an item: one that is there, or a new one, which is added to the order first, without amounts, as the form does. */
export const changes =
  (options: VistaOptions): Prepare =>
  async (moment, spec, work) => {
    const module = moduleOfTable(spec);
    const placeOf = await placesOf(moment, spec, work);
    const nextIn = await sequences(moment, spec, work.map(placeOf));
    const named = work.flatMap(({ operation }) =>
      operation.record.lines.map(({ fields }) => idIn(textIn(fields, 'commitmentLine'))),
    );
    const items = await itemsOf(moment, named);
    const prepared: Prepared[] = [];
    for (const each of work) {
      const { fields } = each.operation.record;
      if (isNew(each) && each.lines.length === 0) {
        prepared.push(turnedAway('a change order without lines changes nothing'));
        continue;
      }
      const order = each.held === null ? idIn(textIn(fields, 'commitment')).slice(2) : orderIn(each.held.id);
      const number = each.held === null ? textIn(fields, 'code') : textIn(each.held.fields, 'code');
      const date = textIn(fields, 'date') || textIn(each.held?.fields ?? {}, 'date') || dateOf(fields);
      const itemOf: number[] = [];
      for (const [index, line] of each.lines.entries()) {
        const sent = sentLine(each, index);
        const item = items.get(idIn(textIn(sent, 'commitmentLine')));
        itemOf.push(
          line.held !== null
            ? 0
            : (item?.item ?? (await addItem(moment, { module, order, options }, line, sent))),
        );
      }
      const lines = withLines(each, (line, index) => ({
        values: {
          ...placeOf(each),
          BatchSeq: nextIn(placeOf(each)),
          [module]: order,
          [`${module}Item`]: itemOf[index] ?? null,
          [`${module}ChangeOrder`]: Number(number),
          ActDate: date,
          Notes: `${OUR_NOTE}${String(line.row.values['LineNumber'])}`,
          ...unitOf(line, sentLine(each, index), 'ChangeCurUnits', options),
        },
      }));
      prepared.push(isNew(each) ? { ...lines, newId: `${MODULES[module].prefix}${order}.${number}` } : lines);
    }
    return prepared;
  };

/** Adds an item of a change order (type 2), without amounts; answers its number. */
async function addItem(
  moment: Moment,
  {
    module,
    order,
    options,
  }: { readonly module: Module; readonly order: string; readonly options: VistaOptions },
  line: LineRow,
  sent: Fields,
): Promise<number> {
  const { session } = moment;
  const bound = { company: companyOf(moment), order_number: order };
  const [row] = await askAll(
    session,
    'lastItem',
    query(
      `SELECT MAX(${module}Item) AS last_item FROM ${module}IT WHERE ${module}Co = @company AND ${module} = @order_number`,
      bound,
    ),
  );
  const item = Number(row?.['last_item'] ?? 0) + 1;
  const [also, its] = module === 'PO' ? ['PostToCo, ', '@company, '] : ['', ''];
  await session.ask('addItem', [
    change(
      `INSERT INTO ${module}IT (${module}Co, ${module}, ${module}Item, ItemType, ${also}JCCo, Job, PhaseGroup, Phase, JCCType, Description, UM)
       SELECT @company, @order_number, @item, 2, ${its}JCCo, Job, PhaseGroup, Phase, @cost_type, @description, @um FROM JCJP WHERE KeyID = @phase`,
      {
        ...bound,
        item,
        cost_type: Number(idIn(textIn(sent, 'costType'))),
        phase: idIn(textIn(sent, 'costCode')),
        description: line.row.values['Description'] ?? null,
        um: unitOf(line, sent, 'ChangeCurUnits', options)['UM'] ?? line.row.values['UM'] ?? null,
      },
    ),
  ]);
  return item;
}
