import { ActionRefused } from '../errors';
import { isLinked, originId } from '../records/record';
import { actions, type Actor, type Place } from '../stage';
import type { EmitResult } from '../types';

/** The buttons of the ERP tool, and the events each of them raises. */
const BUTTONS = {
  standard_cost_codes: ['sync_standard_cost_codes', 'sync_standard_categories'],
  vendors: ['sync_vendors'],
  jobs: ['sync_jobs'],
  sub_jobs: ['sync_sub_jobs'],
  commitments: ['sync_commitments'],
  commitment_change_orders: ['sync_commitment_change_orders'],
  prime_contracts: ['sync_prime_contracts'],
  contract_payments: ['sync_contract_payments'],
} as const;
export type RefreshButton = keyof typeof BUTTONS;

/** `force` presses a button that is disabled. */
type Press = Actor & { force?: boolean };

/** Refresh buttons, and the periodic refresh of synced projects. */
export const REFRESHING = actions({
  /** One request per event; a button is disabled while its request detail is open. */
  refresh(button: RefreshButton, how: Press = {}): EmitResult[] {
    return press(this.at(how.companyId), button, how);
  },

  refreshVendors(how: Press = {}): EmitResult {
    const [result] = press(this.at(how.companyId), 'vendors', how);
    if (!result) throw new Error('the button of the vendors raises an event');
    return result;
  },

  /** `sync_single_job` and `sync_sub_job` for everything synced, as Procore sends them on its own clock. */
  runPeriodicSync(companyId?: number): EmitResult[] {
    const { company, records, events } = this.at(companyId);
    const onItsOwn = { userId: null };
    const projects = records.of(company, 'project').filter(isLinked);
    const subJobs = records.of(company, 'sub_job').filter(isLinked);
    return [
      ...projects.map((project) => {
        const job = {
          job_name: project.fields['name'],
          procore_project_id: project.id,
          project_id: toolId(project.id),
          start_date: project.fields['start_date'] ?? null,
          job_cost_transactions_sync_enabled:
            project.fields['erp_job_cost_transaction_syncing_enabled'] === true,
        };
        const data = { id: originId(project), additional_job_data: job, company_id: company.id };
        return events.emitRecords(company, 'sync_single_job', data, onItsOwn);
      }),
      ...subJobs.map((subJob) => {
        const job = {
          job_name: subJob.fields['name'],
          parent_origin_id: originId(records.find(company, 'project', subJob.fields['project_id'])),
          procore_project_id: subJob.fields['project_id'],
          procore_sub_job_id: subJob.id,
          project_id: toolId(subJob.id),
          start_date: null,
        };
        const data = { id: originId(subJob), additional_job_data: job, company_id: company.id };
        return events.emitRecords(company, 'sync_sub_job', data, onItsOwn);
      }),
    ];
  },
});

function press({ company, requests, events }: Place, button: RefreshButton, how: Press): EmitResult[] {
  const names = BUTTONS[button];
  const open = names.some((name) => requests.openDetails(company, name).length > 0);
  if (open && how.force !== true) {
    throw new ActionRefused(`A refresh of ${button.replaceAll('_', ' ')} is still running`, 409);
  }
  const listId = company.erpListId;
  if (button === 'standard_cost_codes' && listId === null) {
    throw new ActionRefused('This company has no ERP standard cost code list');
  }
  const data = { company_id: company.id, standard_cost_code_list_id: listId };
  return names.map((name) => events.emitRecords(company, name, data, how));
}

/** `project_id` of these events is an id of the ERP tool's own, not the project: a number that misleads who takes it for one. */
const toolId = (id: number): number => id + 10_000_000;
