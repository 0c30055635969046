import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import { linksShown } from '../../../../src/domain/plan/links-shown';

const link = (erpKey: string, procoreId: number, more: Partial<RecordLink> = {}): RecordLink => ({
  id: `${erpKey}-${procoreId}`,
  kind: 'vendor',
  erpKey,
  procoreId,
  state: 'linked',
  generation: 3,
  procore: null,
  erp: null,
  erpRevision: null,
  ...more,
});
const tie = (procoreId: number, erpKey: string | null) => ({ kind: 'vendor' as const, procoreId, erpKey });
const words = (links: readonly RecordLink[]): string[] =>
  links.map(({ erpKey, procoreId, state, generation }) => `${erpKey}=${procoreId} ${state} ${generation}`);

test.each([
  ['a tie that nobody knew', [], [tie(7, '1|5')], ['1|5=7 linked 1'], ['1|5=7 linked 1']],
  ['a tie that is known', [link('1|5', 7)], [tie(7, '1|5')], [], []],
  ['no tie, no link', [], [tie(7, null)], [], []],
  ['a tie that is gone', [link('1|5', 7)], [tie(7, null)], [], ['1|5=7 unlinked 4']],
  [
    'a link that was let go comes back',
    [link('1|5', 7, { state: 'unlinked' })],
    [tie(7, '1|5')],
    ['1|5=7 linked 4'],
    ['1|5=7 linked 4'],
  ],
  [
    'a staged record that was imported',
    [{ ...link('1|5', 7, { state: 'staged' }), procoreId: null }],
    [tie(7, '1|5')],
    ['1|5=7 linked 4'],
    ['1|5=7 linked 4'],
  ],
  ['the ERP record is linked to somebody else', [link('1|5', 8)], [tie(7, '1|5')], [], []],
  [
    '... who was merged into this one',
    [link('1|5', 8)],
    [tie(8, null), tie(7, '1|5')],
    [],
    ['1|5=7 linked 4'],
  ],
  [
    'the record was tied to another one since',
    [link('1|5', 7)],
    [tie(7, '1|6')],
    [],
    ['1|5=7 unlinked 4', '1|6=7 linked 1'],
  ],
])('%s', (_, links, shown, comes, comesAndGoes) => {
  expect(words(linksShown(links, shown, false))).toEqual(comes);
  expect(words(linksShown(links, shown, true))).toEqual(comesAndGoes);
});

test('the generation goes on behind what the ledger of the ERP knows', () => {
  expect(linksShown([], [{ ...tie(7, '1|5'), generation: 4 }], false)[0]?.generation).toBe(4);
  const known = link('1|5', 7, { state: 'unlinked', generation: 9 });
  expect(linksShown([known], [{ ...tie(7, '1|5'), generation: 4 }], false)[0]?.generation).toBe(10);
});
