import type { ProcoreCompany } from './port';

/** What one of the two ways into Procore brings; everything else of the port is the same for both. */
export type Door = Pick<
  ProcoreCompany,
  'kinds' | 'ties' | 'staging' | 'requests' | 'details' | 'metadata' | 'discovery'
>;
