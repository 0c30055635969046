import fc from 'fast-check';
import type { ErrorCode } from '../../../../src/domain/base/errors';
import { ERROR_TABLE, TiebackError } from '../../../../src/domain/base/errors';
import type { Intent } from '../../../../src/domain/request/intent';
import { failureInProcore, inProcore } from '../../../../src/domain/request/procore-words';

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];
const WAYS: Intent['way'][] = [
  'export',
  'sync',
  'release',
  'refresh',
  'links',
  'metadata',
  'malformed',
  'unsupported',
];

test.each(CODES)('%s is told in Procore without a word about how Tieback is operated', (code) => {
  const told = inProcore(new TiebackError(code, { reason: 'the name is empty' }).toShape());
  expect(told).not.toMatch(/`|tieback|credential|config|store|ledger|generation|database|permission/i);
  expect(told).toMatch(/^[A-Z].*[^ ]$/);
});

test('what is wrong with the record is told as it is', () => {
  const error = new TiebackError('ERP_REFUSED', { reason: 'there is no cost type "X".' });
  expect(inProcore(error.toShape())).toBe('The ERP refused the record: there is no cost type "X".');
});

test('at most twenty sentences and a count, each short, then what to do', () => {
  const sentences = fc.array(fc.string({ maxLength: 600 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.constantFrom(...WAYS), sentences, (way, given) => {
      const messages = failureInProcore(way, given);
      expect(messages).toHaveLength(Math.min(given.length, 21) + 1);
      for (const message of messages) expect([...message].length).toBeLessThanOrEqual(250);
      expect(messages.at(-1)).toMatch(/ask accounting|Ask accounting/);
      if (given.length > 21) expect(messages[20]).toBe(`... and ${given.length - 20} more.`);
    }),
  );
});
