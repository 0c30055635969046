import { asWay, readBody } from '../../../src/activities/in-hand';
import { MASKED } from '../../../src/domain/base/personal';
import type { ReadRequest } from '../../../src/domain/request/intent';
import { exportOf } from '../domain/records';
import { vendorDraft } from '../domain/vendors';

const ROW = { connectionId: 'acme', id: 'erp/640018', erpRequestId: 640018 };

/** A reader that takes the name, as it stands there, for that of a vendor. */
const procore = {
  readerVersion: '1',
  readRequest: (received: unknown): ReadRequest => ({
    eventName: 'create_vendor',
    subject: 'Vendor',
    questions: [],
    intent: exportOf(vendorDraft({ name: String((received as { name: string }).name), code: null })),
  }),
} as unknown as Parameters<typeof readBody>[0]['procore'];

test('a body is stored with what it was read as', () => {
  const { body, reading } = readBody({ procore }, ROW, { name: 'Cobalt Mechanical' });
  expect(body).toEqual({ received: { name: 'Cobalt Mechanical' }, answers: {}, changes: [] });
  expect(reading.intent).toMatchObject({
    way: 'export',
    records: [{ fields: { name: 'Cobalt Mechanical' } }],
  });
});

test('a stored body that is read again never carries what was masked in it', () => {
  const received = { name: `Cobalt ${MASKED}` };
  const { body, reading } = readBody({ procore }, ROW, received, { answers: {}, changes: ['It changed.'] });
  expect(body.received).toEqual(received);
  expect(reading.intent).toMatchObject({
    way: 'malformed',
    problems: [`a value is stored as ${MASKED}, and this version reads it: send it again from Procore`],
  });
  const inHand = { row: ROW, connection: { procore }, intent: reading.intent };
  expect(() => asWay(inHand as unknown as Parameters<typeof asWay>[0], 'export')).toThrow(
    /The ERP request cannot be read: a value is stored as/,
  );
});
