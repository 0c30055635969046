import fc from 'fast-check';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import type { HandMove } from '../../../../src/domain/reconcile/by-hand';
import { moveByHand } from '../../../../src/domain/reconcile/by-hand';
import { linkOf, recordOf } from '../records';

const A = linkOf('vendor', 981, '1|A', {
  id: 'a',
  generation: 4,
  erp: recordOf({ name: 'A' }),
  erpRevision: 'x',
});
const B = linkOf('vendor', 982, '1|B', { id: 'b', generation: 7 });
const STAGED = linkOf('vendor', null, '1|S', { id: 's', state: 'staged', generation: 2 });
const LINKS = [A, B, STAGED];
const empty = { procore: null, erp: null, erpRevision: null };

test.each<[string, HandMove, object]>([
  [
    'two that nobody linked',
    { how: 'link', erpKey: '1|N', procoreId: 990 },
    { kind: 'vendor', erpKey: '1|N', procoreId: 990, state: 'linked', generation: 1, ...empty },
  ],
  [
    'one that waits for import',
    { how: 'link', erpKey: '1|S', procoreId: 990 },
    { ...STAGED, procoreId: 990, state: 'linked', generation: 3 },
  ],
  ['unlinked', { how: 'unlink', erpKey: '1|A' }, { ...A, state: 'unlinked', generation: 5 }],
  [
    'another record of Procore: what was compared before is of no use',
    { how: 'relink', erpKey: '1|A', procoreId: 990 },
    { ...A, ...empty, procoreId: 990, generation: 5 },
  ],
  [
    'another key in the ERP: the link stays the same one',
    { how: 'rename', erpKey: '1|A', to: '1|N' },
    { ...A, ...empty, erpKey: '1|N', generation: 5 },
  ],
  [
    'merged into one without a link',
    { how: 'merge', procoreId: 981, into: 990 },
    { ...A, ...empty, procoreId: 990, generation: 5 },
  ],
  [
    'merged into one with a link',
    { how: 'merge', procoreId: 981, into: 982 },
    { ...A, state: 'merged', generation: 5 },
  ],
])('%s', (_what, move, expected) => {
  expect(moveByHand('vendor', move, LINKS)).toEqual({ moved: [expected] });
});

test.each<[string, HandMove, RegExp, RegExp]>([
  [
    'linked already',
    { how: 'link', erpKey: '1|A', procoreId: 981 },
    /1\|A of the ERP and vendor\/981 in Procore are linked already/,
    /nothing to do/,
  ],
  [
    'the ERP record has a partner',
    { how: 'link', erpKey: '1|A', procoreId: 990 },
    /Vendor 1\|A of the ERP is linked to vendor\/981/,
    /relink vendor "1\|A" 990/,
  ],
  [
    'the record of Procore has one',
    { how: 'link', erpKey: '1|N', procoreId: 982 },
    /vendor\/982 in Procore is linked to Vendor 1\|B/,
    /unlink vendor "1\|B"/,
  ],
  [
    'nothing to unlink',
    { how: 'unlink', erpKey: '1|S' },
    /Vendor 1\|S of the ERP is not linked \(staged\)/,
    /lists what is linked/,
  ],
  [
    'nothing to relink',
    { how: 'relink', erpKey: '1|N', procoreId: 990 },
    /Vendor 1\|N of the ERP has no link/,
    /lists/,
  ],
  [
    'relinked to one that has a partner',
    { how: 'relink', erpKey: '1|A', procoreId: 982 },
    /vendor\/982 in Procore is linked to Vendor 1\|B/,
    /unlink vendor "1\|B"/,
  ],
  [
    'relinked to its own',
    { how: 'relink', erpKey: '1|A', procoreId: 981 },
    /are linked already/,
    /nothing to do/,
  ],
  [
    'nothing to merge',
    { how: 'merge', procoreId: 990, into: 981 },
    /vendor\/990 in Procore is linked to nothing/,
    /first/,
  ],
  [
    'renamed to one that is linked',
    { how: 'rename', erpKey: '1|A', to: '1|B' },
    /Vendor 1\|B of the ERP is linked to/,
    /unlink vendor "1\|B"/,
  ],
  [
    'renamed to one that waits for import',
    { how: 'rename', erpKey: '1|A', to: '1|S' },
    /ready to import/,
    /Dismiss it there/,
  ],
  ['merged into itself', { how: 'merge', procoreId: 981, into: 981 }, /one record/, /stays/],
])('%s is refused', (_what, move, problem, hint) => {
  expect(moveByHand('vendor', move, LINKS)).toEqual({
    problem: expect.stringMatching(problem) as string,
    hint: expect.stringMatching(hint) as string,
  });
});

test('whatever people do, every key and every id stays in one link in force, and no link takes a step it may not', () => {
  const erpKey = fc.constantFrom('1|A', '1|B', '1|C');
  const procoreId = fc.constantFrom(1, 2, 3);
  const move: fc.Arbitrary<HandMove> = fc.oneof(
    fc.record({ how: fc.constantFrom('link' as const, 'relink' as const), erpKey, procoreId }),
    fc.record({ how: fc.constant('unlink' as const), erpKey }),
    fc.record({ how: fc.constant('rename' as const), erpKey, to: erpKey }),
    fc.record({ how: fc.constant('merge' as const), procoreId, into: procoreId }),
  );
  const unique = (values: readonly unknown[]): void => expect(new Set(values).size).toBe(values.length);
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
      let links: readonly RecordLink[] = [];
      for (const one of moves) {
        const verdict = moveByHand('vendor', one, links);
        if ('problem' in verdict) continue;
        for (const next of verdict.moved) {
          const isIt = (link: RecordLink): boolean =>
            next.id === undefined ? link.erpKey === next.erpKey : link.id === next.id;
          const before = links.find(isIt);
          const from: LinkState | 'none' = before?.state ?? 'none';
          expect(canBecome(from, next.state)).toBe(true);
          expect(next.generation).toBe((before?.generation ?? 0) + 1);
          links = [{ ...next, id: before?.id ?? `${links.length}` }, ...links.filter((link) => !isIt(link))];
        }
        const linked = links.filter(({ state }) => state === 'linked');
        unique(linked.map((link) => link.erpKey));
        unique(linked.map((link) => link.procoreId));
      }
    }),
  );
});
