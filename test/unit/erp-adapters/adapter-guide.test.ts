import { readFileSync } from 'node:fs';
import { CONFORMANCE_PROMISES } from '../../../src/erp-adapters/contract/conformance';

test('the adapter guide says how many questions there are', () => {
  const { ofAdapter, ofKind } = CONFORMANCE_PROMISES;
  const guide = readFileSync('docs/adapter-guide.md', 'utf8').replace(/\s+/g, ' ');
  const numbers =
    /(\d+) questions about the adapter and (\d+) about every kind.*The `safe` ones \((\d+)\)/.exec(guide);
  const safe = [...ofAdapter, ...ofKind].filter(({ level }) => level === 'safe').length;
  expect(numbers?.slice(1).map(Number)).toEqual([ofAdapter.length, ofKind.length, safe]);
});
