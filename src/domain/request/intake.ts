import type { ReconciledKind } from './id';

/** The part of a webhook delivery that intake looks at. */
export interface DeliveryFacts {
  readonly resourceName: string | null;
  readonly resourceId: number | null;
  readonly eventType: string | null;
  readonly companyId: number | null;
}

/** Resources of webhooks whose events only mark a record, by kind ("Webhooks API": names are data of Procore, read at `webhooks/resources`). */
export const MOVING: Readonly<Record<string, ReconciledKind>> = {
  'Company Vendors': 'vendor',
  Projects: 'project',
  'Standard Cost Codes': 'standard_cost_code',
  'Line Item Types': 'line_item_type',
};

/** Resource of webhooks of projects that tell of timecards. No project is given a hook by us; who wants timecards within seconds adds one. */
const TIMECARDS = 'Timecard Entries';

export type IntakeDecision =
  | { readonly kind: 'request'; readonly requestId: number }
  /** A record that is reconciled moved in Procore: it is looked at soon. */
  | { readonly kind: 'moved'; readonly record: ReconciledKind; readonly procoreId: number }
  /** Somebody entered, changed or deleted time: timecards are looked at soon. */
  | { readonly kind: 'timecards' }
  | { readonly kind: 'ignored'; readonly reason: string };

/**
 * What a webhook leads to. It is only a hint: the ERP request itself is fetched. Everything that is not the creation of an ERP request of
 * our company is kept with the reason why nothing follows from it.
 */
export function classifyDelivery(delivery: DeliveryFacts | null, companyId: number): IntakeDecision {
  const ignored = (reason: string): IntakeDecision => ({ kind: 'ignored', reason });
  if (delivery === null) return ignored('the body is not a webhook event');
  const { resourceName, resourceId, eventType } = delivery;
  if (resourceName === null) return ignored('not a webhook event: resource_name is missing');
  if (resourceName === TIMECARDS)
    return delivery.companyId === null || delivery.companyId === companyId
      ? { kind: 'timecards' }
      : ignored(`company ${delivery.companyId} is not the company of this connection (${companyId})`);
  const record = MOVING[resourceName];
  if (resourceName !== 'ERP Requests' && record === undefined)
    return ignored(`resource "${resourceName}" is not acted on`);
  if (record !== undefined && eventType !== 'create' && eventType !== 'update')
    return ignored(`"${eventType ?? 'nothing'}" of a ${record} is not acted on; the next full look finds it`);
  if (record === undefined && eventType !== 'create')
    return ignored(`"${eventType ?? 'nothing'}" of an ERP request is not acted on; only "create" is`);
  if (resourceId === null || !Number.isSafeInteger(resourceId) || resourceId <= 0)
    return ignored('resource_id is not a usable id');
  if (delivery.companyId !== null && delivery.companyId !== companyId) {
    return ignored(`company ${delivery.companyId} is not the company of this connection (${companyId})`);
  }
  return record === undefined
    ? { kind: 'request', requestId: resourceId }
    : { kind: 'moved', record, procoreId: resourceId };
}
