/** The rooms of the Desk in which people look things up, made of the parts of the daemon. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anchorSourcesOf } from './anchor-sources';
import type { Parts } from './composition';
import { readCheckedRules } from './composition';
import type { Config } from './config/load';
import { AuditRoom } from './desk/audit/room';
import { ConnectionRoom } from './desk/connections/room';
import type { WatchedOutside } from './desk/connections/standing';
import { PayrollRoom } from './desk/payroll/room';
import { RecordRoom } from './desk/records/room';
import { RulesRoom } from './desk/rules/room';
import { payGoalMs } from './domain/payroll/settings';
import type { SigningKeys } from './domain/people/signing-keys';
import type { ReconciledKind } from './domain/request/id';
import { RECONCILED_KINDS } from './domain/request/id';
import { runDoctor } from './doctor-run';
import { payrollReading } from './payroll-reports';
import type { Client } from '@temporalio/client';
import { intakeRuns, payrollRuns, reconcileRuns } from './temporal/schedule-runs';
import { taskQueues } from './temporal/task-queues';
import { packageRoot } from './version';

export interface RoomParts {
  readonly config: Config;
  readonly parts: Parts;
  readonly keys: SigningKeys;
  readonly now: () => string;
  /** Throws `DeskRefusal` `TEMPORAL_UNREACHABLE` while there is no way to Temporal. */
  readonly client: () => Client;
  readonly reconcileNow: (connectionId: string, kind: ReconciledKind) => Promise<void>;
}

/** Where people look, and what runs there until it is stopped. */
export interface DeskRooms {
  readonly audit: AuditRoom;
  readonly records: RecordRoom;
  readonly payroll: PayrollRoom;
  readonly connections: ConnectionRoom;
  readonly rules: RulesRoom;
  stop(): Promise<void>;
}

export function deskRooms({ config, parts, keys, now, client, reconcileNow }: RoomParts): DeskRooms {
  const { store, connections } = parts;
  const connectionIds = config.connections.map(({ id }) => id);
  const audit = new AuditRoom({
    store,
    connectionIds,
    now,
    outside: (id) => {
      const erp = connections.get(id)?.erp;
      return {
        ledger: erp?.ledger ?? 'the connection is not in the configuration',
        anchors: anchorSourcesOf(config.audit, erp?.anchors),
        keys: config.audit.keys,
        signing: keys,
      };
    },
  });
  const verifier = (): Promise<string> =>
    readFile(join(packageRoot(), 'docs', 'verify', 'verify-tieback-audit.mjs'), 'utf8');
  const records = new RecordRoom({ store, connectionIds, now, verifier });
  const payroll = new PayrollRoom({
    store,
    connectionIds,
    now,
    reading: (id) => {
      const connection = connections.get(id);
      const { payroll: settings, erp } = connection ?? {};
      if (connection === undefined || settings === undefined || erp?.payroll === undefined) return null;
      return payrollReading({ store, parts: { connection, settings, erp: erp.payroll } }, now);
    },
  });
  const outside: WatchedOutside = {
    reconcileRuns: async (id, kind) => reconcileRuns(client(), id, kind),
    payrollRuns: async (id) => payrollRuns(client(), id),
    intakeRuns: async (id) => intakeRuns(client(), id),
    callsLeft: (id) => parts.apps.get(appOf(id))?.limits() ?? null,
  };
  const appOf = (id: string): string => config.connections.find((one) => one.id === id)?.app ?? '';
  const rooms = {
    audit,
    records,
    payroll,
    rules: new RulesRoom({
      ...{ store, keys, now, connections: config.connections },
      check: (given) => readCheckedRules(given, config.desk.notify?.receivers ?? []),
    }),
    connections: new ConnectionRoom({
      store,
      connections: config.connections.map(({ id, companyId, adapter, reconcile, payroll: pay, ...own }) => ({
        id,
        companyId,
        adapter,
        kinds: RECONCILED_KINDS.flatMap((kind) => {
          const wanted = reconcile.kinds[kind];
          return wanted === undefined ? [] : [{ kind, goalMs: wanted.freshSeconds * 1000 }];
        }),
        payGoalMs: pay === undefined ? null : payGoalMs(pay),
        acceptsForeignOrigins: own.acceptForeignOrigins,
      })),
      now,
      outside,
      queuesOf: (id) => [config.temporal.taskQueue, taskQueues.procore(appOf(id)), taskQueues.erp(id)],
      examine: (signal) => runDoctor(config.file, signal),
      reconcileNow,
    }),
  };
  return {
    ...rooms,
    stop: async () => {
      await Promise.all([rooms.audit.stop(), rooms.connections.stop()]);
    },
  };
}
