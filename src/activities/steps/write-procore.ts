import { isTiebackError } from '../../domain/base/errors';
import { textIn } from '../../domain/kinds/record';
import { isErpWrite, isForProcore } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { ApprovedRef, ClosedRequest, Interruption, PageWritten } from '../../domain/request/flow';
import type { Way } from '../../domain/request/intent';
import { isPaged } from '../../domain/request/intent';
import type { Repositories } from '../../store/repositories';
import { assertOwnOrigins } from '../census';
import { assertInForce, policyNow, requesterOf } from '../approval';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import type { ApprovedPlan, InHand } from '../in-hand';
import { ahead, approvedPlan, asWay, inHandOf, snapshotOf } from '../in-hand';
import { notingIncidents } from '../record/incident';
import { numbersIn } from '../../domain/request/findable';
import type { Outcome } from '../record/outcome';
import { alreadyClosed, recordOutcome } from '../record/outcome';
import { send } from '../send';
import { settle } from '../step';
import { waySteps } from '../ways';

export type ProcoreWritten = PageWritten | ({ readonly kind: 'closed' } & ClosedRequest);

export type WriteProcoreInput = ApprovedRef & {
  readonly way: Way;
  /** From the step that wrote to the ERP. */
  readonly summary: string | null;
};

/** Runs on the Procore queue. */
export const writeProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Tells Procore what the approved plan says, then writes down what happened: operations, links, exceptions, checkpoint, audit, in one
   * transaction. Every call sets a state, so the whole step may be repeated; what was recorded already is not told again.
   */
  writeProcore: (input: WriteProcoreInput): Promise<ProcoreWritten | PlanMoved | Interruption> =>
    writeProcoreOnce(deps, input),
});

/** The same, where Procore is looked at first: what `look` answers ends the step, and nothing is written. */
export async function writeProcoreOnce<Seen = never>(
  deps: ActivityDeps,
  input: WriteProcoreInput,
  look?: Look<Seen>,
): Promise<ProcoreWritten | PlanMoved | Seen | Interruption> {
  const connection = connectionOf(deps, input.connectionId);
  return settle(async (): Promise<ProcoreWritten | PlanMoved | Seen> => {
    try {
      return await write(deps, connection, input, look);
    } catch (error) {
      // Not a matter for the person who sent the record: the plan is built and approved anew.
      if (isTiebackError(error) && error.class === 'policy') return { kind: 'moved', reason: error.message };
      throw error;
    }
  });
}

/** Null: the plan may be written. */
type Look<Seen> = (inHand: InHand, plan: Plan) => Promise<Seen | null>;

/** The approval does not hold, or the plan is not what was approved. */
export interface PlanMoved {
  readonly kind: 'moved';
  readonly reason: string;
}

async function write<Seen>(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: WriteProcoreInput,
  look?: Look<Seen>,
): Promise<ProcoreWritten | PlanMoved | Seen> {
  const found = await notingIncidents(deps, input, () =>
    deps.store.read(`${input.way}.approved`, async (t) => {
      await ahead(
        t.requests.get(input),
        t.requests.reading(input),
        t.plans.latest(input),
        isPaged(input.way) ? t.plans.newest(input) : t.plans.operations(input),
        t.audit.sealed(input, { planHash: input.planHash }),
        requesterOf(t, input),
        policyNow(t, connection, deps.people.keys),
      );
      const inHand = await inHandOf(t, connection, input);
      const before = await recordedBefore(t, inHand, input);
      return (
        before ?? {
          kind: 'open' as const,
          inHand,
          approved: await approvedPlan(t, input, input.way, deps.people.keys),
          policy: await policyNow(t, connection, deps.people.keys),
        }
      );
    }),
  );
  if (found.kind !== 'open') return found;
  const { policy } = found;
  const { row } = found.inHand;
  const { plan, decision, requestedBy, operations } = found.approved;
  if (operations.some(({ state, planHash }) => state === 'lost' && planHash === plan.hash)) return WAS_LOST;
  // What is in the ERP already is finished, whoever may approve now.
  if (!plan.operations.some(isErpWrite)) assertInForce({ policy, row, plan, requestedBy }, decision);
  await assertOwnOrigins(deps, connection);
  const seen = (await look?.(found.inHand, plan)) ?? null;
  if (seen !== null) return seen;
  return tell(deps, found.inHand, found.approved, input);
}

/** An approver said so before Procore was told. */
const WAS_LOST: PlanMoved = {
  kind: 'moved',
  reason: 'What was written is not in the ERP any more: it was restored from a backup.',
};

async function tell<W extends Way>(
  deps: ActivityDeps,
  given: InHand,
  approved: ApprovedPlan,
  input: WriteProcoreInput & { readonly way: W },
): Promise<ProcoreWritten> {
  const inHand = asWay(given, input.way);
  const { plan, page } = approved;
  const steps = waySteps(input.way);
  const snapshot =
    steps.needsSnapshot?.(plan) === true
      ? await deps.store.read(`${input.way}.snapshot`, (t) => snapshotOf(t, input, input.way))
      : null;
  const sent = steps.send
    ? await steps.send(inHand, approved, { snapshot, summary: input.summary })
    : await send(inHand.connection.procore, plan.operations.filter(isForProcore));
  return deps.store.transaction(
    `${input.way}.told`,
    input.connectionId,
    async (t): Promise<ProcoreWritten> => {
      await ahead(t.requests.get(input), t.plans.newest(input), ...(steps.asks?.(t, inHand, approved) ?? []));
      const current = { ...inHand, row: await t.requests.get(input) };
      const meanwhile = await recordedBefore(t, current, input);
      if (meanwhile) return meanwhile;
      const outcome = await steps.outcome(t, current, { approved, sent, snapshot, summary: input.summary });
      const released = await recordOutcome(t, { row: current.row, plan, page }, outcome, { now: deps.now() });
      if (outcome.close)
        return { kind: 'closed', result: outcome.close, released, numbers: numbersOf(outcome) };
      const refused = outcome.results.filter(({ state }) => state === 'refused').length;
      const faults = plan.leftOut.filter(({ waits }) => waits !== true).length;
      return {
        kind: 'written',
        written: outcome.results.length - refused,
        refused: refused + faults,
        released,
      };
    },
  );
}

/** By what people look for what was written. */
const numbersOf = ({ results }: Outcome): readonly string[] =>
  numbersIn(
    results.flatMap(({ erpKey, record }) => [
      erpKey,
      erpKey?.split('|').at(-1),
      record && textIn(record, 'code'),
    ]),
  );

/** What was recorded already, when the step is repeated because its answer was lost: Procore is not told again. */
async function recordedBefore(
  t: Repositories,
  inHand: InHand,
  input: ApprovedRef,
): Promise<ProcoreWritten | null> {
  const closed = await alreadyClosed(t, inHand.row);
  if (closed) return { kind: 'closed', ...closed };
  if (!isPaged(inHand.intent.way)) return null;
  const { state, hash } = (await t.plans.newest(input)) ?? {};
  if (state !== 'applied' || hash !== input.planHash) return null;
  const stored = await t.plans.latest(input);
  if (stored === null) return null;
  const { operations } = stored.body;
  const ofPage = await t.plans.operationsOf(input, { hash, operations });
  const refused = ofPage.filter(({ state }) => state === 'refused').length;
  const faults = stored.body.leftOut.filter(({ waits }) => waits !== true).length;
  const touched = [...new Set(ofPage.map(({ recordId }) => recordId))];
  const released = await t.waits.waitingFor(input.connectionId, touched);
  return { kind: 'written', written: ofPage.length - refused, refused: refused + faults, released };
}
