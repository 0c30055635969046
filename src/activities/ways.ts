import type { Way } from '../domain/request/intent';
import { exportWay } from './export';
import { linksWay } from './links';
import { metadataWay } from './metadata';
import { payrollWay } from './payroll';
import { reconcileWay } from './reconcile';
import { refreshWay } from './refresh';
import { releaseWay } from './release';
import { syncWay } from './sync';
import type { WaySteps } from './way';

const WAYS: { readonly [W in Way]: WaySteps<W> } = {
  export: exportWay,
  sync: syncWay,
  reconcile: reconcileWay,
  payroll: payrollWay,
  refresh: refreshWay,
  release: releaseWay,
  links: linksWay,
  metadata: metadataWay,
};

/** How a request of this way is worked. A folder of its own for each way. */
export const waySteps = <W extends Way>(way: W): WaySteps<W> => WAYS[way];
