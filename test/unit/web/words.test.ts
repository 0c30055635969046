/** Codes of the API as people read them. */
import { texts } from '../../../web/src/texts/en';

test.each([
  ['lump_sum', 'lump sum'],
  ['set_external_data', 'set external data'],
  ['unpaired', 'without a partner'],
  ['something_of_tomorrow', 'something of tomorrow'],
  ['retainageHeld', 'retainage held'],
  ['acme-demo', 'acme-demo'],
  ['db.acme.example', 'db.acme.example'],
])('%s is read as "%s"', (code, words) => {
  expect(texts.word(code)).toBe(words);
});

test('a value is a code only where somebody has words for it: any other stays letter by letter', () => {
  expect(texts.value('lump_sum')).toBe('lump sum');
  expect(texts.value('tie_wire_9ga')).toBe('tie_wire_9ga');
  expect(texts.value('update')).toBe('update');
});

test('a status of tomorrow is read, too', () => {
  expect(texts.status('waiting_for_finance')).toBe('Needs approval');
  expect(texts.status('waiting_for_nobody')).toBe('waiting for nobody');
});

test.each([
  ['1 could not be (`tieback exceptions`).', '1 could not be (the page "Stuck").'],
  [
    'Correct it with `tieback correct erp/640020`, or `tieback reject erp/640020`.',
    'Correct it with "Correct", or "Reject".',
  ],
  [
    'Row 17 has 8.00 h 1: `tieback payroll decide payroll/1-1-2026-11-28 row 17 adopt` counts it, `ignore` leaves it aside.',
    'Row 17 has 8.00 h 1: "Adopt" counts it, "Ignore" leaves it aside.',
  ],
  ['`tieback links suggest vendor` shows them.', 'the page "Stuck" shows them.'],
  ['Run `tieback provision`.', 'Run `tieback provision`.'],
])('where the Desk has a button or a page, "%s" names it', (said, told) => {
  expect(texts.told(said)).toBe(told);
});
