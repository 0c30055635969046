import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatorControl } from '../../sandbox/procore-simulator/control-client';
import { requestIdOf } from '../../src/domain/request/id';
import { COMPANY } from '../installation';
import type { Yard } from '../yard';

/** Where a first import of vendors leaves them in Procore: the list to count. */
export const IMPORTED = `/rest/v1.0/companies/${COMPANY}/staged_records?item_type=vendor`;

/** Has the daemon copy all vendors of the ERP to Procore; resolves when it says that it has. Throws when it did not apply. */
export async function firstImport(yard: Yard, procore: SimulatorControl): Promise<void> {
  const { requestId } = await procore.refreshVendors({ force: true });
  await yard.deliver(requestId);
  for (;;) {
    const [row] = yard.ask(`SELECT status FROM sync_request WHERE id = '${requestIdOf('erp', requestId)}'`);
    const status = String(row?.['status']);
    if (status === 'applied') return;
    if (['failed', 'rejected', 'parked', 'closed'].includes(status))
      throw new Error(`the first import is ${status}`);
    await delay(100);
  }
}
