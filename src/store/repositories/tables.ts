import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type {
  ApprovalRow,
  AuditEntryRow,
  AuditLinkRow,
  CheckpointRow,
  ConflictRow,
  ConnectionRow,
  DaemonRow,
  DeskIdentityRow,
  DeskSessionRow,
  ExceptionRow,
  InstallationRow,
  IntakeEventRow,
  InvitationRow,
  LinkRejectionRow,
  NoticeRow,
  OperationRow,
  PasskeyRow,
  PayLineRow,
  PayrollPersonRow,
  PersonTokenRow,
  PolicyVersionRow,
  StoredPlanRow,
  RecordLinkRow,
  RequestBodyRow,
  SavedViewRow,
  SideRecordRow,
  SnapshotRow,
  SyncRequestRow,
  TimecardEntryRow,
  WaitRow,
} from '../rows';
import type { Session } from '../session';
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
    plan: new TableSql<StoredPlanRow>(all.plan, dialect),
    operation: new TableSql<OperationRow>(all.operation, dialect),
    approval: new TableSql<ApprovalRow>(all.approval, dialect),
    recordLink: new TableSql<RecordLinkRow>(all.recordLink, dialect),
    sideRecord: new TableSql<SideRecordRow>(all.sideRecord, dialect),
    timecardEntry: new TableSql<TimecardEntryRow>(all.timecardEntry, dialect),
    payLine: new TableSql<PayLineRow>(all.payLine, dialect),
    conflict: new TableSql<ConflictRow>(all.conflict, dialect),
    linkRejection: new TableSql<LinkRejectionRow>(all.linkRejection, dialect),
    payrollPerson: new TableSql<PayrollPersonRow>(all.payrollPerson, dialect),
    checkpoint: new TableSql<CheckpointRow>(all.checkpoint, dialect),
    exception: new TableSql<ExceptionRow>(all.exception, dialect),
    wait: new TableSql<WaitRow>(all.wait, dialect),
    policyVersion: new TableSql<PolicyVersionRow>(all.policyVersion, dialect),
    personToken: new TableSql<PersonTokenRow>(all.personToken, dialect),
    savedView: new TableSql<SavedViewRow>(all.savedView, dialect),
    deskSession: new TableSql<DeskSessionRow>(all.deskSession, dialect),
    deskIdentity: new TableSql<DeskIdentityRow>(all.deskIdentity, dialect),
    passkey: new TableSql<PasskeyRow>(all.passkey, dialect),
    invitation: new TableSql<InvitationRow>(all.invitation, dialect),
    notice: new TableSql<NoticeRow>(all.notice, dialect),
    auditLink: new TableSql<AuditLinkRow>(all.auditLink, dialect),
    auditEntry: new TableSql<AuditEntryRow>(all.auditEntry, dialect),
  };
};

const made = new Map<StoreDialect, ReturnType<typeof statementsOf>>();

/** Every table, reached through one session. */
export function tablesOn(dialect: StoreDialect, session: Session) {
  const statements = made.get(dialect) ?? statementsOf(dialect);
  made.set(dialect, statements);
  return {
    installation: statements.installation.on(session),
    daemon: statements.daemon.on(session),
    connection: statements.connection.on(session),
    intakeEvent: statements.intakeEvent.on(session),
    syncRequest: statements.syncRequest.on(session),
    requestBody: statements.requestBody.on(session),
    snapshot: statements.snapshot.on(session),
    plan: statements.plan.on(session),
    operation: statements.operation.on(session),
    approval: statements.approval.on(session),
    recordLink: statements.recordLink.on(session),
    sideRecord: statements.sideRecord.on(session),
    timecardEntry: statements.timecardEntry.on(session),
    payLine: statements.payLine.on(session),
    conflict: statements.conflict.on(session),
    linkRejection: statements.linkRejection.on(session),
    payrollPerson: statements.payrollPerson.on(session),
    checkpoint: statements.checkpoint.on(session),
    exception: statements.exception.on(session),
    wait: statements.wait.on(session),
    policyVersion: statements.policyVersion.on(session),
    personToken: statements.personToken.on(session),
    savedView: statements.savedView.on(session),
    deskSession: statements.deskSession.on(session),
    deskIdentity: statements.deskIdentity.on(session),
    passkey: statements.passkey.on(session),
    invitation: statements.invitation.on(session),
    notice: statements.notice.on(session),
    auditLink: statements.auditLink.on(session),
    auditEntry: statements.auditEntry.on(session),
  };
}

export type StoreTables = ReturnType<typeof tablesOn>;
