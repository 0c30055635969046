/** One run of a workflow: its history, and the workflow tasks that make it. */
import { coresdk } from '@temporalio/proto';
import type { Activation, Answer, Command, Instance, Job, Sandbox } from './sandbox';
import { toTime } from './payloads';

const { WorkflowActivation } = coresdk.workflow_activation;
const { WorkflowCommand } = coresdk.workflow_commands;

/** An activation that is history, with what the workflow code said to it: said again on replay, or the code is not deterministic. */
interface Page {
  readonly activation: Activation;
  readonly commands: readonly Command[];
  readonly flags: readonly number[];
}

/** An update that a client waits for. */
export interface Update {
  readonly id: string;
  readonly job: Job;
  readonly resolve: (command: coresdk.workflow_commands.IUpdateResponse) => void;
}

/** What a run needs of the server around it. */
export interface Surroundings {
  readonly sandbox: Pick<Sandbox, 'create'>;
  now(): number;
  /** Runs something that keeps time from being skipped. */
  busy<T>(work: () => Promise<T>): Promise<T>;
  /** Starts a local activity; its job comes back when it is through. */
  local(run: Run, command: coresdk.workflow_commands.IScheduleLocalActivity, done: (job: Job) => void): void;
  /** What the workflow asked for is done from here on. */
  commit(run: Run, commands: readonly Command[]): void;
  /** A workflow task is over: there may be another one to do. */
  again(): void;
}

export type End =
  | { readonly kind: 'completed'; readonly command: coresdk.workflow_commands.ICompleteWorkflowExecution }
  | { readonly kind: 'failed'; readonly failure: coresdk.workflow_commands.IFailWorkflowExecution['failure'] }
  | { readonly kind: 'continued'; readonly next: Run }
  | { readonly kind: 'terminated'; readonly reason: string }
  /** The test is broken, or the code is: no server would say so. */
  | { readonly kind: 'broken'; readonly error: Error };

export class Run {
  /** Events that no workflow task has seen yet. They are history: a killed worker's successor sees them too. */
  readonly waiting: Job[] = [];
  /** Updates that no workflow task has accepted yet. They are not history: the server hands them out until one does. */
  readonly admitted: Update[] = [];
  readonly accepted = new Map<string, Update>();
  readonly searchAttributes: Record<string, unknown> = {};
  end: End | null = null;
  readonly ended: Promise<End>;
  private tellEnd!: (end: End) => void;
  private readonly pages: Page[] = [];
  private events = 2;
  private instance: Instance | null = null;
  private task: object | null = null;

  constructor(
    readonly workflowId: string,
    readonly runId: string,
    readonly type: string,
    readonly taskQueue: string,
    start: coresdk.workflow_activation.IInitializeWorkflow,
    private readonly around: Surroundings,
    private readonly suggestContinueAsNewAfter: number,
  ) {
    this.ended = new Promise((resolve) => (this.tellEnd = resolve));
    this.waiting.push({ initializeWorkflow: start });
  }

  get ready(): boolean {
    return this.end === null && this.task === null && this.waiting.length + this.admitted.length > 0;
  }

  finish(end: End): void {
    if (this.end !== null) return;
    this.end = end;
    this.forget();
    this.tellEnd(end);
  }

  /** The worker is gone: what it had in memory, and the workflow task that it had not finished. */
  forget(): void {
    this.task = null;
    this.instance?.dispose();
    this.instance = null;
  }

  /**
   * One workflow task. Local activities run inside it: until the last of them is through, nothing of the task is history, so that a worker
   * that is killed meanwhile leaves none of it behind.
   */
  async work(): Promise<void> {
    const task = {};
    this.task = task;
    const gone = (): boolean => this.task !== task;
    try {
      const instance = this.instance ?? (await this.replayed(gone));
      if (gone()) return instance.dispose();
      this.instance = instance;
      const seen = this.waiting.length;
      const updates = [...this.admitted];
      let jobs = [...this.waiting, ...updates.map(({ job }) => job)];
      const pages: Page[] = [];
      const locals = new Locals();
      for (;;) {
        const activation = this.activation(jobs);
        const { commands, flags } = await this.around.busy(() => instance.activate(activation));
        if (gone()) return;
        pages.push({ activation, commands, flags });
        for (const { scheduleLocalActivity } of commands)
          if (scheduleLocalActivity)
            locals.open((done) => this.around.local(this, scheduleLocalActivity, done));
        if (commands.some(endsRun) || !locals.isOpen) break;
        jobs = [await locals.next()];
        if (gone()) return;
      }
      this.commit(pages, seen, updates);
    } catch (error) {
      if (!gone()) this.finish({ kind: 'broken', error: error as Error });
    } finally {
      if (!gone()) {
        this.task = null;
        this.around.again();
      }
    }
  }

  async query(job: Job): Promise<coresdk.workflow_commands.IQueryResult> {
    while (this.task !== null || this.pages.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    const task = {};
    this.task = task;
    try {
      this.instance ??= await this.replayed(() => false);
      const { commands } = await this.instance.activate(this.activation([job]));
      const result = commands.find(({ respondToQuery }) => respondToQuery)?.respondToQuery;
      if (!result) throw new Error('a query was not answered');
      return result;
    } finally {
      if (this.task === task) this.task = null;
    }
  }

  private commit(pages: readonly Page[], seen: number, updates: readonly Update[]): void {
    const commands = pages.flatMap((page) => page.commands);
    const rejected = new Set(
      commands.flatMap(({ updateResponse }) =>
        updateResponse?.rejected ? [updateResponse.protocolInstanceId ?? ''] : [],
      ),
    );
    this.waiting.splice(0, seen);
    for (const update of updates) {
      this.admitted.splice(this.admitted.indexOf(update), 1);
      this.accepted.set(update.id, update);
    }
    // A refused update leaves no trace.
    for (const page of pages) {
      const kept = withoutUpdates(page, rejected);
      if (kept) this.pages.push(kept);
    }
    this.events += 3 + seen + commands.length;
    this.around.commit(this, commands);
  }

  /** A new instance that has lived through the history: every activation again, and the same commands. */
  private async replayed(gone: () => boolean): Promise<Instance> {
    const [first] = this.pages;
    const instance = await this.around.busy(() =>
      this.around.sandbox.create(first?.activation ?? this.activation(this.waiting), this.taskQueue),
    );
    const flags = new Set<number>();
    for (const page of this.pages) {
      page.flags.forEach((flag) => flags.add(flag));
      const answer = await this.around.busy(() => instance.activate(asReplay(page, [...flags])));
      if (gone()) return instance;
      mustBeSame(this, page, answer);
    }
    return instance;
  }

  private activation(jobs: readonly Job[]): Activation {
    return WorkflowActivation.fromObject({
      runId: this.runId,
      timestamp: toTime(this.around.now()),
      isReplaying: false,
      historyLength: this.events,
      historySizeBytes: 0,
      continueAsNewSuggested: this.events > this.suggestContinueAsNewAfter,
      jobs,
    });
  }
}

/** Local activities of one workflow task, and their answers as they come. */
class Locals {
  private running = 0;
  private readonly answers: Job[] = [];
  private wake: () => void = () => undefined;

  get isOpen(): boolean {
    return this.running > 0;
  }

  open(start: (done: (job: Job) => void) => void): void {
    this.running += 1;
    start((job) => {
      this.answers.push(job);
      this.wake();
    });
  }

  async next(): Promise<Job> {
    if (this.answers.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    this.running -= 1;
    const [job] = this.answers.splice(0, 1);
    if (!job) throw new Error('unreachable');
    return job;
  }
}

const endsRun = ({ variant }: Command): boolean =>
  variant === 'completeWorkflowExecution' ||
  variant === 'failWorkflowExecution' ||
  variant === 'continueAsNewWorkflowExecution';

function withoutUpdates(page: Page, rejected: ReadonlySet<string>): Page | null {
  if (rejected.size === 0) return page;
  const jobs = page.activation.jobs.filter(
    ({ doUpdate }) => !rejected.has(doUpdate?.protocolInstanceId ?? ''),
  );
  const commands = page.commands.filter(
    ({ updateResponse }) => !rejected.has(updateResponse?.protocolInstanceId ?? ''),
  );
  if (jobs.length === 0 && commands.length === 0) return null;
  return { ...page, activation: WorkflowActivation.fromObject({ ...page.activation, jobs }), commands };
}

/** As the server tells it to a worker that has lost the run: what was accepted is not asked again, what was patched is known. */
function asReplay({ activation, commands }: Page, flags: readonly number[]): Activation {
  const patches = commands.flatMap(({ setPatchMarker }) =>
    setPatchMarker ? [{ notifyHasPatch: { patchId: setPatchMarker.patchId ?? '' } }] : [],
  );
  const jobs = activation.jobs.map((job) =>
    job.doUpdate ? { doUpdate: { ...job.doUpdate, runValidator: false } } : job,
  );
  return WorkflowActivation.fromObject({
    ...activation,
    isReplaying: true,
    availableInternalFlags: flags,
    jobs: [...patches, ...jobs],
  });
}

function mustBeSame(run: Run, page: Page, answer: Answer): void {
  const bytes = (commands: readonly Command[]): string =>
    commands
      .map((command) => Buffer.from(WorkflowCommand.encode(command).finish()).toString('base64'))
      .join();
  if (bytes(page.commands) === bytes(answer.commands)) return;
  const text = (commands: readonly Command[]): string =>
    commands.map((command) => JSON.stringify(WorkflowCommand.toObject(command))).join('\n  ');
  throw new Error(
    `${run.workflowId} is not deterministic. History says:\n  ${text(page.commands)}\nReplay says:\n  ${text(answer.commands)}`,
  );
}
