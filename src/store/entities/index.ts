import { EntitySchema } from 'typeorm';
import type { EntitySchemaColumnOptions } from 'typeorm';
import { LONGEST_RECORD_ID } from '../../domain/base/identity';
import { LONGEST_NAME } from '../../domain/request/listed';
import type { StoreDialect } from '../column-types';
import { columnTypes } from '../column-types';
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

type Columns<Row> = { readonly [Key in keyof Row]-?: EntitySchemaColumnOptions };

/** A table: its columns in order, and which of them are the primary key. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, EntitySchemaColumnOptions>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  /** Unique among the rows for which the condition (SQL that both databases understand) holds. */
  readonly unique?: Readonly<Record<string, { readonly columns: readonly string[]; readonly where: string }>>;
  /** Rows belong to a row of this table; null: to nobody. */
  readonly parent: 'connection' | 'sync_request' | null;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const optional = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({
  ...column,
  nullable: true,
});
const primary = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({
  ...column,
  primary: true,
});

/**
 * Every table of our store. The migrations create exactly these, and the entities read them; a test compares the two.
 * Foreign keys go from everything that belongs to a request to `sync_request`, and from there to `connection`; `installation`,
 * `daemon`, `notice`, `saved_view`, and what tells who somebody is (`person_token`, `desk_session`, `desk_identity`, `passkey`, `invitation`), stand alone.
 */
export function tables(dialect: StoreDialect) {
  const { key, text, longText, json, hash, time, integer, bigId, flag } = columnTypes(dialect);
  const table = <Row>(
    name: string,
    columns: Columns<Row>,
    more: Partial<Pick<TableDefinition, 'unique' | 'indexes' | 'parent'>> = {},
  ): TableDefinition => ({ name, columns, parent: 'connection', ...more });
  const ofRequest = { parent: 'sync_request' } as const;
  const requestId = (): EntitySchemaColumnOptions => key(60);

  return {
    installation: table<InstallationRow>(
      'installation',
      { slot: primary(integer()), id: key(40), createdAt: time() },
      { parent: null },
    ),
    daemon: table<DaemonRow>(
      'daemon',
      {
        id: primary(key(40)),
        host: text(255),
        pid: integer(),
        version: text(60),
        queues: json(),
        startedAt: time(),
        beatAt: time(),
        problem: optional(longText()),
        stoppedAt: optional(time()),
      },
      { parent: null },
    ),
    connection: table<ConnectionRow>('connection', {
      id: primary(key(60)),
      companyId: bigId(),
      erpAdapter: text(60),
      erpCompany: text(60),
      standardCostCodeListId: optional(bigId()),
      metadataRevision: optional(hash()),
      census: optional(json()),
      paused: optional(json()),
      fullNext: optional(json()),
      auditSeq: integer(),
      auditHash: hash(),
      createdAt: time(),
    }),
    intakeEvent: table<IntakeEventRow>('intake_event', {
      connectionId: primary(key(60)),
      eventId: primary(key(120)),
      source: text(20),
      requestId: optional(requestId()),
      userId: optional(bigId()),
      ignored: optional(text()),
      body: json(),
      receivedAt: time(),
    }),
    syncRequest: table<SyncRequestRow>(
      'sync_request',
      {
        connectionId: primary(key(60)),
        id: primary(requestId()),
        source: key(20),
        position: bigId(),
        erpRequestId: optional(bigId()),
        workflowId: key(200),
        eventName: optional(text(200)),
        way: optional(text(20)),
        subject: optional(text()),
        recordId: optional(key(LONGEST_RECORD_ID)),
        kind: optional(key(60)),
        vendor: key(LONGEST_NAME),
        project: key(LONGEST_NAME),
        projectId: optional(bigId()),
        amountKey: key(24),
        currency: key(3),
        planHash: optional(hash()),
        warnings: integer(),
        contradiction: flag(),
        blockedSince: optional(time()),
        owner: optional(key(200)),
        heldBy: optional(key(200)),
        about: optional(json()),
        searchText: optional(longText()),
        status: key(30),
        reason: optional(longText()),
        requestedBy: optional(bigId()),
        sender: optional(text(200)),
        corrections: optional(json()),
        procoreEnd: optional(json()),
        fetched: flag(),
        started: flag(),
        receivedAt: time(),
        updatedAt: time(),
        since: time(),
        rested: optional(json()),
        closedAt: optional(time()),
      },
      {
        indexes: {
          // A list asks for one status at a time, in one of these orders; sums are read off the second one.
          ix_sync_request_received: ['connectionId', 'status', 'receivedAt', 'id'],
          ix_sync_request_amount: ['connectionId', 'status', 'amountKey', 'id', 'currency'],
          ix_sync_request_vendor: ['connectionId', 'status', 'vendor', 'id'],
          ix_sync_request_number: ['connectionId', 'status', 'position', 'id'],
          ix_sync_request_record: ['connectionId', 'recordId'],
          ix_sync_request_position: ['connectionId', 'source', 'position'],
          ix_sync_request_erp: ['erpRequestId'],
          ix_sync_request_started: ['connectionId', 'started'],
          ix_sync_request_updated: ['updatedAt'],
        },
      },
    ),
    requestBody: table<RequestBodyRow>(
      'request_body',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        body: json(),
        reading: json(),
        readerVersion: text(60),
      },
      ofRequest,
    ),
    snapshot: table<SnapshotRow>(
      'snapshot',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        page: primary(integer()),
        whole: flag(),
        body: json(),
        readAt: time(),
      },
      ofRequest,
    ),
    plan: table<StoredPlanRow>(
      'plan',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        page: primary(integer()),
        version: primary(integer()),
        hash: hash(),
        body: longText(),
        state: text(20),
        builtAt: time(),
      },
      { ...ofRequest, indexes: { ix_plan_built: ['connectionId', 'builtAt', 'requestId'] } },
    ),
    operation: table<OperationRow>(
      'operation',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        operationKey: primary(key(300)),
        planHash: hash(),
        side: text(20),
        action: text(30),
        recordId: key(LONGEST_RECORD_ID),
        erpKey: optional(key(120)),
        state: text(20),
        reason: optional(longText()),
        record: optional(json()),
        at: time(),
      },
      {
        ...ofRequest,
        indexes: {
          ix_operation_record: ['connectionId', 'recordId'],
          ix_operation_written: ['connectionId', 'side', 'at'],
        },
      },
    ),
    approval: table<ApprovalRow>(
      'approval',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        planHash: primary(hash()),
        decision: primary(key(20)),
        decidedBy: primary(key(200)),
        comment: longText(),
        channel: text(40),
        at: time(),
      },
      ofRequest,
    ),
    recordLink: table<RecordLinkRow>(
      'record_link',
      {
        id: primary(key(40)),
        connectionId: key(60),
        kind: key(60),
        erpKey: key(120),
        procoreId: optional(bigId()),
        state: key(20),
        generation: integer(),
        procore: optional(json()),
        erp: optional(json()),
        nameKey: optional(key(120)),
        erpRevision: optional(hash()),
        procoreRevision: optional(hash()),
        linesRevision: optional(hash()),
        procoreLinesRevision: optional(hash()),
        altered: optional(json()),
        projectId: optional(bigId()),
        updatedAt: time(),
      },
      {
        indexes: {
          ix_record_link_erp_key: ['connectionId', 'kind', 'erpKey'],
          ix_record_link_procore: ['connectionId', 'kind', 'procoreId'],
          ix_record_link_project: ['connectionId', 'projectId'],
          ix_record_link_name: ['connectionId', 'kind', 'nameKey'],
        },
        unique: {
          ux_record_link_erp_key: {
            columns: ['connectionId', 'kind', 'erpKey'],
            where: "state IN ('staged', 'archived', 'linked')",
          },
          ux_record_link_procore: {
            columns: ['connectionId', 'kind', 'procoreId'],
            where: "state = 'linked' AND procore_id IS NOT NULL",
          },
        },
      },
    ),
    sideRecord: table<SideRecordRow>(
      'side_record',
      {
        connectionId: primary(key(60)),
        kind: primary(key(60)),
        side: primary(key(20)),
        recordKey: primary(key(120)),
        why: key(20),
        originId: optional(key(255)),
        record: optional(json()),
        state: text(20),
        revision: optional(hash()),
        changedAt: optional(time()),
        seenAt: time(),
      },
      { indexes: { ix_side_record_origin: ['connectionId', 'kind', 'originId'] } },
    ),
    timecardEntry: table<TimecardEntryRow>(
      'timecard_entry',
      {
        connectionId: primary(key(60)),
        entryId: primary(bigId()),
        workDate: key(10),
        personId: optional(bigId()),
        entry: json(),
        approved: optional(json()),
        payableSince: optional(time()),
        writtenIn: optional(key(100)),
        hours: optional(integer()),
        writtenRevision: optional(hash()),
        revision: hash(),
        seenAt: time(),
      },
      {
        indexes: {
          ix_timecard_entry_date: ['connectionId', 'workDate'],
          ix_timecard_entry_written: ['connectionId', 'writtenIn'],
        },
      },
    ),
    payLine: table<PayLineRow>(
      'pay_line',
      {
        connectionId: primary(key(60)),
        lineKey: primary(key(40)),
        state: primary(key(20)),
        requestId: key(100),
        purpose: text(20),
        period: key(60),
        batch: optional(key(60)),
        employee: key(120),
        workDate: key(10),
        line: json(),
        reason: optional(longText()),
        at: time(),
      },
      {
        indexes: {
          ix_pay_line_request: ['connectionId', 'requestId'],
          ix_pay_line_date: ['connectionId', 'workDate'],
        },
      },
    ),
    conflict: table<ConflictRow>(
      'conflict',
      {
        connectionId: primary(key(60)),
        id: primary(key(200)),
        linkId: key(40),
        recordKind: key(60),
        recordId: key(LONGEST_RECORD_ID),
        erpKey: key(120),
        field: text(60),
        agreed: json(),
        procore: optional(json()),
        erp: optional(json()),
        fits: json(),
        procoreAt: optional(time()),
        erpAt: optional(time()),
        rule: text(20),
        owner: optional(text(200)),
        openedAt: time(),
        decision: optional(json()),
        closedAt: optional(time()),
        closedBecause: optional(text(40)),
      },
      {
        indexes: {
          ix_conflict_open: ['connectionId', 'closedAt'],
          ix_conflict_link: ['connectionId', 'linkId'],
        },
      },
    ),
    linkRejection: table<LinkRejectionRow>('link_rejection', {
      connectionId: primary(key(60)),
      kind: primary(key(60)),
      erpKey: primary(key(120)),
      procoreId: primary(bigId()),
      erpRevision: hash(),
      procoreRevision: hash(),
      decidedBy: text(200),
      comment: longText(),
      at: time(),
    }),
    payrollPerson: table<PayrollPersonRow>('payroll_person', {
      connectionId: primary(key(60)),
      personId: primary(bigId()),
      employeeKey: key(120),
      employeeNumber: text(120),
      state: text(20),
      toWrite: json(),
      before: json(),
      reason: optional(longText()),
      decidedBy: text(200),
      decidedAt: time(),
    }),
    checkpoint: table<CheckpointRow>('checkpoint', {
      connectionId: primary(key(60)),
      reader: primary(key(60)),
      cursor: key(400),
      position: integer(),
      movedAt: time(),
    }),
    exception: table<ExceptionRow>(
      'exception',
      {
        connectionId: primary(key(60)),
        recordId: primary(key(LONGEST_RECORD_ID)),
        recordKind: key(60),
        cause: text(30),
        reason: longText(),
        hint: optional(longText()),
        problems: optional(json()),
        erpKey: optional(key(120)),
        owner: optional(text(200)),
        ignored: optional(json()),
        requestId: optional(requestId()),
        openedAt: time(),
        resolvedAt: optional(time()),
      },
      {
        indexes: {
          ix_exception_open: ['connectionId', 'resolvedAt'],
          ix_exception_request: ['connectionId', 'requestId'],
          ix_exception_erp_key: ['connectionId', 'recordKind', 'erpKey'],
        },
      },
    ),
    wait: table<WaitRow>(
      'wait',
      {
        connectionId: primary(key(60)),
        requestId: primary(requestId()),
        recordId: primary(key(LONGEST_RECORD_ID)),
        reason: longText(),
        hint: optional(longText()),
        since: time(),
        endedAt: optional(time()),
      },
      { ...ofRequest, indexes: { ix_wait_record: ['connectionId', 'recordId'] } },
    ),
    policyVersion: table<PolicyVersionRow>('policy_version', {
      connectionId: primary(key(60)),
      version: primary(integer()),
      basedOn: integer(),
      body: json(),
      hash: hash(),
      state: key(20),
      proposedBy: text(200),
      proposedAt: time(),
      proposedComment: longText(),
      decidedBy: optional(text(200)),
      decidedAt: optional(time()),
      decidedComment: optional(longText()),
      seal: json(),
    }),
    personToken: table<PersonTokenRow>(
      'person_token',
      {
        id: primary(key(40)),
        person: key(200),
        hash: hash(),
        createdAt: time(),
        expiresAt: time(),
        seal: json(),
        revokedAt: optional(time()),
      },
      { parent: null, indexes: { ix_person_token_hash: ['hash'] } },
    ),
    savedView: table<SavedViewRow>(
      'saved_view',
      { person: primary(key(200)), name: primary(key(60)), query: longText(), savedAt: time() },
      { parent: null },
    ),
    deskSession: table<DeskSessionRow>(
      'desk_session',
      {
        id: primary(key(40)),
        hash: hash(),
        person: key(200),
        name: optional(text(200)),
        way: text(20),
        issuer: optional(text(400)),
        subject: optional(text(255)),
        sid: optional(text(255)),
        idToken: optional(longText()),
        createdAt: time(),
        lastSeenAt: time(),
        endsAt: time(),
        endedAt: optional(time()),
        seal: json(),
      },
      {
        parent: null,
        indexes: { ix_desk_session_hash: ['hash'], ix_desk_session_person: ['person'] },
      },
    ),
    deskIdentity: table<DeskIdentityRow>(
      'desk_identity',
      {
        id: primary(hash()),
        issuer: text(400),
        subject: text(255),
        person: key(200),
        email: text(200),
        boundAt: time(),
        seal: json(),
      },
      { parent: null },
    ),
    passkey: table<PasskeyRow>(
      'passkey',
      {
        id: primary(hash()),
        person: key(200),
        credentialId: longText(),
        publicKey: longText(),
        counter: integer(),
        transports: json(),
        createdAt: time(),
        usedAt: optional(time()),
        revokedAt: optional(time()),
        seal: json(),
      },
      { parent: null },
    ),
    invitation: table<InvitationRow>(
      'invitation',
      {
        id: primary(key(40)),
        person: key(200),
        hash: hash(),
        createdAt: time(),
        expiresAt: time(),
        usedAt: optional(time()),
        seal: json(),
      },
      { parent: null, indexes: { ix_invitation_hash: ['hash'] } },
    ),
    notice: table<NoticeRow>(
      'notice',
      {
        receiver: primary(key(60)),
        topic: primary(key(20)),
        about: primary(key(220)),
        message: key(40),
        state: key(20),
        tries: integer(),
        claimedAt: time(),
        nextAt: time(),
        reason: optional(text(400)),
      },
      {
        parent: null,
        indexes: { ix_notice_message: ['message'], ix_notice_waiting: ['state', 'nextAt'] },
      },
    ),
    auditLink: table<AuditLinkRow>('audit_link', {
      connectionId: primary(key(60)),
      seq: primary(integer()),
      prevHash: hash(),
      digests: json(),
      hash: hash(),
      keyId: optional(key(60)),
      hmac: optional(hash()),
    }),
    auditEntry: table<AuditEntryRow>(
      'audit_entry',
      {
        connectionId: primary(key(60)),
        seq: primary(integer()),
        idx: primary(integer()),
        at: time(),
        actor: text(200),
        action: text(60),
        subject: key(200),
        requestId: optional(requestId()),
        planHash: optional(hash()),
        workflowId: optional(key(200)),
        detail: json(),
      },
      {
        indexes: {
          ix_audit_entry_request: ['connectionId', 'requestId', 'planHash'],
          ix_audit_entry_subject: ['connectionId', 'requestId', 'subject'],
          ix_audit_entry_actor: ['connectionId', 'actor', 'seq'],
        },
      },
    ),
  };
}

export type Tables = ReturnType<typeof tables>;

/** TypeORM entities of all tables; properties are camelCase, columns snake_case. */
export const entitySchemas = (dialect: StoreDialect): Record<keyof Tables, EntitySchema> =>
  Object.fromEntries(
    Object.entries(tables(dialect)).map(([name, { name: tableName, columns }]) => [
      name,
      new EntitySchema({
        name,
        tableName,
        columns: Object.fromEntries(
          Object.entries(columns).map(([property, column]) => [
            property,
            { ...column, name: snake(property) },
          ]),
        ),
      }),
    ]),
  ) as Record<keyof Tables, EntitySchema>;

export { snake };
