import * as fc from 'fast-check';
import type { Intent } from '../../../../src/domain/request/intent';
import { searchTextOf, withWords } from '../../../../src/domain/request/search';
import { anyText, budget, commitment, exportOf, ref } from '../records';
import { vendorDraft } from '../vendors';

const linesOf = (intent: Intent, subject = 'Subject'): string[] => {
  const [first = '', number, event, ...more] = searchTextOf(
    { eventName: 'Event_Name', intent, subject },
    'erp/5012',
  ).split('\n');
  expect([number, event]).toEqual(['5012', 'event_name']);
  return [first, ...more];
};

test('an export is found by its subject, and by label, number, name, origin_id and references of its records', () => {
  expect(linesOf(exportOf(commitment({ originId: 'commitment|1|77' })), 'HVAC at Eastgate')).toEqual([
    'hvac at eastgate',
    'commitment sc-008 "hvac"',
    '71',
    'commitment|1|77',
    'sc-008',
    'hvac',
    'project 9',
    'project|1|1024',
    '9',
    'vendor 8',
    'vendor|1|10442',
    '8',
  ]);
});

test('a vendor without a number is found by its name', () => {
  expect(linesOf(exportOf(vendorDraft({ code: null })))).toEqual([
    'subject',
    'vendor "cobalt mechanical llc"',
    '98127745',
    'cobalt mechanical llc',
  ]);
});

test('payments and invoices are found by the numbers people know them by', () => {
  const fields = { code: 'P-1', invoiceNumber: 'INV-7', requisitionNumber: 'R-3' };
  expect(linesOf(exportOf(commitment({ fields, refs: {} })))).toEqual(
    expect.arrayContaining(['p-1', 'inv-7', 'r-3']),
  );
});

test.each<[string, Intent, readonly string[]]>([
  [
    'a release',
    {
      way: 'release',
      about: 'unlink',
      detailIds: [],
      items: [
        {
          target: 'commitment',
          itemType: 'work_order_contract',
          procoreId: 71,
          originId: 'commitment|1|77',
          projectId: 9,
          subJobId: null,
          detailId: null,
          label: 'Commitment SC-008',
          lines: null,
          assignment: null,
        },
      ],
    },
    ['subject', 'commitment sc-008', '71', 'commitment|1|77'],
  ],
  [
    'a merge',
    {
      way: 'links',
      how: 'merged',
      label: 'Companies merged',
      records: [
        { target: 'vendor', procoreId: 8, originId: 'vendor|1|2', projectOriginId: null, title: 'Cobalt' },
      ],
      master: { target: 'vendor', procoreId: 7, originId: 'vendor|1|1', projectOriginId: null, title: null },
      wholeProjectId: null,
    },
    ['subject', '8', 'vendor|1|2', 'cobalt', 'companies merged', 'vendor|1|1', '7'],
  ],
  [
    'a refresh',
    {
      way: 'refresh',
      kind: 'project',
      originId: 'project|1|1024',
      projectId: 9,
      subJobId: null,
      why: 'periodic',
      label: 'Job 1024',
    },
    ['subject', 'job 1024', 'project|1|1024', '9'],
  ],
  ['a sync', { way: 'sync', kind: 'vendor', detailIds: [], listId: null }, ['subject']],
  ['the metadata', { way: 'metadata' }, ['subject']],
  ['what is not supported', { way: 'unsupported', known: true, detailIds: [] }, ['subject']],
  ['what cannot be read', { way: 'malformed', problems: ['x'], detailIds: [] }, ['subject']],
])('%s', (_name, intent, expected) => {
  expect(linesOf(intent)).toEqual(expected);
});

test('what is said twice, or nothing, takes no room', () => {
  const draft = budget([], { label: 'Subject', refs: { job: ref('project', 9, null, ' Subject ') } });
  expect(linesOf(exportOf(draft, draft))).toEqual(['subject', '31', '9']);
});

test('what was written is added once, and what there is no room for is left out', () => {
  const text = withWords('cobalt mechanical\npo-1234', ['1|10442', ' PO-1234 ', null, 10442]);
  expect(text.split('\n')).toEqual(['cobalt mechanical', 'po-1234', '1|10442', '10442']);
  expect(withWords(text, ['x'.repeat(5000)]).length).toBe(4000);
});

test('it fits its column whatever the request says, and is whole characters in lower case', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 5 }), fc.nat(4100), (texts, length) => {
      const drafts = texts.map(([code, label]) => commitment({ label, fields: { code } }));
      const subject = `${'x'.repeat(length)}🏗`;
      const text = searchTextOf({ eventName: 'e', intent: exportOf(...drafts), subject }, 'erp/5012');
      expect(text.length).toBeLessThanOrEqual(4000);
      expect(text).not.toMatch(/\p{Surrogate}/u);
      expect(text.startsWith('x'.repeat(Math.min(length, 4000)))).toBe(true);
    }),
  );
});
