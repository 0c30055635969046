import { TiebackError } from '../../domain/base/errors';
import type { ProcoreId } from '../../domain/request/intent';
import { syncExternalData } from '../erp-tool/external-data';
import type { Call, ProcoreHttp } from '../http';
import { fillPath } from '../http';
import type { ProcoreCompany, SyncScope } from '../port';
import type { ProcorePaths } from '../settings';

type Deletable = Parameters<ProcoreCompany['deleteRecord']>[0];

const DELETIONS: Readonly<
  Record<Deletable, { readonly path: keyof ProcorePaths; readonly inProject: boolean }>
> = {
  cost_codes: { path: 'costCodes.delete', inProject: true },
  cost_code_line_item_types: { path: 'costCodeLineItemTypes.delete', inProject: true },
  erp_job_costs: { path: 'jobCosts.delete', inProject: false },
};

/** Deletes one row (events dictionary of 2021, ERP technical guide); one that is gone already is fine. */
export async function deleteRecord(
  http: ProcoreHttp,
  resource: Deletable,
  id: ProcoreId,
  { projectId }: SyncScope,
): Promise<void> {
  const { path, inProject } = DELETIONS[resource];
  await http.send({
    operation: path,
    method: 'DELETE',
    path: fillPath(http.settings.paths[path], { company_id: http.companyId, id }),
    ...(inProject && projectId !== undefined ? { query: { project_id: projectId } } : {}),
    repeatable: true,
    alsoAccept: [404],
  });
}

/**
 * Unlinks a payment. The path is a guess: where Procore does not know it (or not the payment), the external data is cleared instead,
 * which is how the guides unlink everything else.
 */
export async function unlinkInvoicePayment(http: ProcoreHttp, id: ProcoreId): Promise<void> {
  const call: Call = {
    operation: 'invoicePayments.unlink',
    method: 'PATCH',
    path: fillPath(http.settings.paths['invoicePayments.unlink'], { company_id: http.companyId, id }),
    repeatable: true,
    alsoAccept: [404],
  };
  if ((await http.send(call)).status !== 404) return;
  const [error] = await syncExternalData(http, [
    { itemType: 'invoice_payment', itemId: id, originId: null, originCode: null, originData: null },
  ]);
  if (error === undefined) return;
  throw new TiebackError('PROCORE_REFUSED', {
    operation: call.operation,
    reason: error.messages.join('; '),
  });
}
