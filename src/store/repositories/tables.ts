import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type {
  ApprovalRow,
  AuditEntryRow,
  AuditLinkRow,
  CheckpointRow,
  ConnectionRow,
  DaemonRow,
  ExceptionRow,
  InstallationRow,
  IntakeEventRow,
  OperationRow,
  PersonTokenRow,
  PlanRow,
  RecordLinkRow,
  RequestBodyRow,
  SnapshotRow,
  SyncRequestRow,
  WaitRow,
} from '../rows';
import type { RunSql } from './table';
import { TableSql } from './table';

const statementsOf = (dialect: StoreDialect) => {
  const all = tables(dialect);
  return {
    installation: new TableSql<InstallationRow>(all.installation, dialect),
    daemon: new TableSql<DaemonRow>(all.daemon, dialect),
    connection: new TableSql<ConnectionRow>(all.connection, dialect),
    intakeEvent: new TableSql<IntakeEventRow>(all.intakeEvent, dialect),
    syncRequest: new TableSql<SyncRequestRow>(all.syncRequest, dialect),
    requestBody: new TableSql<RequestBodyRow>(all.requestBody, dialect),
    snapshot: new TableSql<SnapshotRow>(all.snapshot, dialect),
    plan: new TableSql<PlanRow>(all.plan, dialect),
    operation: new TableSql<OperationRow>(all.operation, dialect),
    approval: new TableSql<ApprovalRow>(all.approval, dialect),
    recordLink: new TableSql<RecordLinkRow>(all.recordLink, dialect),
    checkpoint: new TableSql<CheckpointRow>(all.checkpoint, dialect),
    exception: new TableSql<ExceptionRow>(all.exception, dialect),
    wait: new TableSql<WaitRow>(all.wait, dialect),
    personToken: new TableSql<PersonTokenRow>(all.personToken, dialect),
    auditLink: new TableSql<AuditLinkRow>(all.auditLink, dialect),
    auditEntry: new TableSql<AuditEntryRow>(all.auditEntry, dialect),
  };
};

const made = new Map<StoreDialect, ReturnType<typeof statementsOf>>();

/** Every table, reached through one runner of statements. */
export function tablesOn(dialect: StoreDialect, run: RunSql) {
  const statements = made.get(dialect) ?? statementsOf(dialect);
  made.set(dialect, statements);
  return {
    installation: statements.installation.on(run),
    daemon: statements.daemon.on(run),
    connection: statements.connection.on(run),
    intakeEvent: statements.intakeEvent.on(run),
    syncRequest: statements.syncRequest.on(run),
    requestBody: statements.requestBody.on(run),
    snapshot: statements.snapshot.on(run),
    plan: statements.plan.on(run),
    operation: statements.operation.on(run),
    approval: statements.approval.on(run),
    recordLink: statements.recordLink.on(run),
    checkpoint: statements.checkpoint.on(run),
    exception: statements.exception.on(run),
    wait: statements.wait.on(run),
    personToken: statements.personToken.on(run),
    auditLink: statements.auditLink.on(run),
    auditEntry: statements.auditEntry.on(run),
  };
}

export type StoreTables = ReturnType<typeof tablesOn>;
