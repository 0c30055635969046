import { EntitySchema } from 'typeorm';
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { StoreDialect } from '../column-types';
import { columnTypes } from '../column-types';
import type {
  ApprovalRow,
  AuditEntryRow,
  AuditLinkRow,
  CheckpointRow,
  ConnectionRow,
  ErpRequestRow,
  ExceptionRow,
  IntakeEventRow,
  OperationRow,
  PlanRow,
  RecordLinkRow,
  SnapshotRow,
} from '../rows';

type Columns<Row> = { readonly [Key in keyof Row]-?: EntitySchemaColumnOptions };

/** A table: its columns in order, and which of them are the primary key. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, EntitySchemaColumnOptions>>;
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
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
 * Foreign keys go from everything that belongs to a request to `erp_request`, and from there to `connection`.
 */
export function tables(dialect: StoreDialect) {
  const { key, text, longText, json, hash, time, integer, bigId, flag } = columnTypes(dialect);
  const table = <Row>(
    name: string,
    columns: Columns<Row>,
    more: Pick<TableDefinition, 'unique' | 'indexes'> = {},
  ): TableDefinition => ({ name, columns, ...more });

  return {
    connection: table<ConnectionRow>('connection', {
      id: primary(key(60)),
      companyId: bigId(),
      erpAdapter: text(60),
      erpCompany: text(60),
      standardCostCodeListId: optional(bigId()),
      metadataRevision: optional(hash()),
      census: optional(json()),
      auditSeq: integer(),
      auditHash: hash(),
      createdAt: time(),
    }),
    intakeEvent: table<IntakeEventRow>('intake_event', {
      connectionId: primary(key(60)),
      eventId: primary(key(120)),
      source: text(20),
      requestId: optional(bigId()),
      userId: optional(bigId()),
      ignored: optional(text()),
      body: json(),
      receivedAt: time(),
    }),
    erpRequest: table<ErpRequestRow>(
      'erp_request',
      {
        connectionId: primary(key(60)),
        requestId: primary(bigId()),
        workflowId: text(200),
        eventName: optional(text(200)),
        subject: optional(text()),
        recordId: optional(text(120)),
        status: text(30),
        reason: optional(longText()),
        requestedBy: optional(bigId()),
        body: optional(json()),
        corrections: optional(json()),
        started: flag(),
        receivedAt: time(),
        updatedAt: time(),
        closedAt: optional(time()),
      },
      {
        indexes: {
          ix_erp_request_status: ['connectionId', 'status'],
          ix_erp_request_record: ['connectionId', 'recordId'],
        },
      },
    ),
    snapshot: table<SnapshotRow>('snapshot', {
      connectionId: primary(key(60)),
      requestId: primary(bigId()),
      page: primary(integer()),
      body: json(),
      readAt: time(),
    }),
    plan: table<PlanRow>('plan', {
      connectionId: primary(key(60)),
      requestId: primary(bigId()),
      page: primary(integer()),
      version: primary(integer()),
      hash: hash(),
      body: json(),
      state: text(20),
      builtAt: time(),
    }),
    operation: table<OperationRow>(
      'operation',
      {
        connectionId: primary(key(60)),
        requestId: primary(bigId()),
        operationKey: primary(key(300)),
        planHash: hash(),
        side: text(20),
        action: text(30),
        recordId: text(120),
        erpKey: optional(text(120)),
        state: text(20),
        reason: optional(longText()),
        record: optional(json()),
        at: time(),
      },
      {
        indexes: {
          ix_operation_record: ['connectionId', 'recordId'],
        },
      },
    ),
    approval: table<ApprovalRow>('approval', {
      connectionId: primary(key(60)),
      requestId: primary(bigId()),
      planHash: primary(hash()),
      decision: primary(key(20)),
      decidedBy: primary(key(200)),
      comment: longText(),
      channel: text(40),
      at: time(),
    }),
    recordLink: table<RecordLinkRow>(
      'record_link',
      {
        connectionId: primary(key(60)),
        entity: primary(key(60)),
        erpKey: primary(key(120)),
        procoreId: optional(bigId()),
        state: text(20),
        generation: integer(),
        base: optional(json()),
        baseRevision: optional(hash()),
        projectId: optional(bigId()),
        updatedAt: time(),
      },
      {
        indexes: {
          ix_record_link_procore: ['connectionId', 'entity', 'procoreId'],
          ix_record_link_project: ['connectionId', 'projectId'],
        },
      },
    ),
    checkpoint: table<CheckpointRow>('checkpoint', {
      connectionId: primary(key(60)),
      reader: primary(key(60)),
      cursor: text(),
      position: integer(),
      movedAt: time(),
    }),
    exception: table<ExceptionRow>(
      'exception',
      {
        connectionId: primary(key(60)),
        requestId: primary(bigId()),
        recordId: primary(key(120)),
        kind: text(30),
        reason: longText(),
        hint: optional(longText()),
        erpKey: optional(text(120)),
        owner: optional(text(200)),
        openedAt: time(),
        resolvedAt: optional(time()),
      },
      { indexes: { ix_exception_open: ['connectionId', 'resolvedAt'] } },
    ),
    auditLink: table<AuditLinkRow>('audit_link', {
      connectionId: primary(key(60)),
      seq: primary(integer()),
      prevHash: hash(),
      digests: json(),
      hash: hash(),
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
        subject: text(200),
        requestId: optional(bigId()),
        planHash: optional(hash()),
        workflowId: optional(text(200)),
        detail: json(),
      },
      { indexes: { ix_audit_entry_request: ['connectionId', 'requestId'] } },
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
