import { ActionRefused } from '../errors';
import { DEFAULT_USER, type ErpEvents } from '../erp-events';
import type { ErpRequests } from '../erp-requests';
import type { JsonObject } from '../json';
import { isLinked, KINDS, originId, type Kind, type SimRecord } from '../records/record';
import type { Records } from '../records/store';
import type { Views } from '../records/views';
import type { Company } from '../state';
import type { EmitResult } from '../types';
import { EXPORTABLE } from './export-kinds';
import type { Payloads } from './payloads';

export interface AskParts {
  records: Records;
  views: Views;
  events: ErpEvents;
  requests: ErpRequests;
  payloads: Payloads;
}

/** What a user may ask to unlink, and the event that asks the integrator. */
const UNLINK_EVENTS = {
  commitment: 'unlink_commitment',
  commitment_change_order: 'unlink_commitment_change_order',
  payment_application: 'unlink_payment_application',
  prime_contract_change_order: 'unlink_prime_contract_change_order',
  company_level_direct_cost: 'unlink_company_level_direct_cost',
} as const;
export type UnlinkableKind = keyof typeof UNLINK_EVENTS;

/** Questions to the ERP: may this be unlinked, may these be deleted? The answer closes the request detail. */
export class Asks {
  constructor(private readonly parts: AskParts) {
    const { records, requests } = parts;
    requests.onClosed((company, request, detail) => {
      const unlink = Object.values(UNLINK_EVENTS).some((name) => name === request.request_name);
      const remove = request.request_name === 'delete_cost_codes';
      const assignment = request.request_name === 'delete_cost_type_assignments';
      if (!unlink && !remove && !assignment) return;
      for (const { kind, id } of company.detailRecords.get(detail.id) ?? []) {
        const record = records.find(company, kind, id);
        if (!record) continue;
        const done = `This ${KINDS[kind].label} was successfully unlinked.`;
        record.erp.messages = detail.status === 'success' && unlink ? [done] : [...detail.messages];
        // Today's guide has the integrator close the details only: the code goes with the answer.
        if (remove && detail.status === 'success') records.remove(company, record);
      }
    });
  }

  /** Unlink in the tool: the record stays linked until the integrator clears its external data. */
  unlink(company: Company, kind: UnlinkableKind, id: number, userId = DEFAULT_USER): EmitResult {
    const record = this.linked(company, EXPORTABLE[kind].kinds, id);
    record.erp.messages = [];
    return this.parts.events.emitRecords(
      company,
      UNLINK_EVENTS[kind],
      this.unlinkPayload(company, kind, record),
      [record],
      userId,
    );
  }

  /** A user tries to delete synced cost codes of one project or sub job. */
  deleteCostCodes(company: Company, ids: number[], userId = DEFAULT_USER): EmitResult {
    const codes = ids.map((id) => this.linked(company, 'cost_code', id));
    const data = {
      ...this.place(company, codes),
      cost_codes: codes.map((code) => this.codeRef(company, code)),
    };
    return this.parts.events.emitRecords(company, 'delete_cost_codes', data, codes, userId);
  }

  /** A user tries to delete synced cost type assignments of one project or sub job. */
  deleteAssignments(company: Company, ids: number[], userId = DEFAULT_USER): EmitResult {
    const { records } = this.parts;
    const pairs = ids.map((id) => records.get(company, 'cost_code_line_item_type', id));
    for (const pair of pairs) {
      if (pair.fields['synced'] !== true) throw new ActionRefused('This assignment is not synced');
    }
    const data = {
      ...this.place(company, pairs),
      cost_type_assignments: pairs.map((pair) => ({
        id: pair.id,
        cost_code_origin_id: originId(records.find(company, 'cost_code', pair.fields['cost_code_id'])),
        line_item_type_origin_id: originId(
          records.find(company, 'line_item_type', pair.fields['line_item_type_id']),
        ),
        job_cost_id: this.jobCost(company, pair)?.id ?? null,
      })),
    };
    return this.parts.events.emitRecords(company, 'delete_cost_type_assignments', data, pairs, userId);
  }

  private unlinkPayload(company: Company, kind: UnlinkableKind, record: SimRecord): JsonObject {
    const { payloads } = this.parts;
    switch (kind) {
      case 'commitment':
        return payloads.unlinkCommitment(company, record);
      case 'commitment_change_order':
        return payloads.unlinkCommitmentChangeOrder(company, record);
      case 'payment_application':
        return payloads.paymentApplication(company, record);
      case 'prime_contract_change_order':
        return payloads.unlinkPrimeChangeOrder(company, record);
      case 'company_level_direct_cost':
        return payloads.directCost(company, record, false);
    }
  }

  /** Project and sub job that all of them belong to. */
  private place(company: Company, records: SimRecord[]): JsonObject {
    const [first] = records;
    if (!first) throw new ActionRefused('There is nothing to delete');
    const key = (r: SimRecord): string =>
      JSON.stringify([r.fields['project_id'], r.fields['sub_job_id'] ?? null]);
    if (records.some((r) => key(r) !== key(first))) {
      throw new ActionRefused('They belong to different projects or sub jobs');
    }
    const ref = (kind: Kind, id: unknown): JsonObject | null => {
      const found = this.parts.records.find(company, kind, id);
      return found ? { id: found.id, origin_id: originId(found) } : null;
    };
    return {
      project: ref('project', first.fields['project_id']),
      sub_job: ref('sub_job', first.fields['sub_job_id']),
    };
  }

  private codeRef(company: Company, code: SimRecord): JsonObject {
    return {
      id: code.id,
      origin_id: originId(code),
      sortable_code: this.parts.views.fullCode(company, code),
    };
  }

  private jobCost(company: Company, pair: SimRecord): SimRecord | undefined {
    return this.parts.records
      .of(company, 'erp_job_cost')
      .find(
        (r) =>
          r.fields['cost_code_id'] === pair.fields['cost_code_id'] &&
          r.fields['line_item_type_id'] === pair.fields['line_item_type_id'],
      );
  }

  private linked(company: Company, kind: Kind | readonly Kind[], id: number): SimRecord {
    const record = this.parts.records.get(company, kind, id);
    if (!isLinked(record)) throw new ActionRefused(`This ${KINDS[record.kind].label} is not synced`);
    return record;
  }
}
