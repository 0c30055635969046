import { ActionRefused } from '../errors';
import { DEFAULT_USER } from '../erp-events';
import { isLinked, originId } from '../records/record';
import type { Company } from '../state';
import type { EmitResult } from '../types';
import type { AskParts } from './asks';

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

/** Refresh buttons and the periodic refresh of synced projects. */
export class Refreshes {
  constructor(private readonly parts: AskParts) {}

  /** One request per event; a button is disabled while its request detail is open. `force` presses it nevertheless. */
  press(company: Company, button: RefreshButton, userId = DEFAULT_USER, force = false): EmitResult[] {
    const names = BUTTONS[button];
    const open = names.some((name) => this.parts.requests.openDetails(company, name).length > 0);
    if (open && !force)
      throw new ActionRefused(`A refresh of ${button.replaceAll('_', ' ')} is still running`, 409);
    const listId = company.erpListId;
    if (button === 'standard_cost_codes' && listId === null) {
      throw new ActionRefused('This company has no ERP standard cost code list');
    }
    const data = { company_id: company.id, standard_cost_code_list_id: listId };
    return names.map((name) => this.parts.events.emitRecords(company, name, data, [], userId));
  }

  /** What Procore does on its own clock for every synced project and sub job. */
  periodic(company: Company): EmitResult[] {
    const { records, events } = this.parts;
    const projects = records.of(company, 'project').filter(isLinked);
    const subJobs = records.of(company, 'sub_job').filter(isLinked);
    return [
      ...projects.map((project) =>
        events.emitRecords(
          company,
          'sync_single_job',
          {
            id: originId(project),
            additional_job_data: {
              job_name: project.fields['name'],
              procore_project_id: project.id,
              project_id: toolId(project.id),
              start_date: project.fields['start_date'] ?? null,
              job_cost_transactions_sync_enabled:
                project.fields['erp_job_cost_transaction_syncing_enabled'] === true,
            },
            company_id: company.id,
          },
          [],
          null,
        ),
      ),
      ...subJobs.map((subJob) =>
        events.emitRecords(
          company,
          'sync_sub_job',
          {
            id: originId(subJob),
            additional_job_data: {
              job_name: subJob.fields['name'],
              parent_origin_id: originId(records.find(company, 'project', subJob.fields['project_id'])),
              procore_project_id: subJob.fields['project_id'],
              procore_sub_job_id: subJob.id,
              project_id: toolId(subJob.id),
              start_date: null,
            },
            company_id: company.id,
          },
          [],
          null,
        ),
      ),
    ];
  }
}

/** `project_id` of these events is an id of the ERP tool's own, not the project: a number that misleads who takes it for one. */
const toolId = (id: number): number => id + 10_000_000;
