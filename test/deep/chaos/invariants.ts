/** What must hold at the end of a chaos run, whatever was killed or put back. Answers sentences; none: all is well. */
import { isOfReconcile } from '../../../src/domain/request/id';
import type { FinalStatus } from '../../../src/domain/request/status';
import { isFinal } from '../../../src/domain/request/status';
import type { Installation, StoredRequest } from './installation';
import type { Raised } from './people';

export function problemsOf(on: Installation, raised: readonly Raised[]): string[] {
  const stored = new Map(on.requests().map((row) => [row.erp_request_id, row]));
  return [
    ...doubles(on),
    ...raised.flatMap((one) => problemsWith(on, one, stored.get(one.requestId))),
    ...nobodyRaised(on, raised),
    ...on.procore.violations().map(({ message, where }) => `Procore does not document ${where}: ${message}`),
  ];
}

/** Nothing twice: ledger, vendors, commitments. */
function doubles(on: Installation): string[] {
  const ledger = on.erp.ledger();
  return [
    ...twice(
      'operation',
      ledger.map(({ operation_key }) => operation_key),
    ),
    ...twice(
      'generation',
      ledger.map(({ record_id, generation }) => `${record_id} ${generation}`),
    ),
    ...twice(
      'vendor',
      on.erp.vendors().map(({ Name }) => Name),
    ),
    ...twice(
      'commitment',
      on.erp.commitments().map(({ SL }) => String(SL)),
    ),
  ];
}

const twice = (what: string, names: readonly string[]): string[] =>
  names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `${what} ${name} is in the ERP twice`);

function problemsWith(on: Installation, raised: Raised, row: StoredRequest | undefined): string[] {
  const name = `request ${raised.requestId} (${raised.what})`;
  if (row === undefined) return [`${name} is not in our store`];
  const { status, reason } = row;
  if (!isFinal(status)) return [`${name} is still ${status}: ${reason ?? ''}`];
  const problems: string[] = [];
  // A rejection that an older store forgot is adopted as Procore shows it, which has no other word for it.
  const isForgotten =
    raised.verdict === 'rejected' && status === 'failed' && reason?.startsWith('Closed before') === true;
  if (raised.verdict !== null && raised.verdict !== status && !isForgotten)
    problems.push(`${name} is ${status} (${reason ?? ''}), and should be ${raised.verdict}`);
  problems.push(...detailProblems(on, raised, status));
  const wanted = status === 'applied';
  const there = inErp(on, raised);
  if (there !== null && there !== wanted)
    problems.push(`${name} is ${status}, and its record is ${there ? '' : 'not '}in the ERP`);
  return problems;
}

/** Procore's users see what our store says. */
function detailProblems(on: Installation, { requestId, what }: Raised, status: FinalStatus): string[] {
  const requests = on.procore.state().companies[0]?.requests ?? [];
  const details = requests.find(({ id }) => id === requestId)?.details ?? [];
  const closed = status === 'applied' ? 'success' : 'failed';
  const wrong = details.filter((detail) => detail.status !== closed);
  return wrong.map(
    (detail) =>
      `request ${requestId} (${what}) is ${status}, and its detail ${detail.id} is "${detail.status}"`,
  );
}

/** Whether its record is in the ERP; null: it is about none. */
export function inErp(on: Installation, { vendor, commitment }: Raised): boolean | null {
  if (vendor !== undefined) return on.erp.vendors().some(({ Name }) => Name === vendor);
  if (commitment !== undefined) return on.erp.commitments().some(({ SL }) => SL === commitment);
  return null;
}

function nobodyRaised(on: Installation, raised: readonly Raised[]): string[] {
  const known = new Set(raised.map(({ requestId }) => requestId));
  return (
    on
      .requests()
      // What a reconcile finds it raises itself.
      .filter(({ id, erp_request_id: raisedAs }) => !known.has(raisedAs) && !isOfReconcile(id))
      .map(({ id }) => `${id} is in our store, and nobody raised it`)
  );
}

/** What we say was written and the ERP's ledger does not know: told by two tables, without Tieback. */
export function lostWrites(on: Installation): string[] {
  const known = new Set(on.erp.ledger().map(({ operation_key }) => operation_key));
  return on
    .rows<{ operation_key: string }>(
      `SELECT operation_key FROM operation WHERE side = 'erp' AND state IN ('written', 'confirmed')`,
    )
    .map(({ operation_key }) => operation_key)
    .filter((key) => !known.has(key));
}
