import { ActionRefused } from '../errors';
import { isObject, type JsonObject } from '../json';
import { ruleComplaints } from '../metadata-rules';
import { decimal } from '../records/money';
import type { Kind, SimRecord } from '../records/record';
import type { Place } from '../stage';
import { ItemError } from '../sync-action';
import { exportableOf } from './export-kinds';

/** A record as people enter it, by the field names of the API; `id` may be given. */
export type RecordSeed = JsonObject & { id?: number };
export type SeedWithLines = RecordSeed & { lines?: LineSeed[] };
export type SeedWithItems = RecordSeed & { items?: JsonObject[] };

/** Names a cost code and a cost type by what people see; ids do as well. */
export interface LineSeed extends JsonObject {
  id?: number;
  /** Full cost code, `23-050`. */
  code?: string;
  /** Code of the cost type, `S`. */
  type?: string;
  sub_job_id?: number;
  amount?: string | number;
}

export interface CodeSeed extends JsonObject {
  id?: number;
  /** Whole code, `23-050`; its parent is the known code before the last dash. */
  code: string;
  name: string;
}

export interface CostCodeSeed extends CodeSeed {
  /** Codes of the assigned cost types. */
  types?: string[];
}

export interface BudgetLineSeed extends LineSeed {
  notes?: string;
  /** A budget change: an original estimate otherwise. */
  revised?: boolean;
}

/** Saves a new record as a person does: the rules of its kind and the save rules of the metadata hold. */
export function put({ company, records }: Place, kind: Kind, { id, ...fields }: RecordSeed): SimRecord {
  if (id !== undefined && records.find(company, kind, id)) {
    throw new ActionRefused(`${kind} ${id} exists`, 409);
  }
  refuseUnsavable(company.connection?.metadata, kind, fields);
  return asPerson(() => records.create(company, kind, fields, id));
}

/** Procore guide "ERP Metadata": `rules.save` hold whenever a person saves in a financial tool. */
export function refuseUnsavable(metadata: JsonObject | undefined, kind: Kind, fields: JsonObject): void {
  const exportable = exportableOf(kind);
  if (!exportable || exportable.savedFreely === true) return;
  const complaints = ruleComplaints(metadata, { entity: exportable.entity, moment: 'save' }, fields);
  if (complaints.length > 0) throw new ActionRefused(complaints.join(' '));
}

/** What the API answers per field, a person sees as sentences. */
export function asPerson<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    const sentences = Object.entries(error.errors).map(([field, words]) => `${field} ${words.join(', ')}`);
    throw new ActionRefused(sentences.join('; '));
  }
}

/** More lines for a contract or change order; `markups` of a prime change come with their line. */
export function putLines(at: Place, holder: SimRecord, lines: LineSeed[] = []): SimRecord[] {
  const before = at.records.lines(at.company, holder).length;
  return lines.map(({ markups, ...line }, index) => {
    const record = put(at, 'line_item', {
      position: before + index + 1,
      ...coded(at, Number(holder.fields['project_id']), line),
      holder_id: holder.id,
      holder_kind: holder.kind,
      project_id: holder.fields['project_id'],
    });
    for (const markup of Array.isArray(markups) ? markups : []) {
      if (isObject(markup)) putMarkup(at, record, markup);
    }
    return record;
  });
}

function putMarkup(at: Place, line: SimRecord, seed: JsonObject): void {
  put(at, 'markup', {
    markup_id: at.state.nextId('record'),
    can_export_estimate_markup: true,
    compounds_markups_above: false,
    markup_set: 'vertical',
    position: 1,
    destination_cost_code_id: line.fields['cost_code_id'] ?? null,
    destination_line_item_type_id: line.fields['line_item_type_id'] ?? null,
    ...seed,
    line_item_id: line.id,
  });
}

/** The budget of a project with its first amounts. */
export function putBudget(at: Place, projectId: number, lines: BudgetLineSeed[], locked: boolean): SimRecord {
  at.records.get(at.company, 'project', projectId);
  const known = at.records.of(at.company, 'budget').find((r) => r.fields['project_id'] === projectId);
  const budget = known ?? put(at, 'budget', { project_id: projectId, locked: false, custom_fields: {} });
  putBudgetChanges(at, projectId, lines);
  budget.fields['locked'] = locked;
  return budget;
}

/** Each amount moves the budget of one code and type, and becomes one transaction for the ERP. */
export function putBudgetChanges(at: Place, projectId: number, lines: BudgetLineSeed[]): SimRecord[] {
  return lines.map(({ revised, notes, amount, ...line }) => {
    const pair = coded(at, projectId, line);
    const known = at.records
      .of(at.company, 'erp_job_cost')
      .find(
        ({ fields }) =>
          fields['project_id'] === projectId &&
          fields['cost_code_id'] === pair['cost_code_id'] &&
          fields['line_item_type_id'] === pair['line_item_type_id'],
      );
    const place = { project_id: projectId, sub_job_id: line.sub_job_id ?? null };
    const row = known ?? put(at, 'erp_job_cost', { ...pair, ...place });
    row.fields['budget_line_item_id'] ??= at.state.nextId('record');
    const value = Number(decimal(amount));
    row.fields['new_amount'] = Number(row.fields['new_amount'] ?? 0) + value;
    return put(at, 'erp_transaction', {
      project_id: projectId,
      job_cost_id: row.id,
      value,
      code: null,
      notes: notes ?? null,
      synced: false,
      type: revised === true ? 'Erp::RevisedEstimateTransaction' : 'Erp::OriginalEstimateTransaction',
      procore_transaction_id: null,
      procore_transaction_type: null,
    });
  });
}

/** Ids for the codes people named. */
export function coded(at: Place, projectId: number, line: LineSeed): JsonObject {
  const { code, type, sub_job_id: subJobId, ...fields } = line;
  if (code !== undefined) {
    const found = codesOf(at, projectId, subJobId ?? null).find(
      (r) => at.views.fullCode(at.company, r) === code,
    );
    if (!found) throw new ActionRefused(`no cost code ${code} in project ${projectId}`, 404);
    fields['cost_code_id'] = found.id;
  }
  if (type !== undefined) fields['line_item_type_id'] = costType(at, type).id;
  return fields;
}

export function costType({ company, records }: Place, code: string): SimRecord {
  const found = records.of(company, 'line_item_type').find((r) => r.fields['code'] === code);
  if (!found) throw new ActionRefused(`no cost type ${code}`, 404);
  return found;
}

export function codesOf(
  { company, records }: Place,
  projectId: number,
  subJobId: number | null,
): SimRecord[] {
  return records
    .of(company, 'cost_code')
    .filter((r) => r.fields['project_id'] === projectId && (r.fields['sub_job_id'] ?? null) === subJobId);
}

/** Under the longest known code that its own code begins with. */
export function underParent({ company, views }: Place, siblings: SimRecord[], seed: CodeSeed): RecordSeed {
  const parent = siblings
    .map((r) => ({ id: r.id, code: views.fullCode(company, r) }))
    .filter(({ code }) => seed.code.startsWith(`${code}-`))
    .sort((a, b) => b.code.length - a.code.length)[0];
  if (!parent) return { parent_id: null, ...seed };
  return { ...seed, parent_id: parent.id, code: seed.code.slice(parent.code.length + 1) };
}
