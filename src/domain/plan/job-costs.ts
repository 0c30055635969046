import { subtract, sum } from '../base/money';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { CanonicalRecord, Fields, RecordLine } from '../kinds/record';
import { lineKeyOf, linesOf, textIn } from '../kinds/record';
import type { ErpWrite, Operation } from './operation';
import { isErpWrite } from './operation';
import { placeOf } from './shown';

/*
 * What a plan costs a job, beside what the ERP tells of its budget: job cost is a line of the job, a total for each pair of cost code and cost type.
 */

/** Kinds whose lines cost a job something. */
const COSTING = [
  'commitment',
  'commitment_change_order',
  'requisition',
  'company_level_direct_cost',
] as const satisfies readonly Kind[];

/** An invoice bills what is committed already: it takes nothing more of a budget. */
export const billsCommitted = (kind: Kind | null): boolean => kind === 'requisition';

/** Where a cost goes; ERP keys. Null: nobody says. */
export interface CostPlace {
  readonly job: string | null;
  readonly costCode: string | null;
  readonly costType: string | null;
}

/** What a plan puts there: of a record that is changed, only what it moves. Exact decimal. */
export interface PlannedCost extends CostPlace {
  readonly amount: string;
}

/** Lines of commitments by ERP key: a line of an invoice may say no more than which of them it bills. */
export type CommitmentLines = ReadonlyMap<string, Fields>;

/** In the order of the plan, each place once. */
export function plannedCosts(
  operations: readonly Operation[],
  commitmentLines: CommitmentLines,
): readonly PlannedCost[] {
  const places = new Map<string, { readonly place: CostPlace; readonly amounts: string[] }>();
  for (const write of operations.filter(isErpWrite).filter(isCosting)) {
    for (const { amount, ...place } of costsOf(write, commitmentLines)) {
      const key = JSON.stringify([place.job, place.costCode, place.costType]);
      const known = places.get(key) ?? { place, amounts: [] };
      known.amounts.push(amount);
      places.set(key, known);
    }
  }
  return [...places.values()].map(({ place, amounts }) => ({ ...place, amount: sum(amounts) }));
}

const isCosting = ({ kind }: ErpWrite): boolean => COSTING.some((one) => one === kind);

function costsOf(write: ErpWrite, commitmentLines: CommitmentLines): readonly PlannedCost[] {
  const { record, kind, action } = write;
  const { lines: counted = [], lineField = 'amount' } = definitionOf(kind).total ?? {};
  const before = heldBefore(write);
  const header = { ...record.fields, ...before.get('') };
  const cost = (ofRecord: Fields, line: Fields): readonly PlannedCost[] => {
    const amount = textIn({ fields: line }, lineField);
    if (amount === '') return [];
    const billed = commitmentLines.get(textIn({ fields: line }, 'commitmentLine')) ?? {};
    const of = (field: string, ...holders: readonly Fields[]): string | null =>
      holders.map((fields) => textIn({ fields }, field)).find(Boolean) ?? null;
    const place = { costCode: of('costCode', line, billed), costType: of('costType', line, billed) };
    return [{ job: of('job', line, ofRecord), ...place, amount }];
  };
  return record.lines
    .filter((line) => counted.includes(line.kind))
    .flatMap((line) => {
      const now = cost(record.fields, line.fields);
      if (action === 'create') return now;
      const was = cost(header, { ...line.fields, ...before.get(lineKeyOf(line)) });
      return [...was.map((one) => ({ ...one, amount: subtract('0', one.amount) })), ...now];
    });
}

/** What the ERP holds in the fields that are changed, by line; '' is the header. */
function heldBefore(write: ErpWrite): ReadonlyMap<string, Fields> {
  const held = new Map<string, Record<string, Fields[string]>>();
  for (const change of write.changes) {
    const { line, name } = placeOf(write, change);
    const key = line === null ? '' : `${line.kind}/${line.number}`;
    held.set(key, { ...held.get(key), [name]: change.old });
  }
  return held;
}

/** Figures of a budget, exact decimals. Null: the ERP tells none. */
export interface BudgetFigures {
  readonly budget: string | null;
  /** Commitments to date with their approved changes. */
  readonly committed: string | null;
  /** Costs to date that no commitment is billed for. */
  readonly otherCosts: string | null;
  readonly plan: string;
  /** What the plan leaves of the budget. */
  readonly left: string | null;
}

/** Where a plan costs something, in words of the job. */
export interface BudgetRow extends BudgetFigures {
  /** Its number; null: it is not known. */
  readonly costCode: string | null;
  readonly costCodeName: string | null;
  /** ERP key of the cost type. */
  readonly costType: string | null;
}

/** `job` as the ERP told it last, with its codes and costs; null: it told nothing. */
export function budgetRow(
  { costCode, costType, amount: plan }: PlannedCost,
  job: CanonicalRecord | null,
  isBilled: boolean,
): BudgetRow {
  const code = job === null ? undefined : linesOf(job, 'cost_code').find(({ erpKey }) => erpKey === costCode);
  const told =
    code === undefined || job === null ? undefined : linesOf(job, 'job_cost').find(isOf(code, costType));
  const figure = (field: string): string | null => (told === undefined ? null : textIn(told, field) || null);
  const committed = figure('committedCosts');
  const changes = figure('approvedCommitmentChanges');
  const [spent, invoiced] = [figure('jobToDateCosts'), figure('commitmentInvoiced')];
  const figures = {
    budget: figure('revisedBudget') ?? figure('originalBudget'),
    committed: committed === null || changes === null ? committed : sum([committed, changes]),
    otherCosts: spent === null || invoiced === null ? null : subtract(spent, invoiced),
    plan,
  };
  return {
    costCode: code?.number ?? null,
    costCodeName: code === undefined ? null : textIn(code, 'name') || null,
    costType,
    ...figures,
    left: leftOf(figures, isBilled),
  };
}

const isOf =
  ({ number }: RecordLine, costType: string | null) =>
  (line: RecordLine): boolean =>
    textIn(line, 'costCode') === number && textIn(line, 'costType') === costType;

function leftOf(
  { budget, committed, otherCosts, plan }: Omit<BudgetFigures, 'left'>,
  isBilled: boolean,
): string | null {
  if (budget === null || committed === null) return null;
  return subtract(budget, sum([committed, otherCosts ?? '0', isBilled ? '0' : plan]));
}

/** Of all rows; a figure that one of them does not have is not summed up. */
export function budgetTotal(rows: readonly BudgetFigures[]): BudgetFigures {
  const total = (field: keyof BudgetFigures): string | null => {
    const told = rows.flatMap((row) => row[field] ?? []);
    return told.length === rows.length ? sum(told) : null;
  };
  return {
    budget: total('budget'),
    committed: total('committed'),
    otherCosts: total('otherCosts'),
    plan: sum(rows.map(({ plan }) => plan)),
    left: total('left'),
  };
}
