import type { DeliveryFacts } from '../../../../src/domain/request/intake';
import { classifyDelivery } from '../../../../src/domain/request/intake';

const COMPANY = 4264807;
const facts = (more: Partial<DeliveryFacts> = {}): DeliveryFacts => ({
  resourceName: 'ERP Requests',
  resourceId: 640017,
  eventType: 'create',
  companyId: COMPANY,
  ...more,
});

test.each([
  ['as Procore sends it', facts()],
  ['without company', facts({ companyId: null })],
  ['with the largest id there is', facts({ resourceId: Number.MAX_SAFE_INTEGER })],
])('%s: a request to work on', (_name, delivery) => {
  expect(classifyDelivery(delivery, COMPANY)).toEqual({ kind: 'request', requestId: delivery.resourceId });
});

test.each<[string, DeliveryFacts | null, RegExp]>([
  ['no event', null, /not a webhook event/],
  ['no resource', facts({ resourceName: null }), /resource_name is missing/],
  ['another resource', facts({ resourceName: 'Departments' }), /"Departments" is not acted on/],
  ['an update', facts({ eventType: 'update' }), /only "create" is/],
  ['no kind of change', facts({ eventType: null }), /"nothing"/],
  ['no id', facts({ resourceId: null }), /not a usable id/],
  ['id 0', facts({ resourceId: 0 }), /not a usable id/],
  ['an id that is not safe', facts({ resourceId: 2 ** 53 }), /not a usable id/],
  ['half an id', facts({ resourceId: 1.5 }), /not a usable id/],
  ['another company', facts({ companyId: 1 }), /company 1 is not the company of this connection/],
])('%s: ignored, with the reason', (_name, delivery, reason) => {
  expect(classifyDelivery(delivery, COMPANY)).toEqual({
    kind: 'ignored',
    reason: expect.stringMatching(reason) as string,
  });
});

test.each([
  ['Company Vendors', 'update', 'vendor'],
  ['Projects', 'create', 'project'],
  ['Standard Cost Codes', 'update', 'standard_cost_code'],
  ['Line Item Types', 'update', 'line_item_type'],
])('%s that were told to %s mark a %s', (resourceName, eventType, record) => {
  const delivery = { resourceName, eventType, resourceId: 7, companyId: null };
  expect(classifyDelivery(delivery, 1)).toEqual({ kind: 'moved', record, procoreId: 7 });
  expect(classifyDelivery({ ...delivery, eventType: 'delete' }, 1)).toMatchObject({ kind: 'ignored' });
});
