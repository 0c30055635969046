import { ActionRefused } from '../errors';
import type { JsonObject } from '../json';
import { isLinked, KINDS, originId, type Kind, type SimRecord } from '../records/record';
import { actions, type Actor, type Place } from '../stage';
import type { EmitResult } from '../types';
import { EXPORTABLE } from './export-kinds';
import { codeRef } from './support';

/** What a user may ask to unlink, and the event that asks the integrator. */
export const UNLINK_EVENTS = {
  commitment: 'unlink_commitment',
  commitment_change_order: 'unlink_commitment_change_order',
  payment_application: 'unlink_payment_application',
  prime_contract_change_order: 'unlink_prime_contract_change_order',
  company_level_direct_cost: 'unlink_company_level_direct_cost',
} as const;
export type UnlinkableKind = keyof typeof UNLINK_EVENTS;

/** Questions to the ERP: may this be unlinked, may these be deleted? The answer closes the request detail. */
export const ASKING = actions({
  /** Unlink in the tool: the record stays linked until the integrator clears its external data. */
  unlinkRecord(kind: UnlinkableKind, id: number, actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const record = linked(at, EXPORTABLE[kind].kinds, id);
    record.erp.messages = [];
    const about = { userId: actor.userId, records: [record] };
    return at.events.emitRecords(at.company, UNLINK_EVENTS[kind], unlinkPayload(at, kind, record), about);
  },

  /** A user tries to delete synced cost codes of one project or sub job. */
  deleteCostCodes(ids: number[], actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const records = ids.map((id) => linked(at, 'cost_code', id));
    const data = { ...jobOf(at, records), cost_codes: records.map((code) => codeRef(at, code)) };
    return at.events.emitRecords(at.company, 'delete_cost_codes', data, { userId: actor.userId, records });
  },

  /** A user tries to delete synced cost type assignments of one project or sub job. */
  deleteCostTypeAssignments(ids: number[], actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const records = ids.map((id) => at.records.get(at.company, 'cost_code_line_item_type', id));
    if (records.some((pair) => pair.fields['synced'] !== true)) {
      throw new ActionRefused('This assignment is not synced');
    }
    const origin = (kind: Kind, id: unknown): string | null =>
      originId(at.records.find(at.company, kind, id));
    const data = {
      ...jobOf(at, records),
      cost_type_assignments: records.map((pair) => ({
        id: pair.id,
        cost_code_origin_id: origin('cost_code', pair.fields['cost_code_id']),
        line_item_type_origin_id: origin('line_item_type', pair.fields['line_item_type_id']),
        job_cost_id: jobCost(at, pair)?.id ?? null,
      })),
    };
    const about = { userId: actor.userId, records };
    return at.events.emitRecords(at.company, 'delete_cost_type_assignments', data, about);
  },
});

function unlinkPayload({ company, payloads }: Place, kind: UnlinkableKind, record: SimRecord): JsonObject {
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
function jobOf({ company, records }: Place, of: SimRecord[]): JsonObject {
  const [first] = of;
  if (!first) throw new ActionRefused('There is nothing to delete');
  const key = (r: SimRecord): string =>
    JSON.stringify([r.fields['project_id'], r.fields['sub_job_id'] ?? null]);
  if (of.some((r) => key(r) !== key(first))) {
    throw new ActionRefused('They belong to different projects or sub jobs');
  }
  const ref = (kind: Kind, id: unknown): JsonObject | null => {
    const found = records.find(company, kind, id);
    return found ? { id: found.id, origin_id: originId(found) } : null;
  };
  return {
    project: ref('project', first.fields['project_id']),
    sub_job: ref('sub_job', first.fields['sub_job_id']),
  };
}

function jobCost({ company, records }: Place, pair: SimRecord): SimRecord | undefined {
  return records
    .of(company, 'erp_job_cost')
    .find(
      ({ fields }) =>
        fields['cost_code_id'] === pair.fields['cost_code_id'] &&
        fields['line_item_type_id'] === pair.fields['line_item_type_id'],
    );
}

function linked({ company, records }: Place, kind: Kind | readonly Kind[], id: number): SimRecord {
  const record = records.get(company, kind, id);
  if (!isLinked(record)) throw new ActionRefused(`This ${KINDS[record.kind].label} is not synced`);
  return record;
}
