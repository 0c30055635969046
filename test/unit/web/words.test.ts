/** Codes of the API as people read them. */
import { texts } from '../../../web/src/texts/en';

test.each([
  ['lump_sum', 'lump sum'],
  ['set_external_data', 'tie to the ERP'],
  ['unpaired', 'on one side only'],
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
