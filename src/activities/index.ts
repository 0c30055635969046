import { decisionStoreActivities } from './decisions';
import type { ActivityDeps } from './deps';
import { exportErpActivities } from './export-erp';
import { exportStoreActivities } from './export-plan';
import { exportProcoreActivities } from './export-procore';
import { intakePollActivities, intakeStartActivities } from './intake';
import { learnLinkActivities } from './learn-links';
import { linkStoreActivities } from './links';
import { metadataErpActivities, metadataProcoreActivities } from './metadata';
import { noticeProcoreActivities, noticeStoreActivities } from './notice';
import { questionErpActivities, questionProcoreActivities } from './question';
import { refreshErpActivities, refreshProcoreActivities, refreshStoreActivities } from './refresh';
import { requestProcoreActivities, requestStoreActivities } from './request';
import { syncErpActivities, syncProcoreActivities, syncStoreActivities } from './sync';

/** All activities, grouped by the task queue they run on. */
export const createActivities = (deps: ActivityDeps) => ({
  /** `tieback`: our own store. */
  main: {
    ...requestStoreActivities(deps),
    ...exportStoreActivities(deps),
    ...linkStoreActivities(deps),
    ...noticeStoreActivities(deps),
    ...refreshStoreActivities(deps),
    ...syncStoreActivities(deps),
    ...decisionStoreActivities(deps),
    ...intakeStartActivities(deps),
  },
  /** `procore-<app>`: calls to Procore. */
  procore: {
    ...requestProcoreActivities(deps),
    ...exportProcoreActivities(deps),
    ...learnLinkActivities(deps),
    ...noticeProcoreActivities(deps),
    ...questionProcoreActivities(deps),
    ...refreshProcoreActivities(deps),
    ...metadataProcoreActivities(deps),
    ...syncProcoreActivities(deps),
    ...intakePollActivities(deps),
  },
  /** `erp-<connection>`: calls to the ERP. */
  erp: {
    ...exportErpActivities(deps),
    ...syncErpActivities(deps),
    ...questionErpActivities(deps),
    ...refreshErpActivities(deps),
    ...metadataErpActivities(deps),
  },
});

export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps, ConnectionParts } from './deps';
export { startInput } from './intake';
