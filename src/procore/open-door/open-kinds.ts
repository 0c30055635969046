import { normaliseName } from '../../domain/kinds/likeness';
import { textIn as fieldIn } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../client/http';
import { kindsOf } from '../kinds';
import { costCode, costCodes } from '../kinds/cost-code';
import { costTypes, lineItemType } from '../kinds/line-item-type';
import type { ItemError, ProcoreCompany, ProcoreKind, SyncItem } from '../port';
import { twin } from './upserts';
import type { Row } from '../kinds/toolbox/lists';
import { ownerOf, textIn } from '../kinds/toolbox/lists';
import { joined } from '../kinds/toolbox/sync-resource';

type Write = NonNullable<ProcoreKind['write']>;

/** Assignments and job costs are the ERP tool's own bookkeeping: there is nothing to write. */
const BOOKKEEPING: ProcoreKind = { write: () => Promise.resolve({ errors: [], ids: [] }) };

/** What the kinds can without the ERP tool: no budgets and payments, which are its own altogether, and no deletions. */
export function openKindsOf(http: ProcoreHttp): ProcoreCompany['kinds'] {
  const types = lineItemType.port(http);
  const { carries, write } = costCode.port(http);
  return {
    ...kindsOf(http),
    cost_code: { carries, write: writeCodes(http, write) },
    line_item_type: { ...types, write: writeTypes(http, types.write) },
    cost_type_assignment: BOOKKEEPING,
    job_cost: BOOKKEEPING,
    budget_line: {},
    invoice_payment: {},
  };
}

/** A code of the project with the same number is the same code: it is tied, not made again. */
const writeCodes =
  (http: ProcoreHttp, write: Write): Write =>
  async (place, items) => {
    const { projectId, subJobId } = place;
    const isNew = (item: SyncItem): boolean => item.procoreId === undefined;
    if (projectId === undefined || (subJobId ?? null) !== null || !items.some(isNew)) {
      return write(place, items);
    }
    const loose = (await costCodes(http, projectId)).filter((row) => ownerOf(row) === null);
    const tied = items.map((item) => {
      const same = isNew(item)
        ? loose.find((row) => textIn(row, 'full_code') === item.fields['code'])
        : undefined;
      return same === undefined ? item : { ...item, procoreId: same.id };
    });
    return write(place, tied);
  };

/** A cost type with the same code and name is the same; with only one of them it is a question for a person. */
const writeTypes =
  (http: ProcoreHttp, write: Write): Write =>
  async (place, items) => {
    const rows = await costTypes(http, null);
    const loose = rows.filter((row) => ownerOf(row) === null);
    const known = new Set(rows.map(ownerOf));
    const refused: ItemError[] = [];
    const sent = items.flatMap((item): readonly SyncItem[] => {
      const { originId, procoreId, key } = item;
      if (procoreId !== undefined || originId === undefined || known.has(originId)) return [item];
      const [code, name] = [fieldIn(item, 'code'), fieldIn(item, 'name')];
      const isSame = (row: Row, field: string, value: string): boolean =>
        value !== '' && normaliseName(value) === normaliseName(textIn(row, field));
      const alike = loose.filter((row) => isSame(row, 'code', code) || isSame(row, 'name', name));
      const twins = alike.filter((row) => isSame(row, 'code', code) && isSame(row, 'name', name));
      const [only] = twins.length === 1 ? twins : [];
      if (only !== undefined) return [{ ...item, procoreId: only.id }];
      const [first] = alike;
      if (first === undefined) return [item];
      refused.push({ ...twin(`Cost type ${code} ${name}`.trim(), first, originId), key });
      return [];
    });
    return joined([{ errors: refused, ids: [] }, await write(place, sent)]);
  };
