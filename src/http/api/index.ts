import type { FastifyPluginAsync } from 'fastify';
import type { VisitorSource } from './api';
import { deskApi } from './api';
import type { AuditSource } from './audit';
import { auditFeature } from './audit';
import type { ConnectionSource } from './connections';
import { connectionFeature } from './connections';
import type { DecisionSource } from './decisions';
import { decisionFeature } from './decisions';
import type { LiveSource } from './events';
import { eventsFeature } from './events';
import type { ExceptionSource } from './exceptions';
import { exceptionFeature } from './exceptions';
import type { MeSource } from './me';
import { meFeature } from './me';
import type { RequestSource } from './request';
import { requestFeature } from './request';
import type { PayrollSource } from './payroll-people';
import { payrollPeopleFeature } from './payroll-people';
import type { SessionSource } from './sessions';
import { sessionFeature } from './sessions';
import type { RulesSource } from './rules';
import { rulesFeature } from './rules';
import type { RequestsSource } from './requests';
import { requestsFeature } from './requests';
import type { StuckSource } from './stuck';
import { stuckFeature } from './stuck';
import type { ViewsSource } from './views';
import { viewsFeature } from './views';
import type { PayPeriodSource } from './payroll';
import { payrollFeature } from './payroll';
import type { RecordSource } from './records';
import { recordFeature } from './records';

/** What is behind the Desk's API: each feature names what it needs. */
export interface DeskSource
  extends
    VisitorSource,
    MeSource,
    DecisionSource,
    ExceptionSource,
    PayrollSource,
    RequestSource,
    RequestsSource,
    SessionSource,
    RulesSource,
    StuckSource,
    ViewsSource,
    AuditSource,
    RecordSource,
    PayPeriodSource,
    ConnectionSource,
    LiveSource {}

/** The whole API of the Desk, one feature a file. */
export const deskPlugin = (source: DeskSource): FastifyPluginAsync =>
  deskApi(source, [
    meFeature(source),
    requestFeature(source),
    decisionFeature(source),
    exceptionFeature(source),
    payrollPeopleFeature(source),
    requestsFeature(source),
    rulesFeature(source),
    stuckFeature(source),
    viewsFeature(source),
    sessionFeature(source),
    auditFeature(source),
    recordFeature(source),
    payrollFeature(source),
    connectionFeature(source),
    eventsFeature(source),
  ]);
