import type { ErpRequests } from '../erp-requests';
import { KINDS } from '../records/record';
import type { Records } from '../records/store';
import { UNLINK_EVENTS } from './asking';
import { exportedKinds } from './export-kinds';

const UNLINKS: readonly string[] = Object.values(UNLINK_EVENTS);
const DELETES = ['delete_cost_codes', 'delete_cost_type_assignments'];

/** What the answer of the integrator, a closed request detail, does to the records that it is about. */
export function followAnswers(requests: ErpRequests, records: Records): void {
  requests.onClosed((company, request, detail) => {
    const name = request.request_name;
    const refs = company.detailRecords.get(detail.id);
    const done = detail.status === 'success';
    const exported = exportedKinds(name).length > 0;
    const asked = UNLINKS.includes(name) || DELETES.includes(name);
    const about = refs
      ? refs.map((ref) => records.find(company, ref.kind, ref.id))
      : [exported ? records.byItemType(company, detail.item_type ?? '', detail.item_id) : undefined];
    for (const record of about) {
      if (!record) continue;
      if (exported && record.erp.status === 'exporting') {
        const refused = detail.status === 'rejected' ? 'rejected' : 'failed_to_export';
        record.erp.status = done ? 'synced' : refused;
        record.erp.messages = [...detail.messages];
      }
      if (!asked) continue;
      const unlinked = done && UNLINKS.includes(name);
      record.erp.messages = unlinked
        ? [`This ${KINDS[record.kind].label} was successfully unlinked.`]
        : [...detail.messages];
      // Today's guide has the integrator close the details only: the code goes with the answer.
      if (done && name === 'delete_cost_codes') records.remove(company, record);
    }
  });
}
