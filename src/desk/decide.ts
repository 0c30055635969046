import type { Client } from '@temporalio/client';
import { maskText } from '../domain/base/personal';
import { wellFormed } from '../domain/base/text';
import { decisionStatement } from '../domain/people/decision';
import type { SigningKeys } from '../domain/people/signing-keys';
import { setTimeout as delay } from 'node:timers/promises';
import { requesterIn, wasTaken } from '../domain/audit/evidence';
import { placesIn } from '../domain/plan/operation';
import { placesOf } from '../domain/request/about';
import { ATTENTION_ACTIONS, attentionIn } from '../domain/request/attention';
import { decidedBy, inWhoseName } from '../domain/request/connection-policy';
import type {
  Correction,
  Decision,
  DecisionReceipt,
  RequestState,
  SyncRequestInput,
} from '../domain/request/flow';
import { NO_PLAN, REQUEST_STATE_QUERY, REQUEST_UPDATES } from '../domain/request/flow';
import { requestWords } from '../domain/request/id';
import { isFinal } from '../domain/request/status';
import type { PlanRow, SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import { listDaemons, whoRuns } from './daemons';
import type { CurrentPlan } from './dossier';
import { currentPlan } from './dossier';
import { findRequest } from './find-request';
import { assertGenuine } from './incident';
import { assertAsked } from './payroll/asked';
import { DeskRefusal } from './refusal';
import type { PolicyNow } from './rules/policy';
import { whyStuck } from './stuck';

/** A daemon answers within a second; longer than this, nobody is there. Shorter than the time after which HTTP gives a silent peer up. */
const DECISION_MS = 25_000;

/** What a person answers to the question of a request. */
export interface Asked {
  /** The request as they name it: `640018`, `erp/640018`. */
  readonly typed: string;
  /** Where several connections have a request of this name. */
  readonly connectionId?: string | undefined;
  readonly answer: 'approve' | 'reject' | 'correct' | 'withdraw';
  /** The plan they looked at, by any beginning of its hash of at least twelve characters; nothing is approved without. What names one counts for no other. */
  readonly plan?: string | undefined;
  readonly comment: string;
  /** Of `approve`: the sentences of the warnings that they ticked; absent: they were not asked to. */
  readonly ticked?: readonly string[] | undefined;
  /** Of `correct`: values that replace what Procore sent; none: only try again. */
  readonly values?: Correction['values'] | undefined;
}

/** Who decides. */
export interface Decider {
  readonly by: string;
  /** Break-glass: the account of the machine that decides in the name of `by`; null: the person showed a token. */
  readonly account: string | null;
  /** Where: `cli`, `desk`. */
  readonly channel: string;
}

/** What it takes to decide. */
export interface DecidingParts {
  readonly store: Store;
  readonly client: Client;
  readonly keys: SigningKeys;
  /** Who may decide in whose name; absent: everybody decides in their own. */
  readonly policyOf?: PolicyNow;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  /** Ends the workflow of a request that cannot go on, and begins it again with this answer. Absent: only the daemon can. */
  readonly beginAgain?: (
    request: SyncRequestRow,
    answer: NonNullable<SyncRequestInput['answer']>,
  ) => Promise<void>;
}

export interface Decided {
  readonly request: SyncRequestRow;
  readonly receipt: DecisionReceipt;
}

/**
 * Puts an answer to the workflow of its request, signed. When this returns, it is in our store. Throws `DeskRefusal` with everything that keeps
 * the answer from counting.
 */
export async function decideOn(parts: DecidingParts, asked: Asked, decider: Decider): Promise<Decided> {
  const { store, now, keys } = parts;
  const request = await findRequest(store, asked);
  assertOpen(request);
  const current = await currentPlan(store, request);
  if (asked.values !== undefined) {
    const told = await store.read('desk.asked', (t) => t.exceptions.ofRequest(request));
    assertAsked(request.id, told, asked.values);
  }
  if (asked.answer === 'approve') {
    await assertGenuine(store, request, current, now());
    await assertNotHeld(store, request);
  }
  const at = now();
  const named = decider.account === null ? await nameFor(parts, { request, current }, decider.by, at) : {};
  const bare = { ...decider, ...named, comment: commentOf(asked.comment), at, signatures: [] };
  const name = REQUEST_UPDATES[asked.answer];
  const input = { ...bare, ...answerOf(request, current, asked) };
  const given = { ...input, signatures: keys.sign(decisionStatement(request, name, input)) };
  const stuck = await whyStuck(parts.client, request.workflowId).catch(() => null);
  const receipt =
    stuck === null
      ? await send(parts, request.workflowId, name, given)
      : await beginAgain(parts, request, given, { answer: asked.answer, stuck });
  return { request, receipt };
}

/** In whose name somebody decides who may not do so themselves. Whether they may is for the workflow and its steps to say. */
async function nameFor(
  { policyOf, store }: DecidingParts,
  { request, current }: { readonly request: SyncRequestRow; readonly current: CurrentPlan | null },
  by: string,
  at: string,
): Promise<{ readonly inNameOf?: string }> {
  const policy = (await policyOf?.(request.connectionId)) ?? null;
  if (policy === null || (policy.delegations ?? []).length === 0) return {};
  const sealed = await store.read('desk.requester', (t) =>
    t.audit.sealed(request, { actions: ['intake.received'] }),
  );
  const about = decidedBy(request.id);
  const projects = current === null ? placesOf(request.about) : placesIn(current.plan.body.operations);
  const inNameOf = inWhoseName(policy, { by, at, about, projects, requestedBy: requesterIn(sealed) });
  return inNameOf === undefined ? {} : { inNameOf };
}

/** How often to look whether the run that begins again has taken the answer, and how long one look may take. */
const LOOK_EVERY_MS = 100;
const LOOK_MS = 5_000;

/** The workflow of the request takes nothing any more: another run of it takes the answer first of all. Nothing is approved this way. */
async function beginAgain(
  { beginAgain: begin, client, store }: DecidingParts,
  request: SyncRequestRow,
  given: Decision | Correction,
  { answer, stuck }: { readonly answer: Asked['answer']; readonly stuck: string },
): Promise<DecisionReceipt> {
  const { id } = request;
  const isTaken = answer === 'reject' || answer === 'correct';
  if (begin === undefined || !isTaken || 'planHash' in given !== (answer === 'reject')) {
    throw new DeskRefusal(
      'WORKFLOW_STUCK',
      `The workflow of ${requestWords(id)} cannot go on: ${stuck}`,
      `\`tieback retry ${id}\` begins it again, \`tieback reject ${id}\` gives it up.`,
    );
  }
  if (answer === 'reject' && request.status === 'applying') {
    throw new DeskRefusal(
      'WORKFLOW_STUCK',
      `The workflow of ${requestWords(id)} cannot go on (${stuck}), and it may have written to the ERP already.`,
      `\`tieback retry ${id}\` begins it again: it finds out, and finishes or asks.`,
    );
  }
  await begin(request, 'planHash' in given ? { kind: 'rejected', given } : { kind: 'corrected', given });
  const until = Date.now() + DECISION_MS;
  for (let waits = true; waits && Date.now() < until;) {
    waits = await answerWaits(client, request.workflowId);
    const sealed = await store.read('decision.taken', (t) =>
      t.audit.sealed(request, { actions: ['approval.rejected', 'correction.entered'] }),
    );
    if (wasTaken(given.signatures, sealed)) return BEGUN_AGAIN[answer];
    if (waits) await delay(LOOK_EVERY_MS);
  }
  // To begin again is all that a retry asks for.
  if ('values' in given && Object.keys(given.values).length === 0) return BEGUN_AGAIN.correct;
  throw new DeskRefusal(
    'NOT_TAKEN',
    `The workflow of ${requestWords(id)} could not go on and was begun again, but it has not taken this answer.`,
    `\`tieback show ${id}\` tells where it stands; then answer again.`,
  );
}

/** False: the workflow has looked at the answer it began with. One that cannot say so just now is asked again. */
async function answerWaits(client: Client, workflowId: string): Promise<boolean> {
  try {
    const state = await client.connection.withDeadline(Date.now() + LOOK_MS, () =>
      client.workflow.getHandle(workflowId).query<RequestState>(REQUEST_STATE_QUERY),
    );
    return state.answerWaits;
  } catch {
    return true;
  }
}

const BEGUN_AGAIN: Readonly<Record<'reject' | 'correct', DecisionReceipt>> = {
  reject: {
    status: 'rejected',
    message: 'Rejected; its workflow could not go on, and another one closes it.',
  },
  correct: { status: 'planning', message: 'Its workflow could not go on; another one begins again.' },
};

/** What a person says beside a decision, as it is kept. */
export const commentOf = (said: string): string => maskText(wellFormed(said.trim()));

function answerOf(
  request: SyncRequestRow,
  current: CurrentPlan | null,
  { answer, plan, comment, ticked, values = {} }: Asked,
): { readonly planHash: string } | { readonly values: Correction['values'] } {
  if (answer === 'correct') {
    if (current !== null && plan !== undefined) assertNamed(current.plan, plan);
    return { values };
  }
  if (answer === 'approve') {
    const toApprove = planToApprove(request, current);
    assertNamed(toApprove.plan, plan ?? '');
    if (ticked !== undefined) assertTicked(toApprove.plan, ticked);
    return { planHash: toApprove.plan.hash };
  }
  if (answer === 'withdraw') {
    if (current === null)
      throw new DeskRefusal(
        'TooLate',
        `${requestWords(request.id)} has no plan whose approval could be withdrawn.`,
      );
    assertNamed(current.plan, plan ?? '');
    return { planHash: current.plan.hash };
  }
  assertReason(comment);
  if (current !== null && plan !== undefined) assertNamed(current.plan, plan);
  return { planHash: current?.plan.hash ?? NO_PLAN };
}

/** A closed request is closed for good. Throws `DeskRefusal` `REQUEST_CLOSED`. */
export function assertOpen({ id, status, reason }: SyncRequestRow): void {
  if (!isFinal(status)) return;
  throw new DeskRefusal(
    'REQUEST_CLOSED',
    `${requestWords(id)} is closed (${status}): ${reason ?? ''}`,
    'There is nothing to decide any more.',
  );
}

/** The plan that can be approved now. Throws `DeskRefusal` `NOTHING_TO_APPROVE`. */
export function planToApprove(
  { id, status, reason }: SyncRequestRow,
  current: CurrentPlan | null,
): CurrentPlan {
  if (current !== null && status === 'waiting_for_finance') return current;
  throw new DeskRefusal(
    'NOTHING_TO_APPROVE',
    `${requestWords(id)} is ${status.replaceAll('_', ' ')}, not waiting for approval${reason === null ? '.' : `: ${reason}`}`,
  );
}

/**
 * As many characters as are shown of a hash. Whoever may change the record in Procore can search for a change whose plan begins like the one that
 * a person looked at: eight characters took minutes.
 */
const NAMED = /^[0-9a-f]{12,64}$/;

/** The plan is the one a person looked at, named by any beginning of its hash. Throws `DeskRefusal` `PLAN_HASH`, `PLAN_CHANGED`. */
export function assertNamed({ hash }: PlanRow, named: string): void {
  if (!NAMED.test(named)) {
    throw new DeskRefusal(
      'PLAN_HASH',
      `"${named}" is not the beginning of a plan hash.`,
      'Give at least twelve of its characters, as the plan shows them.',
    );
  }
  if (hash.startsWith(named)) return;
  throw new DeskRefusal(
    'PLAN_CHANGED',
    `The plan is ${hash.slice(0, 12)} now, not ${named}.`,
    'Look at it again.',
  );
}

/** Throws `DeskRefusal` `ON_HOLD`: somebody does not want it to be written yet. */
async function assertNotHeld(store: Store, request: SyncRequestRow): Promise<void> {
  const sealed = await store.read('desk.hold', (t) =>
    t.audit.sealed(request, { actions: ATTENTION_ACTIONS }),
  );
  const { hold } = attentionIn(sealed);
  if (hold === null) return;
  throw new DeskRefusal(
    'ON_HOLD',
    `${hold.by} holds ${requestWords(request.id)} since ${hold.at}: ${hold.comment}`,
    'Whoever may decide about it may release it in the Finance Desk; then it can be approved.',
  );
}

/** Every warning was looked at by itself. Throws `DeskRefusal` `WARNING_NOT_TICKED`. */
function assertTicked({ body: { warnings } }: PlanRow, ticked: readonly string[]): void {
  const left = warnings.filter(({ text }) => !ticked.includes(text));
  const [first] = left;
  if (first === undefined) return;
  throw new DeskRefusal(
    'WARNING_NOT_TICKED',
    `${left.length === 1 ? 'A warning of the plan was' : `${left.length} warnings of the plan were`} not ticked: ${first.text}`,
    'Look at each of them; what is ticked is what you have seen.',
  );
}

/** Throws `DeskRefusal` `NO_COMMENT`: Procore shows why. */
export function assertReason(comment: string): void {
  if (comment.trim() !== '') return;
  throw new DeskRefusal(
    'NO_COMMENT',
    'A rejection needs a reason: the person who sent the record reads it in Procore.',
  );
}

/** What the workflow's validator refuses comes back as its own sentence and type. */
async function send(
  { client, store, now }: DecidingParts,
  workflowId: string,
  name: string,
  input: Decision | Correction,
): Promise<DecisionReceipt> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.connection.withDeadline(Date.now() + DECISION_MS, () =>
      handle.executeUpdate<DecisionReceipt, [Decision | Correction]>(name, { args: [input] }),
    );
  } catch (error) {
    const hint = (): Promise<string> => whoRuns(() => listDaemons(store), new Date(now()));
    throw await explained(error, { client, workflowId, hint });
  }
}

/** Errors of Temporal's client by name: its module need not be loaded to explain them. */
async function explained(
  error: unknown,
  {
    client,
    workflowId,
    hint,
  }: { readonly client: Client; readonly workflowId: string; readonly hint: () => Promise<string> },
): Promise<unknown> {
  const { name, cause } = error instanceof Error ? error : { name: '', cause: undefined };
  switch (name) {
    case 'WorkflowUpdateFailedError':
      return refused(cause);
    case 'WorkflowNotFoundError':
      return new DeskRefusal(
        'WORKFLOW_NOT_RUNNING',
        `The workflow ${workflowId} does not run in namespace ${client.options.namespace}.`,
        `A daemon that starts, and each round of intake, starts the workflow of every open request again. ${await hint()}`,
        error,
      );
    case 'WorkflowUpdateRPCTimeoutOrCancelledError':
      return new DeskRefusal(
        'NO_DAEMON',
        `No daemon took the decision within ${DECISION_MS / 1000} seconds.`,
        `${await hint()} The decision may still be taken: look before you repeat it.`,
        error,
      );
    case 'ServiceError':
      return new DeskRefusal(
        'TEMPORAL_UNREACHABLE',
        `Temporal did not take the decision: ${innermost(error as Error)}.`,
        'Look before you repeat it: `tieback show` tells whether it was taken.',
        error,
      );
    default:
      return error;
  }
}

/** The validator's words; a fault while recording the decision is not a refusal. */
function refused(cause: unknown): DeskRefusal {
  const failure = cause instanceof Error ? cause : new Error(String(cause));
  if (failure.name !== 'ApplicationFailure') {
    return new DeskRefusal(
      'DECISION_FAILED',
      `The decision could not be recorded: ${innermost(failure)}`,
      null,
      cause,
    );
  }
  const type = 'type' in failure && typeof failure.type === 'string' ? failure.type : 'REFUSED';
  return new DeskRefusal(type, failure.message, null, cause);
}

const innermost = (error: Error): string =>
  error.cause instanceof Error ? innermost(error.cause) : error.message || error.name;
