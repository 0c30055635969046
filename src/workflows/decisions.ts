import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import { actorOf, decisionStatement } from '../domain/people/decision';
import type { PublicKey } from '../domain/people/signature';
import { isSigned } from '../domain/people/signature';
import type {
  Answered,
  CorrectableField,
  Correction,
  Decision,
  DecisionReceipt,
  RequestRef,
  RequestState,
} from '../domain/request/flow';
import { fieldFor } from '../domain/request/corrections';
import { RELEASE_SIGNAL, REQUEST_STATE_QUERY, REQUEST_UPDATES } from '../domain/request/flow';
import { requestWords } from '../domain/request/id';
import type { RequestStatus } from '../domain/request/status';
import { storeStep } from './steps';

export const approveUpdate = defineUpdate<DecisionReceipt, [Decision]>(REQUEST_UPDATES.approve);
export const rejectUpdate = defineUpdate<DecisionReceipt, [Decision]>(REQUEST_UPDATES.reject);
export const withdrawUpdate = defineUpdate<DecisionReceipt, [Decision]>(REQUEST_UPDATES.withdraw);
export const correctUpdate = defineUpdate<DecisionReceipt, [Correction]>(REQUEST_UPDATES.correct);
export const releaseSignal = defineSignal(RELEASE_SIGNAL);
export const stateQuery = defineQuery<RequestState>(REQUEST_STATE_QUERY);

/** What a person may decide about right now. */
export interface Question {
  /** `plan`: approve, reject or correct. `approved`: withdraw the approval. `parked`: correct, try again, or give up. */
  readonly about: 'plan' | 'approved' | 'parked';
  readonly planHash: string;
  readonly page: number;
  /** Who may decide. */
  readonly approvers: readonly string[];
  /** Whose signature the answer must carry. */
  readonly publicKeys: readonly PublicKey[];
  /** What may be corrected. */
  readonly fields: readonly CorrectableField[];
  /** It is asked anew when the release signal tells that something moved. */
  readonly wakes?: true;
}

/** What was signed longer ago, or in the future, is not taken: somebody may have kept it for a better moment. */
const SIGNED_WITHIN_MS = 15 * 60_000;

export type Answer =
  | {
      readonly kind: 'approved';
      readonly by: string;
      /** For so long it can be withdrawn. */ readonly undoMs: number;
    }
  | { readonly kind: 'withdrawn'; readonly by: string }
  | { readonly kind: 'rejected'; readonly by: string; readonly comment: string }
  | { readonly kind: 'corrected'; readonly by: string }
  | { readonly kind: 'released' };

/**
 * The questions a request asks people, one at a time. Handlers are there from the first moment; validators are synchronous, so a
 * decision that cannot hold is refused at once and leaves no trace in the history.
 */
export class Decisions {
  status: RequestStatus = 'received';
  reason: string | null = null;
  /** The workflow began with an answer that it has not looked at yet. */
  answerWaits = false;
  private question: Question | null = null;
  private deciding = false;
  private answer: Answer | null = null;
  /** What it waits for came while it was about to wait. */
  private releasedEarly = false;
  /** Signatures of the answers that were taken: none counts twice. */
  private readonly taken = new Set<string>();

  constructor(private readonly ref: RequestRef) {
    setHandler(approveUpdate, (by: Decision) => this.decide('approved', by), {
      validator: (by: Decision) => this.checkDecision('approve', by),
    });
    setHandler(rejectUpdate, (by: Decision) => this.decide('rejected', by), {
      validator: (by: Decision) => this.checkDecision('reject', by),
    });
    setHandler(withdrawUpdate, (by: Decision) => this.withdraw(by), {
      validator: (by: Decision) => this.checkWithdrawal(by),
    });
    setHandler(correctUpdate, (correction) => this.correct(correction), {
      validator: (input: Correction) => this.checkCorrection(input),
    });
    setHandler(releaseSignal, () => {
      const isWaiting = this.status === 'held' || this.question?.wakes === true;
      const waits = this.question !== null && isWaiting && !this.deciding;
      if (waits) this.answer ??= { kind: 'released' };
      else this.releasedEarly = true;
    });
    setHandler(stateQuery, () => ({
      status: this.status,
      reason: this.reason,
      planHash: this.question?.planHash ?? null,
      answerWaits: this.answerWaits,
    }));
  }

  /** Asks, and waits for the answer; null when nobody answered in time. */
  async ask(question: Question, timeoutMs: number | null, summary: string): Promise<Answer | null> {
    this.question = question;
    const isMoved = this.releasedEarly && (this.status === 'held' || question.wakes === true);
    this.answer = isMoved ? { kind: 'released' } : null;
    this.releasedEarly = false;
    const answered = (): boolean => this.answer !== null;
    if (timeoutMs === null) await condition(answered);
    else await condition(answered, timeoutMs, { summary });
    // A handler that is writing to our store must finish: its answer counts.
    await condition(() => !this.deciding);
    this.question = null;
    return this.answer;
  }

  private checkDecision(update: 'approve' | 'reject', decision: Decision): void {
    const question = this.openQuestion();
    this.checkSignature(update, decision, question);
    if (update === 'approve' && question.about !== 'plan') {
      refuse('NothingToApprove', `${this.name} is parked, not waiting for approval: ${this.reason ?? ''}`);
    }
    if (question.about === 'plan' && decision.planHash !== question.planHash) {
      refuse(
        'PlanChanged',
        `The plan changed: you decided about ${decision.planHash.slice(0, 12)}, it is ${question.planHash.slice(0, 12)} now. ` +
          `Look again with \`tieback show ${this.ref.id}\`.`,
      );
    }
    this.checkPerson(decision, question);
  }

  private checkWithdrawal(decision: Decision): void {
    const { question } = this;
    if (question?.about !== 'approved' || this.answer !== null || this.deciding)
      refuse('TooLate', `${this.name} is "${this.status}": there is no approval that could be withdrawn.`);
    this.checkSignature('withdraw', decision, question);
    if (decision.planHash !== question.planHash)
      refuse('PlanChanged', `Not this plan of ${this.name} was approved. Look at it again.`);
    this.checkPerson(decision, question);
  }

  private checkCorrection(correction: Correction): void {
    const question = this.openQuestion();
    this.checkSignature('correct', correction, question);
    for (const [name, value] of Object.entries(correction.values)) {
      const field = fieldFor(name, question.fields);
      if (field === undefined) refuse('UnknownField', unknownField(name, question.fields));
      if (field.type === 'flag' ? typeof value !== 'boolean' : value !== null && typeof value !== 'string') {
        const expected = field.type === 'flag' ? 'true or false' : 'text or empty';
        refuse('BadValue', `The value of "${name}" must be ${expected}.`);
      }
      if (field.required && (value === null || value === ''))
        refuse('BadValue', `"${name}" must not be empty.`);
    }
    this.checkPerson(correction, question);
  }

  private get name(): string {
    return requestWords(this.ref.id);
  }

  private openQuestion(): Question {
    if (this.question === null || this.answer !== null) {
      refuse('NothingToDecide', `${this.name} is "${this.status}": there is nothing to decide right now.`);
    }
    if (this.question.about === 'approved')
      refuse(
        'AlreadyDecided',
        `${this.name} is approved, and written in a moment: withdraw the approval first.`,
      );
    if (this.deciding) refuse('AlreadyDecided', `${this.name} is being decided by somebody else.`);
    return this.question;
  }

  /** Anybody who reaches Temporal can send an update; only the daemon knows who they are. */
  private checkSignature(
    update: keyof typeof REQUEST_UPDATES,
    answer: Decision | Correction,
    { publicKeys }: Question,
  ): void {
    const signatures = answer?.signatures;
    if (!isSigned(decisionStatement(this.ref, update, answer ?? {}), signatures, publicKeys)) {
      refuse(
        'NotSigned',
        `This decision about ${this.name} does not carry the signature of its daemon. Decide with \`tieback ${update}\`. ` +
          'If you did, the signing key is another one now: terminate this workflow, and it is started again with the new one.',
      );
    }
    if (!(Math.abs(Date.now() - Date.parse(answer.at)) <= SIGNED_WITHIN_MS)) {
      refuse(
        'SignedAtAnotherTime',
        `This decision about ${this.name} was signed at ${answer.at}, and Temporal's clock says ${new Date().toISOString()}. ` +
          'Decide again; if that does not help, the clocks of the daemon and of the Temporal server differ.',
      );
    }
    if (signatures.some(({ value }) => this.taken.has(value)))
      refuse('AlreadyDecided', `This decision about ${this.name} was taken before.`);
  }

  /** Whether a right was handed on is asked where the answer is recorded: it may have been since the question was put. */
  private checkPerson({ by, inNameOf }: Answered, { approvers }: Question): void {
    if (approvers.includes(inNameOf ?? by)) return;
    const who =
      approvers.length === 0
        ? 'Nobody may: the connection names no approver for it.'
        : `These may: ${approvers.join(', ')}.`;
    refuse('NotAllowed', `"${by}" may not decide about ${this.name}. ${who}`);
  }

  private async decide(decision: 'approved' | 'rejected', by: Decision): Promise<DecisionReceipt> {
    this.begin(by);
    const page = this.question?.page ?? 0;
    try {
      const receipt = await storeStep.recordDecision({
        ...this.ref,
        page,
        decision,
        by,
      });
      // The first of two decides nothing yet.
      if (receipt.status === 'waiting_for_finance') this.reason = receipt.message;
      else if (decision === 'rejected')
        this.answer = { kind: decision, by: actorOf(by), comment: by.comment };
      else this.answer = { kind: decision, by: actorOf(by), undoMs: receipt.undo?.ms ?? 0 };
      return receipt;
    } catch (error) {
      throw ownWords(error);
    } finally {
      this.deciding = false;
    }
  }

  private async withdraw(by: Decision): Promise<DecisionReceipt> {
    this.begin(by);
    try {
      const receipt = await storeStep.recordWithdrawal({ ...this.ref, page: this.question?.page ?? 0, by });
      this.answer = { kind: 'withdrawn', by: actorOf(by) };
      return receipt;
    } catch (error) {
      throw ownWords(error);
    } finally {
      this.deciding = false;
    }
  }

  private begin({ signatures }: Answered): void {
    this.deciding = true;
    for (const { value } of signatures) this.taken.add(value);
  }

  private async correct(correction: Correction): Promise<DecisionReceipt> {
    this.begin(correction);
    try {
      const receipt = await storeStep.recordCorrection({ ...this.ref, correction });
      this.answer = { kind: 'corrected', by: actorOf(correction) };
      return receipt;
    } catch (error) {
      throw ownWords(error);
    } finally {
      this.deciding = false;
    }
  }
}

/** What our store refused is for the person who asked, in its own words. */
const ownWords = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;

const unknownField = (name: string, fields: readonly CorrectableField[]): string =>
  fields.length === 0
    ? `This request has no field to correct ("${name}"): correct the records in Procore or the ERP, then \`tieback retry\`.`
    : `There is no field "${name}". Fields: ${fields.map((field) => field.name).join(', ')}.`;

function refuse(type: string, message: string): never {
  throw ApplicationFailure.create({ type, message, nonRetryable: true });
}
