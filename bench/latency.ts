import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SimulatorControl } from '../sandbox/procore-simulator/control-client';
import { createCompany } from '../sandbox/sample-erp/company';
import type { Config } from '../src/config/load';
import { startDaemon } from '../src/daemon';
import { ERP_ADAPTERS } from '../src/erp-adapters/registry';
import { silentLogger } from '../src/telemetry/logger';
import { COMPANY, shared, startSimulator } from './installation';

const ID = `latency-${Math.random().toString(36).slice(2, 10)}`;
const SECRET = 'Bearer bench';
/** Light load: one request at a time, with a pause after each. */
const PAUSE_MS = 50;

/** Milliseconds from the delivery of a webhook until the ERP committed the record, and until the request was closed in Procore. */
export interface Latency {
  readonly commit: readonly number[];
  readonly closed: readonly number[];
}

/** Runs a whole daemon and sends it `count` vendor exports, which a rule approves. */
export async function measureLatency(
  count: number,
  send: (to: SimulatorControl) => Promise<number>,
): Promise<Latency> {
  const { server } = await shared();
  const folder = mkdtempSync(join(tmpdir(), 'tieback-bench-'));
  const { apiUrl, stop } = await startSimulator(folder);
  const file = join(folder, 'erp.db');
  const ledgerScript = ERP_ADAPTERS['sample']?.create({ connectionId: ID, settings: { file } }).grantScript();
  const erp = createCompany(file, { ledgerScript: ledgerScript ?? '' });
  const procore = new SimulatorControl(apiUrl);
  let committed = 0;
  let closed: () => void = () => undefined;
  const daemon = await startDaemon(configOf(folder, apiUrl, file, server), silentLogger, {
    hooks: {
      erp: (name, call) => {
        const result = call();
        if (name.endsWith('.commit')) committed = performance.now();
        return result;
      },
      // Told by the call that closes: asking Procore again and again would be the load that is measured.
      procore: ({ details, ...company }) => ({
        ...company,
        ...(details && {
          details: {
            ...details,
            close: async (closings) => {
              const errors = await details.close(closings);
              closed();
              return errors;
            },
          },
        }),
      }),
    },
  });
  try {
    await daemon.working;
    const times = { commit: [] as number[], closed: [] as number[] };
    for (let n = 0; n < count; n += 1) {
      const requestId = await send(procore);
      const isClosed = new Promise<void>((resolve) => {
        closed = resolve;
      });
      const start = performance.now();
      await deliver(`${daemon.url}/webhooks/${ID}`, n, requestId);
      await isClosed;
      times.closed.push(performance.now() - start);
      times.commit.push(committed - start);
      await delay(PAUSE_MS);
    }
    return times;
  } finally {
    await daemon.stop();
    stop();
    erp.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function deliver(url: string, n: number, requestId: number): Promise<void> {
  const event = { ulid: `LATENCY${n}`, resource_name: 'ERP Requests', event_type: 'create' };
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { authorization: SECRET },
    body: JSON.stringify({ ...event, resource_id: requestId }),
  });
  if (status !== 204) throw new Error(`a webhook was answered ${status}`);
}

const configOf = (
  folder: string,
  apiUrl: string,
  file: string,
  { address, namespace }: { readonly address: string; readonly namespace: string },
): Config => ({
  file: join(folder, 'tieback.yaml'),
  dataDir: folder,
  secretFiles: [],
  store: { type: 'better-sqlite3', file: join(folder, 'tieback.db') },
  temporal: {
    address,
    namespace,
    retentionDays: 1,
    taskQueue: ID,
    webUi: null,
    searchNames: true,
    payloadKeys: [],
    payloadKeysToMake: [],
  },
  audit: { keys: [], keysToMake: [], anchorEveryMs: 0, anchorFile: null, anchorUrl: null },
  people: {
    signingKeys: [{ id: 'bench', key: { file: join(folder, 'signing.key') } }],
    tokenDays: 1,
    breakGlass: false,
    credentialsFile: null,
  },
  desk: {
    url: null,
    grants: [],
    oidc: null,
    session: { idleMs: 1_800_000, absoluteMs: 36_000_000 },
    loginAs: null,
    hsts: false,
    notify: null,
  },
  http: { host: '127.0.0.1', port: 0 },
  log: { level: 'error', format: 'json' },
  apps: [
    {
      name: ID,
      apiUrl,
      loginUrl: apiUrl,
      clientId: 'tieback-demo',
      clientSecret: 'demo-secret',
      paths: {},
      webUrl: null,
      webPaths: {},
      invoicePaymentFields: {},
      detailCloseMethod: 'PATCH',
      unlinkBy: 'external_data',
      concurrency: 6,
      maxInlineWaitMs: 2000,
    },
  ],
  connections: [
    {
      id: ID,
      app: ID,
      companyId: COMPANY,
      adapter: 'sample',
      adapterSettings: { file, company: 1 },
      erpSlots: 4,
      policy: {
        rules: [{ name: 'all', decision: 'approve', when: { warnings: ['possible_duplicate'] } }],
        approvers: [],
        requireSecondPerson: false,
        openDetailHours: 24,
      },
      pollEveryMs: 86_400_000,
      sweepAt: null,
      reconcile: { kinds: {}, ownership: {} },
      pollOverlap: 50,
      erpTool: { serviceUrl: null, labels: {} },
      openDoor: null,
      acceptForeignOrigins: true,
      timeZone: 'Etc/UTC',
      customFields: {},
      webhook: { publicUrl: 'http://127.0.0.1', authorizations: [SECRET], namespace: 'bench' },
      pageSize: 1000,
    },
  ],
});
