/**
 * Modules that take long to load (Temporal's native bridge, TypeORM, database drivers), loaded by the commands that need them and
 * by no other: `tieback --help` answers at once.
 */
import type * as Client from '@temporalio/client';
import type * as Composition from '../composition';
import type * as GuardedErp from '../guarded-erp';
import type * as Daemon from '../daemon';
import type * as Activities from '../activities';
import type * as PayrollReports from '../payroll-reports';
import type * as Provision from '../provision';
import type * as Pdf from '../reports/pdf';
import type * as Conformance from '../erp-adapters/contract/conformance';
import type * as Registry from '../erp-adapters/registry';
import type * as Copy from '../store/copy';
import type * as MigrationSql from '../store/migration-sql';
import type * as Store from '../store/store';
import type * as Logger from '../telemetry/logger';
import type * as Connect from '../temporal/connect';
import type * as PayloadCodec from '../temporal/payload-codec';
import type * as ProvisionTemporal from '../temporal/provision';
import type * as ScheduleRuns from '../temporal/schedule-runs';
import type * as RequestWorkflows from '../temporal/request-workflows';
import type * as SearchAttributes from '../temporal/search-attributes';
import type * as Starter from '../temporal/starter';

// `module.require`, because `import()` of a relative path is an ES module import to TypeScript, and we are CommonJS.
export const lazy = {
  activities: () => module.require('../activities') as typeof Activities,
  client: () => module.require('@temporalio/client') as typeof Client,
  composition: () => module.require('../composition') as typeof Composition,
  conformance: () => module.require('../erp-adapters/contract/conformance') as typeof Conformance,
  connect: () => module.require('../temporal/connect') as typeof Connect,
  copy: () => module.require('../store/copy') as typeof Copy,
  daemon: () => module.require('../daemon') as typeof Daemon,
  guardedErp: () => module.require('../guarded-erp') as typeof GuardedErp,
  logger: () => module.require('../telemetry/logger') as typeof Logger,
  pdf: () => module.require('../reports/pdf') as typeof Pdf,
  payrollReports: () => module.require('../payroll-reports') as typeof PayrollReports,
  payloadCodec: () => module.require('../temporal/payload-codec') as typeof PayloadCodec,
  migrationSql: () => module.require('../store/migration-sql') as typeof MigrationSql,
  provision: () => module.require('../provision') as typeof Provision,
  provisionTemporal: () => module.require('../temporal/provision') as typeof ProvisionTemporal,
  scheduleRuns: () => module.require('../temporal/schedule-runs') as typeof ScheduleRuns,
  requestWorkflows: () => module.require('../temporal/request-workflows') as typeof RequestWorkflows,
  registry: () => module.require('../erp-adapters/registry') as typeof Registry,
  searchAttributes: () => module.require('../temporal/search-attributes') as typeof SearchAttributes,
  starter: () => module.require('../temporal/starter') as typeof Starter,
  store: () => module.require('../store/store') as typeof Store,
};
