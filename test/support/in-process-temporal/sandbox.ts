/** The SDK's own sandbox for workflow code, in this process: what a worker does with a workflow bundle. */
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { TypedSearchAttributes } from '@temporalio/common';
import { tsToDate, tsToMs } from '@temporalio/common/lib/time';
import { coresdk } from '@temporalio/proto';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';

const { WorkflowActivation } = coresdk.workflow_activation;
const { WorkflowActivationCompletion } = coresdk.workflow_completion;

export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type Command = coresdk.workflow_commands.WorkflowCommand;
export type Activation = coresdk.workflow_activation.WorkflowActivation;

/** What the workflow code answered to one activation. */
export interface Answer {
  readonly commands: readonly Command[];
  readonly flags: readonly number[];
}

const scripts = new Map<string, Script>();

/** The compiled bundle; the source map is left out, because it is most of the file. */
function scriptOf(codePath: string): Script {
  let script = scripts.get(codePath);
  if (!script) {
    const code = readFileSync(codePath, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
    script = new Script(code, { filename: codePath });
    scripts.set(codePath, script);
  }
  return script;
}

/** Makes instances of workflows from a bundle. */
export class Sandbox {
  private readonly creator: ReusableVMWorkflowCreator;
  private readonly instances = new Set<Instance>();

  constructor(codePath: string, activityNames: ReadonlySet<string>) {
    const bundle = {
      code: '',
      filename: codePath,
      sourceMap: { version: 3, sources: [], names: [], mappings: '', file: codePath },
    };
    this.creator = new ReusableVMWorkflowCreator(scriptOf(codePath), bundle, 5000, new Set(activityNames));
  }

  /** An instance that knows nothing yet: its first activation must hold `initializeWorkflow`. */
  async create(first: Activation, taskQueue: string): Promise<Instance> {
    const start = first.jobs.find((job) => job.initializeWorkflow)?.initializeWorkflow;
    if (!start?.startTime || !first.timestamp)
      throw new Error('the first activation must start the workflow');
    const workflow = await this.creator.createWorkflow({
      info: {
        workflowId: start.workflowId ?? '',
        runId: first.runId,
        workflowType: start.workflowType ?? '',
        searchAttributes: {},
        typedSearchAttributes: new TypedSearchAttributes(),
        taskQueue,
        namespace: 'in-process',
        firstExecutionRunId: start.firstExecutionRunId ?? first.runId,
        originalExecutionRunId: start.firstExecutionRunId ?? first.runId,
        ...(start.continuedFromExecutionRunId
          ? { continuedFromExecutionRunId: start.continuedFromExecutionRunId }
          : {}),
        startTime: tsToDate(start.startTime),
        runStartTime: tsToDate(first.timestamp),
        taskTimeoutMs: 10_000,
        attempt: 1,
        historyLength: first.historyLength,
        historySize: 0,
        continueAsNewSuggested: false,
        targetWorkerDeploymentVersionChanged: false,
        unsafe: {
          now: () => Date.now(),
          isReplaying: false,
          isReplayingHistoryEvents: false,
          random: undefined as never,
        },
      },
      randomnessSeed: [...first.runId].map((character) => character.charCodeAt(0)),
      now: tsToMs(first.timestamp),
      showStackTraceSources: false,
    });
    const instance: Instance = new Instance(workflow, () => this.instances.delete(instance));
    this.instances.add(instance);
    return instance;
  }

  async close(): Promise<void> {
    for (const instance of this.instances) await instance.end();
    await this.creator.destroy();
  }
}

/** One workflow in memory, with all its variables and promises. */
export class Instance {
  private busy: Promise<unknown> = Promise.resolve();
  private ended: Promise<void> | null = null;

  constructor(
    private readonly workflow: Workflow,
    private readonly onEnd: () => void,
  ) {}

  /** Both ways through the wire format, as between a worker and its server: what is kept is what was sent. */
  async activate(activation: Activation): Promise<Answer> {
    const sent = WorkflowActivation.decode(WorkflowActivation.encode(activation).finish());
    const answering = this.workflow.activate(sent);
    this.busy = answering;
    const raw = await answering;
    const { failed, successful } = WorkflowActivationCompletion.decode(
      WorkflowActivationCompletion.encode(raw).finish(),
    );
    if (failed)
      throw new Error(
        `a workflow task failed: ${failed.failure?.message ?? ''}\n${failed.failure?.stackTrace ?? ''}`,
      );
    return {
      commands: (successful?.commands ?? []) as Command[],
      flags: successful?.usedInternalFlags ?? [],
    };
  }

  /** Forgotten as soon as it has answered what it was asked. */
  dispose(): void {
    void this.end();
  }

  async end(): Promise<void> {
    if (this.ended) return this.ended;
    this.ended = this.busy
      .catch(() => undefined)
      .then(() => this.workflow.dispose())
      .finally(this.onEnd);
    return this.ended;
  }
}
