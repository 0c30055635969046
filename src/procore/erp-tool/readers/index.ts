import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { BUDGET_READERS } from './budgets';
import { CODE_READERS } from './codes';
import { COMMITMENT_READERS } from './commitments';
import { DIRECT_COST_READERS } from './direct-costs';
import { INVOICE_READERS } from './invoices';
import { JOB_READERS } from './jobs';
import { METADATA_READERS } from './metadata';
import { PRIME_READERS } from './prime';
import { VENDOR_READERS } from './vendors';

/** The reader of every event of the dictionary: one that is missing does not compile. */
export const READERS = {
  ...CODE_READERS,
  ...VENDOR_READERS,
  ...JOB_READERS,
  ...BUDGET_READERS,
  ...COMMITMENT_READERS,
  ...INVOICE_READERS,
  ...PRIME_READERS,
  ...DIRECT_COST_READERS,
  ...METADATA_READERS,
} as const satisfies Readonly<Record<EventName, EventReader>>;
