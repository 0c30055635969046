/** Starts what all tests of a run share: one Temporal server, provisioned, and one workflow bundle. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { launchTemporal } from '../../sandbox/temporal-server';
import { buildWorkflowBundle } from '../../src/temporal/bundle';
import { connectClient } from '../../src/temporal/connect';
import { provisionTemporal } from '../../src/temporal/provision';
import { RUN_FILE_VARIABLE, setShared, type TestRun } from './test-run';

const ROOT = path.resolve(__dirname, '..', '..');

export default async function globalSetup(): Promise<void> {
  const dir = path.join(ROOT, '.cache', `test-run-${process.pid}`);
  fs.mkdirSync(dir, { recursive: true });
  const server = await launchTemporal({
    namespace: 'tieback-test',
    logFile: path.join(dir, 'temporal-server.log'),
    // Tests look things up far more often than people do.
    dynamicConfig: { 'frontend.namespaceRPS.visibility': 1000 },
    log: (message) => process.stderr.write(`${message}\n`),
  });
  setShared({ dir, server });
  try {
    const connection = await connectClient(server);
    await provisionTemporal(connection, { namespace: server.namespace, retentionDays: 1 });
    await connection.close();
    const run: TestRun = {
      address: server.address,
      namespace: server.namespace,
      uiUrl: server.uiUrl,
      bundlePath: await bundleOnce(dir),
    };
    const file = path.join(dir, 'run.json');
    fs.writeFileSync(file, JSON.stringify(run, null, 2));
    process.env[RUN_FILE_VARIABLE] = file;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function bundleOnce(outDir: string): Promise<string | null> {
  const workflowsPath = path.join(ROOT, 'src', 'workflows', 'index.ts');
  if (!fs.existsSync(workflowsPath)) return null;
  const { codePath } = await buildWorkflowBundle({ workflowsPath, outDir });
  return codePath;
}
