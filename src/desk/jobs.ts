import { DeskRefusal } from './refusal';

/** How long work stands that somebody asked for. Times are ISO 8601 UTC. */
export interface JobState<Progress, Result> {
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly progress: Progress | null;
  readonly result: Result | null;
  /** Why it failed, for people; null: it did not. */
  readonly problem: string | null;
}

interface Job<Progress, Result> {
  state: JobState<Progress, Result>;
  readonly abort: AbortController;
  readonly over: Promise<void>;
}

/**
 * Work that takes longer than somebody waits for an answer, one at a time for each key. It lives in this process and ends with it; how the last one went is
 * remembered until the next one.
 */
export class Jobs<Progress, Result> {
  private readonly jobs = new Map<string, Job<Progress, Result>>();
  private isStopping = false;

  constructor(private readonly now: () => string) {}

  /** Begins it. Throws `DeskRefusal` `JOB_RUNNING`, `STOPPING`. */
  start(
    key: string,
    by: string,
    work: (progress: (at: Progress) => void, signal: AbortSignal) => Promise<Result>,
  ): JobState<Progress, Result> {
    if (this.isStopping) throw new DeskRefusal('STOPPING', 'The daemon stops: ask again in a moment.');
    const known = this.jobs.get(key)?.state;
    if (known?.state === 'running')
      throw new DeskRefusal('JOB_RUNNING', `This runs already: ${known.by} asked for it.`);
    const abort = new AbortController();
    const state: JobState<Progress, Result> = {
      state: 'running',
      by,
      startedAt: this.now(),
      endedAt: null,
      progress: null,
      result: null,
      problem: null,
    };
    const change = (more: Partial<JobState<Progress, Result>>): void => {
      job.state = { ...job.state, ...more };
    };
    const run = async (): Promise<void> => {
      try {
        const result = await work((progress) => change({ progress }), abort.signal);
        change({ state: 'done', result });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        change(abort.signal.aborted ? { state: 'cancelled' } : { state: 'failed', problem });
      }
      change({ endedAt: this.now() });
    };
    const job: Job<Progress, Result> = { state, abort, over: Promise.resolve().then(run) };
    this.jobs.set(key, job);
    return state;
  }

  /** How the newest one stands; null: nobody asked since this process started. */
  of(key: string): JobState<Progress, Result> | null {
    return this.jobs.get(key)?.state ?? null;
  }

  /** Cancels what runs, and waits for it. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const { abort } of this.jobs.values()) abort.abort(new Error('the daemon stops'));
    await Promise.all([...this.jobs.values()].map(({ over }) => over));
  }
}
