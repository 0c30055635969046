import { beating } from './beating';
import { censusActivities } from './census';
import type { ActivityDeps } from './deps';
import { writeErpActivities } from './export/write-erp';
import { anchorActivities, erpAnchorActivities } from './intake/anchor';
import { outcomeActivities } from './intake/outcomes';
import { pollActivities } from './intake/poll';
import { startActivities } from './intake/start';
import { repairActivities } from './intake/repair';
import { adoptActivities } from './request/adopt';
import { closeActivities, problemActivities } from './request/close';
import { decisionActivities } from './request/decisions';
import { completeEntriesActivities } from './payroll/complete';
import { lookPeriodsActivities, lookTimecardsActivities } from './payroll/round';
import { writeBatchActivities } from './payroll/write-batch';
import { restartingOlder } from './older';
import { lookAgainActivities } from './request/look-again';
import { learnLinkActivities } from './request/learn-links';
import { fetchActivities, openActivities } from './request/open';
import { waitingActivities } from './request/waiting';
import { tellPeopleActivities } from './payroll/tell-people';
import { sweepActivities, sweepEndActivities, sweepKindActivities } from './sweep';
import { lookErpActivities, lookProcoreActivities } from './reconcile/look';
import {
  planPagesActivities,
  readErpPagesActivities,
  readProcorePagesActivities,
  writeProcorePagesActivities,
} from './reconcile/pages';
import { writeErpPagesActivities } from './reconcile/write-erp';
import { fencedStore, patient } from './store-steps';
import { planActivities } from './steps/plan';
import { readErpActivities, readProcoreActivities } from './steps/read';
import { writeProcoreActivities } from './steps/write-procore';

/** All activities, grouped by the task queue they run on. */
export function createActivities(given: ActivityDeps) {
  const deps = fenced(given);
  return {
    /** `tieback`: our own store. */
    main: {
      ...patient(
        deps,
        restartingOlder(deps, {
          ...openActivities(deps),
          ...planActivities(deps),
          ...decisionActivities(deps),
          ...waitingActivities(deps),
          ...problemActivities(deps),
          ...anchorActivities(deps),
          ...sweepKindActivities(deps),
          ...sweepEndActivities(deps),
          ...planPagesActivities(deps),
        }),
      ),
      ...beating({ ...startActivities(deps), ...repairActivities(deps) }),
    },
    /** `procore-<app>`: calls to Procore. */
    procore: beating(
      restartingOlder(deps, {
        ...fetchActivities(deps),
        ...lookAgainActivities(deps),
        ...readProcoreActivities(deps),
        ...writeProcoreActivities(deps),
        ...learnLinkActivities(deps),
        ...censusActivities(deps),
        ...closeActivities(deps),
        ...pollActivities(deps),
        ...lookProcoreActivities(deps),
        ...readProcorePagesActivities(deps),
        ...writeProcorePagesActivities(deps),
        ...lookTimecardsActivities(deps),
        ...completeEntriesActivities(deps),
        ...tellPeopleActivities(deps),
      }),
    ),
    /** `erp-<connection>`: calls to the ERP. */
    erp: beating(
      restartingOlder(deps, {
        ...sweepActivities(deps),
        ...lookErpActivities(deps),
        ...readErpPagesActivities(deps),
        ...writeErpPagesActivities(deps),
        ...readErpActivities(deps),
        ...writeErpActivities(deps),
        ...adoptActivities(deps),
        ...erpAnchorActivities(deps),
        ...outcomeActivities(deps),
        ...lookPeriodsActivities(deps),
        ...writeBatchActivities(deps),
      }),
    ),
  };
}

/** Asked anew each time: tests put another store in the place of one that died. */
const fenced = (deps: ActivityDeps): ActivityDeps => ({
  get store() {
    return fencedStore(deps.store);
  },
  get connections() {
    return deps.connections;
  },
  people: deps.people,
  startRequest: (input) => deps.startRequest(input),
  workflows: deps.workflows,
  anchoring: deps.anchoring,
  searchNames: deps.searchNames,
  now: () => deps.now(),
});

export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps, ConnectionParts, RequestWorkflows } from './deps';
export { endsOfOpen, lookAtOpen } from './intake/look';
export { fetchBeforeStart, startInput, startUnstarted } from './intake/start';
export { laborHours } from './payroll/labor';
export { payrollSides, unmatchedPeople, whoIsWho } from './payroll/people';
export { payPeriods, previewPeriod } from './payroll/preview';
export { tieOutPeriod } from './payroll/tie-out';
export { previewReconcile } from './reconcile/preview';
export { readErpMetadata } from './metadata/read';
