import type { Correction, Decision, REQUEST_UPDATES } from '../request/flow';
import type { RequestRef } from '../request/id';
import type { Statement } from './signature';

type UpdateName = (typeof REQUEST_UPDATES)[keyof typeof REQUEST_UPDATES];

/** What the daemon signs of a decision: all of it, the request it is about, and which answer it is. */
export function decisionStatement(
  { connectionId, id }: RequestRef,
  update: UpdateName,
  input: Decision | Correction,
): Statement {
  // Canonical JSON leaves out what is undefined.
  return { ...input, signatures: undefined, purpose: 'decision', connectionId, requestId: id, update };
}

const ACTING = ' acting as ';

/** Who the log says decided: the person, also where it was in the name of another, or the account of the machine that decided in their name. */
export function actorOf({ by, account, inNameOf }: Pick<Decision, 'by' | 'account' | 'inNameOf'>): string {
  if (account !== null) return `${account}${ACTING}${by}`;
  return inNameOf === undefined ? by : `${by} in the name of ${inNameOf}`;
}

/** The account of the machine that acted in the name of somebody, where the log says so (break-glass); null: the person did. */
export function actingAs(actor: string): { readonly account: string; readonly person: string } | null {
  const at = actor.indexOf(ACTING);
  return at < 0 ? null : { account: actor.slice(0, at), person: actor.slice(at + ACTING.length) };
}
