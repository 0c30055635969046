import type { AuditEntry } from '../domain/audit/chain';
import type { Plan } from '../domain/plan/plan';
import { decide } from '../domain/request/policy';
import type { PlanView } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';
import { auditEntry } from './ledger';

/** Decides by an earlier approval, or by policy; sets the status that follows. */
export async function settlePlan(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
  askFinance: string | null,
  now: string,
  audit: AuditEntry[],
): Promise<PlanView> {
  const { connectionId, requestId } = row;
  const earlier = await t.plans.approval(row, plan.hash);
  const policy = decide(plan, row.eventName ?? '', connection.policy.rules);
  const rejected = earlier?.decision === 'rejected';
  // Where the ERP asks for a person, the approval of a rule is not enough.
  const holds =
    earlier?.decision === 'approved' && (askFinance === null || !earlier.decidedBy.startsWith('rule:'));
  const approved = !rejected && (holds || (askFinance === null && policy.decision === 'approve'));
  const by = rejected || holds ? (earlier?.decidedBy ?? '') : `rule:${policy.rule}`;
  if (approved && !holds) {
    await t.plans.decide({
      connectionId,
      requestId,
      planHash: plan.hash,
      decision: 'approved',
      decidedBy: by,
      comment: '',
      channel: 'policy',
      at: now,
    });
    audit.push(auditEntry(row, now, 'approval.granted', { actor: by, planHash: plan.hash }));
  }
  const why =
    policy.rule === 'default'
      ? 'No policy rule approves this plan.'
      : `Policy rule "${policy.rule}" asks finance.`;
  const waiting = askFinance ?? (plan.warnings.length > 0 ? plan.warnings.join(' ') : why);
  await t.requests.setStatus(
    row,
    approved ? 'applying' : 'waiting_for_finance',
    approved ? null : waiting,
    now,
  );
  const { approvers, requireSecondPerson } = connection.policy;
  const allowed = approvers.filter(
    ({ procoreUserId }) =>
      !requireSecondPerson || procoreUserId === undefined || procoreUserId !== row.requestedBy,
  );
  return {
    kind: 'plan',
    hash: plan.hash,
    decision: rejected ? 'rejected' : approved ? 'approve' : 'ask_finance',
    by,
    comment: rejected ? (earlier?.comment ?? '') : '',
    operations: plan.operations.length,
    warnings: plan.warnings.length,
    approvers: allowed.map(({ id }) => id),
  };
}
