/**
 * The workflow bundle: all workflow code in one file, as the worker's sandbox wants it.
 *
 * `npm run build` runs this file as a script and writes `dist/workflow-bundle.js` (and a second bundle whose
 * failures are encoded, for workers that encrypt). From the sources the bundle is made on demand.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** What `Worker.create` takes as `workflowBundle`. */
export interface WorkflowBundlePath {
  readonly codePath: string;
}

export interface WorkflowBundleOptions {
  /**
   * True when payloads are encrypted: messages and stack traces of workflow failures are then put into a
   * payload. Has to agree with the data converter of the worker. Default: false.
   */
  encodeFailures?: boolean;
}

export interface BuildBundleOptions extends WorkflowBundleOptions {
  /** File or folder that exports the workflows. */
  workflowsPath: string;
  /** Folder for the bundle, which is named after its content. */
  outDir?: string;
  /** Exact file to write, instead of `outDir`. */
  outFile?: string;
}

/** The prebuilt bundle when we run from `dist/`, else one made from the sources into `.cache/`. */
export async function workflowBundle(options: WorkflowBundleOptions = {}): Promise<WorkflowBundlePath> {
  if (runsFromDist()) {
    const codePath = prebuilt(options);
    if (!fs.existsSync(codePath)) {
      throw new Error(`The workflow bundle ${codePath} is missing: run \`npm run build\`.`);
    }
    return { codePath };
  }
  return await buildWorkflowBundle({
    ...options,
    workflowsPath: workflowsPath(),
    outDir: path.resolve(__dirname, '..', '..', '.cache'),
  });
}

/** Bundles the workflows found at a path and writes the bundle. */
export async function buildWorkflowBundle(options: BuildBundleOptions): Promise<WorkflowBundlePath> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: options.workflowsPath,
    // Tables of a curve: made once for all workflows, not once for each.
    preloadModules: ['@noble/curves/ed25519'],
    logger: new DefaultLogger('WARN'),
    ...(options.encodeFailures ? { failureConverterPath: require.resolve('./failure-converter') } : {}),
  });
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const codePath = path.resolve(
    options.outFile ?? path.join(options.outDir ?? '.', `workflow-bundle-${digest}.js`),
  );
  // Written aside and renamed: another process may be reading the same file.
  const aside = `${codePath}.${process.pid}-${randomBytes(4).toString('hex')}`;
  fs.mkdirSync(path.dirname(codePath), { recursive: true });
  fs.writeFileSync(aside, code);
  fs.renameSync(aside, codePath);
  return { codePath };
}

const runsFromDist = (): boolean => path.extname(__filename) === '.js';

/** `src/workflows/index`, as source or compiled. */
const workflowsPath = (): string =>
  path.resolve(__dirname, '..', 'workflows', `index${path.extname(__filename)}`);

const prebuilt = ({ encodeFailures }: WorkflowBundleOptions): string =>
  path.resolve(__dirname, '..', '..', encodeFailures ? 'workflow-bundle.encoded.js' : 'workflow-bundle.js');

async function main(): Promise<void> {
  for (const encodeFailures of [false, true]) {
    await buildWorkflowBundle({
      encodeFailures,
      workflowsPath: workflowsPath(),
      outFile: prebuilt({ encodeFailures }),
    });
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}
