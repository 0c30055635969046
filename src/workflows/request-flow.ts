import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ErrorShape } from '../domain/base/errors';
import { inShort, shorten, shortenBytes } from '../domain/base/text';
import { actorOf } from '../domain/people/decision';
import type { Wait } from '../domain/plan/plan';
import type {
  Interruption,
  PlanView,
  RequestRef,
  RequestResult,
  RequestView,
  SyncRequestInput,
} from '../domain/request/flow';
import { NO_PLAN, RELEASE_SIGNAL } from '../domain/request/flow';
import { requestWords, workflowIdOf } from '../domain/request/id';
import { inProcore } from '../domain/request/procore-words';
import type { RequestStatus } from '../domain/request/status';
import { isFinal } from '../domain/request/status';
import {
  TiebackEvent,
  TiebackNumbers,
  TiebackRecord,
  TiebackStatus,
  TiebackText,
} from '../temporal/search-attributes';
import type { Answer, Question } from './decisions';
import { Decisions } from './decisions';
import type { Ended, Ending } from './ending';
import { ended, isEnded } from './ending';
import { procoreStep, storeStep } from './steps';

const HOUR_MS = 3_600_000;
/** A connection that is set up wrongly is tried again this often: somebody may have mended it. */
const CONFIG_RETRY_MS = 5 * 60_000;

/**
 * How often a held request looks by itself: soon at first, because what it waits for may have come between its look and the note that it
 * waits; later every hour.
 */
const FIRST_HOLD_MS = 5_000;
const LONGEST_HOLD_MS = HOUR_MS;

/** What all routes share: status, waiting for people, waiting for busy systems, closing. */
export class RequestFlow {
  readonly ref: RequestRef;
  readonly decisions: Decisions;
  readonly startedAt: number;
  private view: RequestView | null = null;
  private plan: PlanView | null = null;
  private decidedBy: string | null = null;
  private approvers: readonly string[] = [];
  private publicKeys: Question['publicKeys'] = [];
  private openDetailHours = 0;
  /** Numbers that the ERP gave to what was written. */
  private numbers: readonly string[] = [];
  private announced: RequestStatus = 'received';
  private holdPause = FIRST_HOLD_MS;

  constructor(readonly input: SyncRequestInput) {
    this.ref = { connectionId: input.connectionId, id: input.id };
    this.startedAt = input.resume?.startedAt ?? Date.now();
    this.decisions = new Decisions(this.ref);
    this.decisions.answerWaits = input.answer !== undefined;
    this.describe();
  }

  /**
   * Takes what a person answered to a run that could take nothing any more, before the steps that may have been at fault. An answer that does not
   * count (somebody else's, or taken before) changes nothing.
   */
  async answered(): Promise<Ended | null> {
    const { answer } = this.input;
    if (answer === undefined) return null;
    try {
      if (answer.kind === 'corrected') {
        await storeStep.recordCorrection({ ...this.ref, correction: answer.given });
        return null;
      }
      const { given } = answer;
      await storeStep.recordDecision({ ...this.ref, page: 0, decision: 'rejected', by: given });
      return this.rejected(actorOf(given), given.comment);
    } catch (error) {
      if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) return null;
      throw error;
    } finally {
      this.decisions.answerWaits = false;
    }
  }

  opened(view: RequestView): void {
    this.view = view;
    this.approvers = view.approvers;
    this.publicKeys = view.publicKeys;
    this.openDetailHours = view.openDetailHours;
    this.show('planning', null);
  }

  /** Runs a step until it is through. Busy is waited for, data and config problems are put to a person, who may give up. */
  async through<T extends { readonly kind: string }>(
    call: () => Promise<T | Interruption>,
  ): Promise<Exclude<T, Interruption> | Ended> {
    for (let attempt = 0; ; attempt += 1) {
      const result = await call();
      let stop: Ended | null;
      if (result.kind === 'busy' && 'reason' in result) stop = await this.waitBusy(result, attempt);
      else if (result.kind === 'stopped' && 'error' in result) stop = await this.parked(result.error);
      else return result as Exclude<T, Interruption>;
      if (stop) return stop;
    }
  }

  /**
   * Waits until what is busy is free, with growing pauses; the reason is visible in the Web UI and in `tieback requests`. A person may
   * shorten the wait or give up.
   */
  async waitBusy(
    { reason, retryAfterMs }: Extract<Interruption, { kind: 'busy' }>,
    attempt: number,
  ): Promise<Ended | null> {
    const before = this.decisions.status === 'applying' ? 'applying' : 'planning';
    await storeStep.noteStatus({ ...this.ref, status: 'busy', reason });
    this.show('busy', reason);
    const pause = Math.min(
      retryAfterMs * 2 ** Math.min(attempt, 5),
      10 * 60_000,
      this.timeLeft() ?? Infinity,
    );
    const answer = await this.decisions.ask(this.parkedQuestion(), pause, oneLine(reason));
    const stop = this.stopped(answer, reason);
    if (stop) return stop;
    await storeStep.noteStatus({ ...this.ref, status: before, reason: null });
    this.show(before, null);
    return null;
  }

  /** Parks the request until somebody corrects it (or, for set-up faults, until the next try). Giving up ends the request. */
  async parked(error: ErrorShape, recorded = false): Promise<Ended | null> {
    if (!recorded) {
      const known = await storeStep.parkRequest({ ...this.ref, recordId: this.recordId, error });
      this.approvers = known.approvers;
      this.publicKeys = known.publicKeys;
      this.openDetailHours = known.openDetailHours;
    }
    this.show('parked', error.message);
    const question = this.parkedQuestion();
    for (;;) {
      const left = this.timeLeft();
      const pause = error.class === 'config' ? Math.min(CONFIG_RETRY_MS, left ?? CONFIG_RETRY_MS) : left;
      const answer = await this.decisions.ask(question, pause, oneLine(`parked: ${error.message}`));
      if (answer?.kind === 'corrected') break;
      const stop = this.stopped(answer, error.message, inProcore(error));
      if (stop) return stop;
      if (answer === null && error.class === 'config') {
        await storeStep.noteStatus({ ...this.ref, status: 'planning', reason: null });
        break;
      }
    }
    this.show('planning', null);
    return null;
  }

  /**
   * Waits until what the request refers to is there: it is told so, and looks by itself from time to time in case nobody told it. A person
   * may look at once, or give up. `lookAgainMs`: it looks so often instead.
   */
  async held(waits: readonly Wait[], lookAgainMs?: number): Promise<Ended | null> {
    const reason = inShort(waits.map((wait) => wait.reason));
    await storeStep.noteStatus({ ...this.ref, status: 'held', reason });
    this.show('held', reason);
    const pause = Math.min(lookAgainMs ?? this.holdPause, this.timeLeft() ?? Infinity);
    this.holdPause = Math.min(this.holdPause * 2, LONGEST_HOLD_MS);
    const answer = await this.decisions.ask(this.parkedQuestion(), pause, oneLine(`held: ${reason}`));
    const stop = this.stopped(answer, reason);
    if (stop) return stop;
    if (answer?.kind === 'released') this.holdPause = FIRST_HOLD_MS;
    await storeStep.noteStatus({ ...this.ref, status: 'planning', reason: null });
    this.show('planning', null);
    return null;
  }

  /** Tells held requests that what they wait for may be there. One that is over already needs no word. */
  async release(ids: readonly string[]): Promise<void> {
    const { connectionId } = this.ref;
    for (const id of ids.filter((other) => other !== this.ref.id)) {
      await getExternalWorkflowHandle(workflowIdOf({ connectionId, id }))
        .signal(RELEASE_SIGNAL)
        .catch(() => undefined);
    }
  }

  /** An approved plan does not hold any more and is built again. Answers why. */
  async planMoved(reason: string): Promise<string> {
    await storeStep.noteStatus({ ...this.ref, status: 'planning', reason });
    this.show('planning', reason);
    return reason;
  }

  /** Waits for finance, where the policy asks. `again`: something was corrected, and the plan must be built again. */
  async decision(
    plan: PlanView,
    page = 0,
    more: Pick<Question, 'wakes'> = {},
  ): Promise<'approved' | 'again' | Ended> {
    this.plan = plan;
    this.decidedBy = null;
    if (plan.decision === 'approve') {
      this.decidedBy = plan.by;
      this.show('applying', null);
      return 'approved';
    }
    if (plan.decision === 'rejected') return this.rejected(plan.by, plan.comment);
    this.show('waiting_for_finance', plan.by);
    const question = {
      about: 'plan' as const,
      planHash: plan.hash,
      page,
      approvers: plan.approvers,
      publicKeys: this.publicKeys,
      fields: this.fields,
      ...more,
    };
    const answer = await this.decisions.ask(
      question,
      this.timeLeft(),
      'waiting for finance to approve the plan',
    );
    if (answer === null)
      return this.expired('nobody decided about the plan', 'Accounting has not decided about it.');
    if (answer.kind === 'rejected') return this.rejected(answer.by, answer.comment);
    const approved = answer.kind === 'approved';
    if (approved) this.decidedBy = answer.by;
    this.show(approved ? 'applying' : 'planning', null);
    if (!approved) return 'again';
    if (answer.undoMs === 0 || !(await this.isWithdrawn(question, answer.undoMs))) return 'approved';
    this.decidedBy = null;
    this.show('planning', null);
    return 'again';
  }

  /** Leaves the people who approved a while in which they can think better of it, before anything is written. */
  private async isWithdrawn(question: Question, undoMs: number): Promise<boolean> {
    const { planHash, page, approvers, publicKeys } = question;
    const about = { about: 'approved' as const, planHash, page, approvers, publicKeys, fields: [] };
    const answer = await this.decisions.ask(about, undoMs, 'approved; written when nobody withdraws it');
    return answer?.kind === 'withdrawn';
  }

  /**
   * The end: closed in Procore and here, unless a step did that already; others that waited for it, or for what it linked, go on. Trouble
   * while closing is waited out; a person may still be asked.
   */
  async finish(ending: Ending): Promise<RequestResult> {
    let last = ending;
    while (isEnded(last)) {
      const { result, messages, expired } = last;
      const step = procoreStep(this.input.procoreQueue, `close the request: ${result.status}`);
      last = await this.through(() => step.closeRequest({ ...this.ref, result, messages, expired }));
    }
    await this.release(last.released);
    this.numbers = last.numbers ?? [];
    this.show(last.result.status, last.result.summary);
    return last.result;
  }

  get fields(): RequestView['fields'] {
    return this.view?.fields ?? [];
  }

  get recordId(): string {
    return this.view?.recordId ?? this.ref.id;
  }

  private parkedQuestion(): Question {
    const planHash = this.plan?.hash ?? NO_PLAN;
    const { approvers, publicKeys, fields } = this;
    return { about: 'parked', planHash, page: 0, approvers, publicKeys, fields };
  }

  /**
   * Milliseconds until the open detail has blocked its user for too long; null = no limit. Counted from when the work began, by the server's
   * clock alone: our own clock, which stamped the arrival, may have been wrong.
   */
  private timeLeft(): number | null {
    const hours = this.openDetailHours;
    return hours === 0 ? null : Math.max(0, this.startedAt + hours * HOUR_MS - Date.now());
  }

  /** A person gave up, or the time is over; null: it goes on. `told`: the problem for people in Procore. */
  private stopped(answer: Answer | null, problem: string, told = problem): Ended | null {
    if (answer?.kind === 'rejected') {
      this.decidedBy = `${answer.by} (gave it up)`;
      const summary = `Given up by ${answer.by}: ${answer.comment} (${problem})`;
      const messages = [`Rejected by accounting (${answer.by}): ${answer.comment}`, told];
      return ended({ status: 'rejected', summary }, messages);
    }
    return answer === null && this.timeLeft() === 0 ? this.expired(problem, told) : null;
  }

  private rejected(by: string, comment: string): Ended {
    this.decidedBy = `${by} (rejected)`;
    return ended({ status: 'rejected', summary: `Rejected by ${by}: ${comment}` }, [
      `Rejected by accounting (${by}): ${comment}`,
    ]);
  }

  private expired(problem: string, told: string): Ended {
    this.decidedBy = 'nobody in time';
    const hours = this.openDetailHours;
    const summary = `Closed after ${hours} hours: ${problem}`;
    return ended({ status: 'failed', summary }, [`Not done within ${hours} hours: ${told}`], true);
  }

  /** Makes the run readable: status for search, details for reading. Both only where something changed. */
  private show(status: RequestStatus, reason: string | null): void {
    this.decisions.status = status;
    this.decisions.reason = reason;
    this.describe();
    const worthSearching = status !== 'planning' && status !== 'applying';
    const leavesWaiting = this.announced !== 'received' && status !== this.announced;
    if (status === this.announced || !(worthSearching || leavesWaiting)) return;
    this.announced = status;
    upsertSearchAttributes([
      { key: TiebackStatus, value: status },
      ...(this.view === null ? [] : attributesOf(this.view, this.numbers)),
    ]);
  }

  private describe(): void {
    const { status, reason } = this.decisions;
    const { id } = this.ref;
    const next: Partial<Record<RequestStatus, string>> = {
      waiting_for_finance: `\`tieback show ${id}\`, then \`tieback approve ${id}\` or \`tieback reject ${id}\``,
      parked: `\`tieback show ${id}\`, then ${this.fields.length === 0 ? '' : `\`tieback correct ${id} field=value\`, `}\`tieback retry ${id}\` or \`tieback reject ${id}\``,
      busy: 'nothing: it goes on by itself',
      held: `nothing: it goes on by itself; \`tieback retry ${id}\` looks at once, \`tieback reject ${id}\` gives it up`,
    };
    setCurrentDetails(
      [
        `**${this.view?.subject ?? this.input.subject ?? requestWords(id)}** · ${this.view?.eventName ?? 'not read yet'}`,
        '',
        '| | |',
        '| --- | --- |',
        `| Request | ${requestWords(id)} of ${this.ref.connectionId} |`,
        `| Status | ${status} |`,
        ...(reason === null ? [] : [`| Because | ${cell(reason)} |`]),
        ...(this.plan === null
          ? []
          : [
              `| Plan | \`${this.plan.hash.slice(0, 12)}\`: ${this.plan.operations} operations, ${this.plan.warnings} warnings |`,
              `| Decided by | ${cell(this.decidedBy ?? (isFinal(status) ? 'nobody' : 'nobody yet'))} |`,
            ]),
        ...(next[status] === undefined ? [] : [`| Next | ${next[status]} |`]),
      ].join('\n'),
    );
  }
}

const attributesOf = (
  { eventName, recordId, findable }: RequestView,
  numbers: readonly string[],
): Extract<Parameters<typeof upsertSearchAttributes>[0], readonly unknown[]> => [
  { key: TiebackEvent, value: eventName },
  ...(recordId === '' ? [] : [{ key: TiebackRecord, value: recordId }]),
  // A view of an earlier release has none.
  ...(findable === undefined ? [] : [{ key: TiebackNumbers, value: [...findable.numbers, ...numbers] }]),
  ...(findable === undefined || findable.text === '' ? [] : [{ key: TiebackText, value: findable.text }]),
];

/** The server takes 20 kB of details. */
const cell = (text: string): string => shorten(text, 2000).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The server takes 400 bytes of a summary, which is one line, with all that a codec makes of it. */
const oneLine = (text: string): string => shortenBytes(text.replaceAll('\n', ' '), 120);
