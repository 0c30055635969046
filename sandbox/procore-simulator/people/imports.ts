import { ActionRefused } from '../errors';
import { DEFAULT_USER } from '../erp-events';
import type { JsonObject } from '../json';
import { COMMITMENTS, KINDS, originId, type Kind, type SimRecord } from '../records/record';
import { own } from '../records/views';
import type { StagedRecords } from '../staged-records';
import type { Company } from '../state';
import type { EmitResult, StagedRecord } from '../types';
import type { AskParts } from './asks';
import { asPerson, type Seeds } from './seeds';

export interface ImportResult {
  kind: Kind;
  id: number;
  /** null: no event is documented for this kind. */
  event: EmitResult | null;
}

/** `x_origin_id` becomes `x_id`: what it may be, and whether one of the two must be there. */
interface Translation {
  from: string;
  to: string;
  kinds: readonly Kind[] | 'vendor' | 'line';
  required: boolean;
}

const PROJECT: Translation = {
  from: 'project_origin_id',
  to: 'project_id',
  kinds: ['project'],
  required: true,
};
const VENDOR: Translation = { from: 'vendor_origin_id', to: 'vendor_id', kinds: 'vendor', required: true };
const COMMITMENT: Translation = {
  from: 'commitment_origin_id',
  to: 'contract_id',
  kinds: COMMITMENTS,
  required: true,
};
const LINE: Translation[] = [
  { from: 'cost_code_origin_id', to: 'cost_code_id', kinds: ['cost_code'], required: true },
  { from: 'line_item_type_origin_id', to: 'line_item_type_id', kinds: ['line_item_type'], required: true },
];
const CHANGE_LINE: Translation = {
  from: 'commitment_line_item_origin_id',
  to: 'commitment_line_item_id',
  kinds: 'line',
  required: true,
};

/** Staged types that people import here, with their translations and the event that tells of it. */
const TYPES: Record<string, { kind: Kind; translations: Translation[]; event: string | null }> = {
  project: { kind: 'project', translations: [], event: 'create_job_in_procore' },
  sub_job: { kind: 'sub_job', translations: [PROJECT], event: 'create_sub_job_in_procore' },
  work_order_contract: {
    kind: 'work_order_contract',
    translations: [PROJECT, VENDOR],
    event: 'create_commitment_in_procore',
  },
  purchase_order_contract: {
    kind: 'purchase_order_contract',
    translations: [PROJECT, VENDOR],
    event: 'create_commitment_in_procore',
  },
  prime_contract: { kind: 'prime_contract', translations: [PROJECT], event: null },
  commitment_change_order: {
    kind: 'commitment_change_order',
    translations: [PROJECT, COMMITMENT],
    event: null,
  },
};

/** Ready to Import (Procore guide "ERP Staged Records"): Procore creates the record with the same origin_id, then tells. */
export class Imports {
  constructor(
    private readonly parts: AskParts,
    private readonly staged: StagedRecords,
    private readonly seeds: Seeds,
  ) {}

  import(company: Company, stagedId: number, userId = DEFAULT_USER): ImportResult {
    const staged = company.staged.get(stagedId);
    const type = staged && TYPES[staged.item_type];
    if (!staged || !type) throw new ActionRefused(`no staged record ${stagedId} to import`, 404);
    const again = staged.item_type === 'prime_contract' && staged.status === 'imported';
    if (staged.status !== 'staged' && !again) {
      throw new ActionRefused(`The staged record is ${staged.status}`);
    }
    const known = this.parts.records.byOrigin(company, type.kind, staged.origin_id);
    if (known && type.kind !== 'prime_contract') {
      throw new ActionRefused(`A ${KINDS[type.kind].label} with origin_id ${staged.origin_id} exists`);
    }
    const fields = this.translated(company, staged, type.translations);
    const lines = this.lines(company, staged, type.kind, known);
    const record = known ?? this.create(company, type.kind, fields, staged);
    for (const { line, data } of lines) this.addLine(company, record, line, data);
    this.staged.setStatus(company, staged, 'imported');
    const event = type.event === null ? null : this.tell(company, type.event, record, userId);
    return { kind: type.kind, id: record.id, event };
  }

  /** A budget is imported from the ERP's estimate of a synced project. */
  budget(company: Company, projectId: number, lines: JsonObject[], userId = DEFAULT_USER): ImportResult {
    const { records } = this.parts;
    const project = records.get(company, 'project', projectId);
    if (originId(project) === null) throw new ActionRefused('The project of this budget is not synced');
    const exported = records
      .of(company, 'budget')
      .some((r) => r.fields['project_id'] === projectId && originId(r) !== null);
    if (exported) throw new ActionRefused('A budget that was exported cannot be imported any more');
    const budget = this.seeds.budget(company, projectId, lines, false);
    for (const transaction of this.parts.payloads.unsynced(company, projectId)) {
      transaction.fields['synced'] = true;
    }
    const data = { project_origin_id: originId(project), budget: own(budget) };
    const event = this.parts.events.emitRecords(company, 'create_budget_in_procore', data, [], userId);
    return { kind: 'budget', id: budget.id, event };
  }

  private create(company: Company, kind: Kind, fields: JsonObject, staged: StagedRecord): SimRecord {
    const { origin_id, origin_code, origin_data } = staged;
    return asPerson(() =>
      this.parts.records.create(company, kind, { ...fields, origin_id, origin_code, origin_data }),
    );
  }

  /** Lines that are not in Procore yet, translated before anything is created. */
  private lines(
    company: Company,
    staged: StagedRecord,
    kind: Kind,
    known: SimRecord | undefined,
  ): { line: StagedRecord; data: JsonObject }[] {
    const translations = kind === 'commitment_change_order' ? [...LINE, CHANGE_LINE] : LINE;
    const present = known ? this.parts.records.lines(company, known).map(originId) : [];
    return [...company.staged.values()]
      .filter((line) => line.parent_id === staged.id && line.status !== 'archived')
      .filter((line) => !present.includes(line.origin_id))
      .map((line) => ({ line, data: this.translated(company, line, translations) }));
  }

  private addLine(company: Company, holder: SimRecord, line: StagedRecord, data: JsonObject): void {
    const { origin_id, origin_code, origin_data } = line;
    this.parts.records.insert(company, 'line_item', {
      ...data,
      origin_id,
      origin_code,
      origin_data,
      holder_id: holder.id,
      holder_kind: holder.kind,
      project_id: holder.fields['project_id'],
    });
  }

  private translated(company: Company, staged: StagedRecord, translations: Translation[]): JsonObject {
    const fields: JsonObject = { ...staged.data };
    for (const { from, to, kinds, required } of translations) {
      const wanted = fields[from];
      delete fields[from];
      if (fields[to] !== undefined && fields[to] !== null) continue;
      if (typeof wanted !== 'string' || wanted === '') {
        if (required) throw new ActionRefused(`${from} or ${to} is required`);
        continue;
      }
      const id = this.resolve(company, kinds, wanted);
      if (id === undefined) throw new ActionRefused(`${from} ${wanted} is not in Procore`);
      fields[to] = id;
    }
    return fields;
  }

  private resolve(company: Company, kinds: Translation['kinds'], wanted: string): number | undefined {
    if (kinds === 'vendor') {
      return [...company.vendors.values()].find((v) => v.fields['origin_id'] === wanted)?.id;
    }
    return this.parts.records.byOrigin(company, kinds === 'line' ? 'line_item' : kinds, wanted)?.id;
  }

  private tell(company: Company, event: string, record: SimRecord, userId: number): EmitResult {
    const view = this.parts.views.any(company, record);
    const project = this.parts.records.find(company, 'project', record.fields['project_id']);
    const data: JsonObject = {
      company_id: company.id,
      project_origin_id: originId(project),
      project: view,
      sub_job: view,
      commitment: {
        ...view,
        approval_letter_date: usDate(view['approval_letter_date']),
        contract_date: usDate(view['contract_date']),
      },
    };
    return this.parts.events.emitRecords(company, event, data, [], userId);
  }
}

/** The dictionary shows these two dates as MM/DD/YY, unlike all others. */
function usDate(value: unknown): string | null {
  const [, year, month, day] = /^\d\d(\d\d)-(\d\d)-(\d\d)/.exec(typeof value === 'string' ? value : '') ?? [];
  return year === undefined ? null : `${month ?? ''}/${day ?? ''}/${year}`;
}
