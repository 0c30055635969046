import type { Approver } from '../request/connection-policy';
import { DECIDED } from '../request/connection-policy';
import type { Grant } from './access';

/** What the approvers of connections are let in for. */
export const grantsOfApprover = (
  connections: readonly {
    readonly id: string;
    readonly policy: { readonly approvers: readonly Approver[] };
  }[],
  person: string,
): readonly Grant[] =>
  connections.flatMap(({ id, policy }) =>
    policy.approvers
      .filter((approver) => approver.id === person)
      .flatMap(({ decides = DECIDED }) =>
        decides.map((about): Grant => ({
          role: about === 'payroll' ? 'payroll' : 'approver',
          connections: [id],
          projects: null,
        })),
      ),
  );
