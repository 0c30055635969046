import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { connectClient } from '../../src/temporal/connect';
import { COMPANY, shared } from '../installation';
import { cpuSecondsOf, memoryOf } from '../process-tree';
import { Yard } from '../yard';
import type { CopyWay } from './jobs';
import { firstImport, IMPORTED } from './jobs';
import type { Stage } from './stage';
import { setStage, totalIn } from './stage';

/** What one copy of all vendors cost. */
export interface Cost {
  readonly cpuSeconds: number;
  readonly peakMb: number;
  /** By the clock; for people, no goal. */
  readonly seconds: number;
  readonly calls: number;
}

/** With what only Tieback has. */
export interface TiebackCost extends Cost {
  readonly events: number;
  /** Of the Temporal server, a process of its own. */
  readonly serverCpuSeconds: number;
}

const VENDORS = `/rest/v1.0/vendors?company_id=${COMPANY}`;
const CONNECTION = 'copy';
let runs = 0;

export interface TiebackOptions {
  readonly way: CopyWay;
  /** What `node` is given before the daemon's program. */
  readonly nodeOptions?: readonly string[];
}

/** By a daemon that is ready before the clock starts: it runs for months, and copies once. */
export async function copyWithTieback(
  records: number,
  { way, ...options }: TiebackOptions,
): Promise<TiebackCost> {
  runs += 1;
  const stage = await setStage(records);
  const { server } = await shared();
  const temporal = { address: server.address, namespace: `tieback-copy-${process.pid}-${runs}` };
  const connection = await connectClient(temporal);
  const client = new Client({ connection, namespace: temporal.namespace });
  let yard: Yard | null = null;
  try {
    yard = await Yard.create({ ...stage, connection: CONNECTION, temporal, ...options });
    await yard.start();
    await yard.ready();
    const restBefore = await stage.procore.requestCount({ path: '^/rest/' });
    const before = {
      cpu: cpuSecondsOf(yard.pid),
      server: cpuSecondsOf(server.pid ?? 0),
      at: performance.now(),
    };
    await firstImport(way, { yard, procore: stage.procore, client, connection: CONNECTION });
    const seconds = (performance.now() - before.at) / 1000;
    const cost = {
      cpuSeconds: cpuSecondsOf(yard.pid) - before.cpu,
      peakMb: memoryOf(yard.pid).most,
      seconds,
      calls: (await stage.procore.requestCount({ path: '^/rest/' })) - restBefore,
      events: await eventsIn(client),
      serverCpuSeconds: cpuSecondsOf(server.pid ?? 0) - before.server,
    };
    await mustHold(stage.apiUrl, IMPORTED, records);
    await yard.stop();
    return cost;
  } finally {
    yard?.kill();
    await connection.close();
    stage.close();
  }
}

/** By one program that ends: `command` is run with the ERP's database and Procore's address, and says on its last line what it cost. */
async function copyWithProgram(
  records: number,
  command: readonly string[],
  fileOf: (stage: Stage) => string = ({ erpFile }) => erpFile,
): Promise<Cost> {
  const stage = await setStage(records);
  try {
    const erpFile = fileOf(stage);
    const [program = '', ...args] = command;
    const env = {
      ...process.env,
      ERP_FILE: erpFile,
      PROCORE_URL: stage.apiUrl,
      WORK_FOLDER: stage.folder,
    };
    const startedAt = performance.now();
    const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 1 << 25 });
    const seconds = (performance.now() - startedAt) / 1000;
    const { cpuSeconds, peakMb } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Cost;
    const calls = await stage.procore.requestCount({ path: '^/rest/' });
    await mustHold(stage.apiUrl, VENDORS, records);
    return { cpuSeconds, peakMb, seconds, calls };
  } finally {
    stage.close();
  }
}

export const copyWithScript = (records: number): Promise<Cost> =>
  copyWithProgram(records, [process.execPath, join(__dirname, '..', 'plain-copy.js')]);

/** `python`: an interpreter that has dlt. */
export const copyWithDlt = (records: number, python: string): Promise<Cost> =>
  copyWithProgram(
    records,
    [python, join(__dirname, '..', '..', '..', 'bench', 'dlt', 'copy_vendors.py')],
    ({ tableFile }) => tableFile,
  );

/** A copy that lost something is no measurement. */
async function mustHold(apiUrl: string, path: string, records: number): Promise<void> {
  const total = await totalIn(apiUrl, path);
  if (total !== records) throw new Error(`Procore holds ${total} vendors where ${records} were copied`);
}

/** Events of all runs of all workflows of a namespace, those of intake left out. The list may be behind: it is asked until all have closed. */
async function eventsIn({ workflow }: Client): Promise<number> {
  for (;;) {
    const runs = [];
    for await (const run of workflow.list({ query: "WorkflowType != 'intake'" })) runs.push(run);
    const isThere = runs.length > 0 && runs.every(({ status }) => status.name !== 'RUNNING');
    if (isThere) return runs.reduce((sum, { historyLength }) => sum + historyLength, 0);
    await delay(200);
  }
}
