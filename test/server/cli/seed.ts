/** A store with a few requests in every state that matters, built through the repositories, and a configuration beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodySeal } from '../../../src/domain/audit/evidence';
import { planSeal, planText } from '../../../src/domain/plan/stored';
import type { AuditAction, AuditEntry } from '../../../src/domain/audit/chain';
import { recordIdOf } from '../../../src/domain/base/identity';
import { definitionOf } from '../../../src/domain/kinds';
import type { CanonicalRecord, Fields } from '../../../src/domain/kinds/record';
import type { ErpWrite, Operation } from '../../../src/domain/plan/operation';
import type { Plan } from '../../../src/domain/plan/plan';
import { NO_FACTS, sealPlan } from '../../../src/domain/plan/plan';
import type { Decision } from '../../../src/domain/request/flow';
import type { RequestRef } from '../../../src/domain/request/id';
import { workflowIdOf } from '../../../src/domain/request/id';
import { newRequest } from '../../../src/store/new-request';
import type { Repositories } from '../../../src/store/repositories';
import type { RecordDraft } from '../../../src/domain/request/intent';
import type { RequestBodyRow, SyncRequestRow } from '../../../src/store/rows';
import { Store } from '../../../src/store/store';
import type { CliIo } from '../../../src/cli/io';
import { runCommand } from '../../support/run-command';
import { signedBy, TEST_KEYS } from '../../support/people';

/** The moment at which all tests look. */
export const NOW = '2026-03-09T15:30:00.000Z';
const before = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();

/** A person with a token, and a daemon that does not answer. */
export const ENV = {
  PROCORE_SECRET: 'procore-secret-1',
  TIEBACK_TOKEN: `tbk_${'A'.repeat(43)}`,
  TIEBACK_URL: 'http://127.0.0.1:1',
};

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with `tieback.yaml`, and the command line run in it. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'tieback-cli-'));
  readonly configFile = join(this.folder, 'tieback.yaml');
  readonly storeFile = join(this.folder, 'data', 'tieback.db');

  constructor(connections: readonly string[] = ['acme'], more: Record<string, unknown> = {}) {
    this.configure(connections, more);
  }

  configure(connections: readonly string[], more: Record<string, unknown> = {}): void {
    const config = {
      temporal: { address: '127.0.0.1:1', namespace: 'tieback-cli', webUi: 'http://127.0.0.1:8233' },
      procoreApps: {
        main: {
          apiUrl: 'http://127.0.0.1:1',
          loginUrl: 'http://127.0.0.1:1',
          clientId: 'tieback',
          clientSecret: { env: 'PROCORE_SECRET' },
        },
      },
      connections: Object.fromEntries(
        connections.map((id, index) => [
          id,
          {
            procore: { app: 'main', companyId: 4264807 + index },
            erp: { adapter: 'sample', settings: { file: join(this.folder, 'erp.db') } },
            approvers: [{ id: 'maria@acme.example' }],
            requireSecondPerson: false,
          },
        ]),
      ),
      ...more,
    };
    // JSON is YAML.
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  async store<T>(use: (store: Store) => Promise<T>): Promise<T> {
    const store = await Store.open({ type: 'better-sqlite3', file: this.storeFile });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  async tieback(args: readonly string[], more: Partial<CliIo> = {}): Promise<Result> {
    return runCommand(args.includes('--config') ? args : ['--config', this.configFile, ...args], {
      env: ENV,
      now: () => new Date(NOW),
      ...more,
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const NAME = 'Cobalt Mechanical LLC';
const VENDOR: Fields = {
  code: '10442',
  name: NAME,
  sortName: 'COBALT',
  address: '4410 Kelp Way',
  city: 'Seattle',
  stateCode: 'WA',
  postalCode: '98134',
  countryCode: 'US',
  phone: '206-555-0134',
  fax: null,
  email: 'ap@cobalt.example',
  website: null,
  vendorType: 'SUB',
  retainagePercent: '10.00',
  isActive: true,
};

const recordOf = (fields: Fields): CanonicalRecord => ({ fields, lines: [] });

function operation(connectionId: string, seq: number, fields: Fields): ErpWrite {
  const recordId = recordIdOf('vendor', 98127745 + seq);
  return {
    seq,
    side: 'erp',
    action: 'create',
    kind: 'vendor',
    recordId,
    target: `Vendor ${String(fields['code'])} ${NAME}`,
    erpKey: null,
    procoreId: 98127745 + seq,
    generation: 1,
    targetRevision: 'r1',
    operationKey: `${connectionId}:${recordId}:1:r1`,
    changes: Object.entries(definitionOf('vendor').fields)
      .filter(([field]) => (fields[field] ?? null) !== null)
      .map(([field, { label }]) => ({ field, label, old: null, new: fields[field] ?? null })),
    record: recordOf(fields),
  };
}

/** The body of a request that sends a vendor, and what it was read as. */
function bodyOf({ connectionId, id, eventName, subject }: SyncRequestRow, fields: Fields): RequestBodyRow {
  const record: RecordDraft = {
    kind: 'vendor',
    itemType: 'vendor',
    procoreId: 98127746,
    originId: null,
    label: `Vendor "${NAME}"`,
    projectId: null,
    detailIds: [],
    fields,
    refs: {},
    lines: [],
    notes: [],
    warnings: [],
  };
  const intent = { way: 'export' as const, detailIds: [], records: [record] };
  const reading = { eventName: eventName ?? '', intent, subject: subject ?? '', questions: [] };
  return {
    connectionId,
    requestId: id,
    body: { received: { vendor: NAME }, answers: {}, changes: [] },
    reading,
    readerVersion: '1',
  };
}

export function planOf(connectionId: string, operations = 1): Plan {
  const linking: Operation = {
    ...operation(connectionId, operations + 1, VENDOR),
    side: 'procore',
    action: 'set_external_data',
    target: 'Procore company 98127745',
    items: [{ itemType: 'vendor', itemId: 98127745, line: null }],
    sent: recordOf(VENDOR),
    changes: [{ field: 'origin_code', label: 'Vendor number', old: '10001', new: '10442' }],
  };
  return sealPlan({
    subject: NAME,
    operations: [
      ...Array.from({ length: operations }, (_, index) =>
        operation(connectionId, index + 1, { ...VENDOR, code: String(10442 + index) }),
      ),
      linking,
    ],
    warnings: [
      {
        code: 'possible_duplicate',
        text: 'Possible duplicate: vendor 10017 "Cobalt Mechanical" (same phone).',
      },
    ],
    notes: ['The ERP has no column for: Web site.'],
    facts: { ...NO_FACTS, flags: { prequalified: false } },
    leftOut: [],
    unchanged: 0,
  });
}

const entry = (
  row: RequestRef,
  at: string,
  action: AuditAction,
  more: Partial<AuditEntry> = {},
): AuditEntry => ({
  at,
  actor: 'tieback',
  action,
  subject: `request/${row.id}`,
  requestId: row.id,
  planHash: null,
  workflowId: workflowIdOf(row),
  detail: {},
  ...more,
});

/** Ids: 5010 applied, 5011 parked, 5012 waiting for finance, 5013 a sync of 300 operations that waits. */
export async function seed(store: Store, connectionId = 'acme', companyId = 4264807): Promise<void> {
  await store.transaction('seed', connectionId, async (t) => {
    const row = { id: connectionId, companyId, erpAdapter: 'sample', erpCompany: '1' };
    await t.connections.add({ ...row, createdAt: before(9000) });
    await t.audit.append(connectionId, [
      {
        ...entry({ connectionId, id: 'erp/0' }, before(9000), 'connection.registered'),
        subject: `connection/${connectionId}`,
        requestId: null,
        workflowId: null,
      },
    ]);
  });
  await store.transaction('seed', connectionId, (t) => applied(t, connectionId));
  await store.transaction('seed', connectionId, (t) => parked(t, connectionId));
  await store.transaction('seed', connectionId, (t) => waiting(t, connectionId, 5012, 1, 180));
  await store.transaction('seed', connectionId, (t) => waiting(t, connectionId, 5013, 300, 42));
}

async function waiting(
  t: Repositories,
  connectionId: string,
  position: number,
  operations: number,
  seconds: number,
): Promise<void> {
  const at = before(seconds);
  const plan = planOf(connectionId, operations);
  const row: SyncRequestRow = {
    ...newRequest(connectionId, 'erp', position, before(seconds + 20)),
    eventName: operations === 1 ? 'create_vendor' : 'sync_vendors',
    subject: operations === 1 ? NAME : 'all vendors',
    way: operations === 1 ? 'export' : 'sync',
    recordId: operations === 1 ? 'vendor/98127746' : null,
    kind: 'vendor',
    status: 'waiting_for_finance',
    reason: plan.warnings.map(({ text }) => text).join(' '),
    requestedBy: 7710,
    searchText: 'cobalt mechanical llc\nsc-008\n10442',
    started: true,
    updatedAt: at,
    since: at,
  };
  await t.requests.add(row);
  const kept = operations === 1 ? bodyOf(row, VENDOR) : null;
  if (kept !== null) await t.requests.keepBody(kept);
  await t.plans.add({ ...row, page: 0 }, plan, at);
  await t.audit.append(connectionId, [
    entry(row, before(seconds + 20), 'intake.received', {
      detail: { source: 'webhook', event: 'X1', userId: 7710 },
    }),
    entry(row, at, 'request.fetched', {
      detail: {
        event: row.eventName,
        subject: row.subject,
        ...(kept === null ? {} : bodySeal(kept.body, kept.reading)),
      },
    }),
    entry(row, at, 'plan.built', {
      planHash: plan.hash,
      detail: {
        version: 1,
        seal: planSeal(planText(plan)),
        operations: plan.operations.length,
        warnings: plan.warnings,
      },
    }),
  ]);
}

async function parked(t: Repositories, connectionId: string): Promise<void> {
  const reason =
    'This cannot be written to the ERP: Name "Cascadia Structural Steel Fabrication and Erection Company of the Pacific Northwest" is 89 characters long; the ERP takes 60.';
  const row: SyncRequestRow = {
    ...newRequest(connectionId, 'erp', 5011, before(4000)),
    eventName: 'create_vendor',
    subject: 'Cascadia Structural Steel Fabrication and Erection Company',
    way: 'export',
    recordId: 'vendor/98127701',
    kind: 'vendor',
    status: 'parked',
    reason,
    started: true,
    updatedAt: before(3900),
    since: before(3900),
  };
  await t.requests.add(row);
  const hint = 'Correct the value with `tieback correct`, or reject the request.';
  const exception = {
    connectionId,
    requestId: 'erp/5011',
    recordId: 'vendor/98127701',
    cause: 'data',
    reason,
    hint,
  };
  await t.exceptions.open([{ ...exception, erpKey: null, openedAt: before(3900) }]);
  await t.audit.append(connectionId, [
    entry(row, before(3900), 'exception.opened', { subject: 'vendor/98127701', detail: { class: 'data' } }),
  ]);
}

async function applied(t: Repositories, connectionId: string): Promise<void> {
  const plan = planOf(connectionId);
  const row: SyncRequestRow = {
    ...newRequest(connectionId, 'erp', 5010, before(8000)),
    eventName: 'create_vendor',
    subject: NAME,
    status: 'applied',
    reason: 'Vendor 10442 "Cobalt Mechanical LLC" was created in the ERP.',
    started: true,
    updatedAt: before(7900),
    since: before(7900),
    closedAt: before(7900),
  };
  await t.requests.add(row);
  await t.plans.add({ ...row, page: 0 }, plan, before(7990));
  const by = { decidedBy: 'maria@acme.example', comment: '=checked W-9', channel: 'desk', at: before(7950) };
  await t.plans.decide({
    connectionId,
    requestId: 'erp/5010',
    planHash: plan.hash,
    decision: 'approved',
    ...by,
  });
  const latest = await t.plans.latest({ ...row, page: 0 });
  if (latest) await t.plans.setState(latest, 'applied');
  await t.plans.putOperations(
    plan.operations.map(({ operationKey, side, action, recordId }) => ({
      connectionId,
      requestId: 'erp/5010',
      operationKey: `${operationKey}:${side}`,
      planHash: plan.hash,
      side,
      action,
      recordId,
      erpKey: '1|10442',
      state: 'confirmed' as const,
      reason: null,
      record: recordOf(VENDOR),
      at: before(7910),
    })),
  );
  await t.audit.append(connectionId, [
    entry(row, before(8000), 'intake.received'),
    entry(row, before(7990), 'plan.built', {
      planHash: plan.hash,
      detail: { version: 1, seal: planSeal(planText(plan)) },
    }),
  ]);
  // As of a transaction of its own.
  await t.audit.seal();
  const { decidedBy, at, ...said } = by;
  const { signatures } = signedBy<Decision>(TEST_KEYS, { connectionId, id: 'erp/5010' }, 'approve', {
    ...said,
    planHash: plan.hash,
    by: decidedBy,
    at,
  });
  await t.audit.append(connectionId, [
    entry(row, at, 'approval.granted', {
      actor: decidedBy,
      planHash: plan.hash,
      detail: { ...said, signedAt: at, signatures },
    }),
  ]);
  await t.audit.seal();
  await t.audit.append(connectionId, [
    entry(row, before(7910), 'operation.written', {
      subject: 'vendor/98127746',
      planHash: plan.hash,
      detail: { operation: `${plan.operations[0]?.operationKey}:erp`, erpKey: '1|10442' },
    }),
    entry(row, before(7900), 'request.closed', { detail: { status: 'applied', summary: row.reason } }),
  ]);
}
