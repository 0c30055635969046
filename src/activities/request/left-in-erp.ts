import { isTiebackError } from '../../domain/base/errors';
import type { RequestRef } from '../../domain/request/id';
import { isKind } from '../../domain/kinds';
import { isErpWrite } from '../../domain/plan/operation';
import type { Repositories } from '../../store/repositories';
import type { OperationRow } from '../../store/rows';
import type { ConnectionParts } from '../deps';
import { nameOfRecord } from '../export/name';

/** What of a request is in the ERP, or may be. */
export interface LeftInErp {
  readonly written: readonly OperationRow[];
  /** Keys of what was approved, and of which our store does not know what became: a write whose answer was lost is only in the ERP's ledger. */
  readonly open: readonly string[];
}

export const NOTHING_LEFT: LeftInErp = { written: [], open: [] };

/** Of an export: nothing else is written to the ERP. */
export async function leftOf(t: Repositories, ref: RequestRef): Promise<LeftInErp> {
  const approved = (await t.plans.approvalsOf(ref)).filter(({ decision }) => decision === 'approved');
  if (approved.length === 0) return NOTHING_LEFT;
  const hashes = new Set(approved.map(({ planHash }) => planHash));
  const [operations, plans] = await Promise.all([t.plans.operations(ref), t.plans.all(ref)]);
  const known = new Set(operations.map(({ operationKey }) => operationKey));
  const open = plans
    .filter(({ hash }) => hashes.has(hash))
    .flatMap(({ body }) => body.operations.filter(isErpWrite).map(({ operationKey }) => operationKey))
    .filter((key) => !known.has(key));
  const written = operations.filter(({ side, state }) => side === 'erp' && state === 'written');
  return { written, open: [...new Set(open)] };
}

/** Sentences for people, when a request is given up or runs out of time: nobody should believe that the ERP knows nothing of it. */
export async function toldOfLeft(
  { erp }: Pick<ConnectionParts, 'erp'>,
  { written, open }: LeftInErp,
): Promise<readonly string[]> {
  const names = written.map(({ recordId, erpKey, record }) => {
    const kind = recordId.slice(0, recordId.indexOf('/'));
    return isKind(kind) && record !== null ? nameOfRecord(kind, erpKey ?? '', record) : (erpKey ?? recordId);
  });
  const unsure: string[] = [];
  if (open.length > 0)
    try {
      const found = await within(LONGEST_MS, erp.ledger.find(open));
      if (found === null) unsure.push(notKnown('it does not answer'));
      else names.push(...found.map(({ recordId, erpKey }) => `${recordId} as ${erpKey}`));
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      unsure.push(notKnown(error.message));
    }
  const more = names.length > MOST_LEFT ? ` and ${names.length - MOST_LEFT} more` : '';
  const left = `In the ERP already, and not linked in Procore: ${names.slice(0, MOST_LEFT).join(', ')}${more}.`;
  return [...(names.length === 0 ? [] : [left]), ...unsure];
}

/** Null: it took longer. */
async function within<T>(milliseconds: number, call: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  return Promise.race([call, late]).finally(() => clearTimeout(timer));
}

const notKnown = (why: string): string =>
  `It was approved, and whether it is in the ERP could not be asked (${why}): look there before it is sent again.`;

const MOST_LEFT = 5;
/** Closing does not wait longer for the ERP. */
const LONGEST_MS = 30_000;
