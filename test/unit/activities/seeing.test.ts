import { seeing } from '../../../src/activities/reconcile/see';
import { TiebackError } from '../../../src/domain/base/errors';
import type { SeenRecord } from '../../../src/procore/port';

const IDS = Array.from({ length: 400 }, (_, index) => index + 1);
const recordOf = (id: number): SeenRecord =>
  ({ draft: { procoreId: id }, changedAt: null }) as unknown as SeenRecord;

/** A list that shows all but these, and a record that is nowhere. */
function listWithout(hidden: readonly number[], isMoved: boolean) {
  const asked: number[][] = [];
  const port = {
    scan: async function* () {
      yield IDS.filter((id) => !hidden.includes(id) && id !== 400).map(recordOf);
      if (isMoved) throw new TiebackError('PROCORE_LIST_MOVED', { what: 'vendors', reason: 'it moved' });
    },
    see: (ids: readonly number[]) => {
      asked.push([...ids]);
      return Promise.resolve(ids.filter((id) => id !== 400).map(recordOf));
    },
  };
  return { port, asked };
}

test.each([
  ['a list that has most of them', [7], false, 400, [[7, 400]]],
  ['a list that moved while it was read', [7, 8], true, 400, [[7, 8, 400]]],
  ['a list that is longer than asking', [], false, 100_000, [IDS]],
])('%s: every record that exists is seen, once', async (_what, hidden, isMoved, known, expected) => {
  const { port, asked } = listWithout(hidden, isMoved);
  const seen = await seeing(port, known)(IDS, {});
  const ids = seen.map(({ draft }) => draft.procoreId);
  expect(ids.sort((a, b) => a - b)).toEqual(IDS.slice(0, -1));
  expect(asked).toEqual(expected);
});
