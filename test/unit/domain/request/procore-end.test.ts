import type { Intent } from '../../../../src/domain/request/intent';
import {
  detailsOf,
  endByTies,
  endIn,
  isFresh,
  isToldByTies,
  nextLook,
  resultOf,
  standingIn,
} from '../../../../src/domain/request/procore-end';

const asked = (...ids: number[]) => ids.map((detailId) => ({ detailId, itemId: null }));
const shown = (id: number, status: string, ...messages: string[]) => ({ id, status, messages });

test.each([
  ['no detail', asked(), [], 'unknown'],
  ['a detail that is not shown', asked(1), [shown(2, 'success')], 'unknown'],
  ['one of two that is not shown', asked(1, 2), [shown(2, 'success')], 'unknown'],
  ['one that is open beside one that is not shown', asked(1, 2), [shown(2, 'open')], 'open'],
  ['one open, one closed', asked(1, 2), [shown(1, 'success'), shown(2, 'in progress')], 'open'],
  ['a word nobody published', asked(1), [shown(1, 'exporting')], 'open'],
  ['all well', asked(1, 2), [shown(1, 'success'), shown(2, 'success')], 'success'],
  ['one failed', asked(1, 2), [shown(1, 'success'), shown(2, 'failed')], 'failed'],
  ['rejected', asked(1), [shown(1, 'rejected')], 'failed'],
  ['stale', asked(1), [shown(1, 'stale')], 'failed'],
] as const)('%s', (_, details, found, standing) => {
  expect(standingIn(details, found)).toBe(standing);
  const isEnd = standing === 'success' || standing === 'failed';
  expect(endIn(details, found)?.status).toBe(isEnd ? standing : undefined);
});

test('a request ends as Procore shows it, in the words that Procore shows', () => {
  const failed = endIn(asked(1, 2), [
    shown(1, 'success', 'fine'),
    shown(2, 'failed', 'No such code.'),
    shown(9, 'failed', 'else'),
  ]);
  expect(failed).toEqual({ status: 'failed', messages: ['No such code.'] });
  expect(failed && resultOf(failed)).toEqual({
    status: 'failed',
    summary: 'Closed before, Procore shows it as failed: No such code.',
  });
  expect(endIn(asked(1), [shown(1, 'stale')])?.messages).toEqual(['stale']);
  expect(resultOf({ status: 'success', messages: [] })).toEqual({
    status: 'applied',
    summary: 'Done before, as Procore shows it.',
  });
});

test('a request knows its details, each once, with the record where there is one', () => {
  const record = { kind: 'vendor', procoreId: 7, detailIds: [11] };
  const intent = { way: 'export', detailIds: [11, 12], records: [record] } as unknown as Intent;
  expect(detailsOf(intent)).toEqual([
    { detailId: 11, itemId: 7 },
    { detailId: 12, itemId: 7 },
  ]);
  expect(detailsOf({ way: 'sync', kind: 'vendor', detailIds: [5], listId: null })).toEqual([
    { detailId: 5, itemId: null },
  ]);
  expect(detailsOf({ way: 'metadata' })).toEqual([]);
});

test('fresh is what was made within five minutes, by any of the clocks that tell', () => {
  const now = '2026-11-29T12:00:00.000Z';
  expect(isFresh(['2026-11-29T11:56:00Z'], now)).toBe(true);
  expect(isFresh([null, '2026-11-29T12:30:00Z'], now)).toBe(true);
  expect(isFresh(['2026-11-29T11:54:00Z', undefined, 7, 'soon'], now)).toBe(false);
  expect(isFresh([], now)).toBe(false);
});

describe('open requests are looked at in turns', () => {
  const open = Array.from({ length: 25 }, (_, index) => ({ position: index + 1 }));
  const at = (minute: number): string => `2026-11-29T12:${String(minute).padStart(2, '0')}:00.000Z`;

  test('ten a round, each once a turn, and a turn at most every ten minutes', () => {
    const first = nextLook(open, null, at(0));
    expect(first?.rows.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const second = nextLook(open, first?.cursor ?? null, at(1));
    expect(second?.rows[0]).toEqual({ position: 11 });
    const third = nextLook(open, second?.cursor ?? null, at(2));
    expect(third).toEqual({ rows: open.slice(20), cursor: { since: at(0), after: null } });
    expect(nextLook(open, third?.cursor ?? null, at(9))).toBeNull();
    expect(nextLook(open, third?.cursor ?? null, at(10))?.rows[0]).toEqual({ position: 1 });
  });

  test('nothing open: nothing to look at, and a turn that lost its rest is over', () => {
    expect(nextLook([], null, at(0))).toBeNull();
    expect(nextLook([{ position: 3 }], { since: at(0), after: 9 }, at(1))).toEqual({
      rows: [],
      cursor: { since: at(0), after: null },
    });
  });
});

describe('what has no details is told by the ties of its records', () => {
  const origins = (...ids: (string | null)[]) =>
    ids.map((originId, at) => ({ recordId: `vendor/${at}`, originId }));
  const of = (intent: object) => intent as Intent;
  const record = { target: 'vendor', procoreId: 7 };
  const notice = of({ way: 'links', how: 'merged', records: [record], master: record, wholeProjectId: null });
  const item = { target: 'payment', itemType: 'contract_payment', procoreId: 7, detailId: null };
  const reset = of({ way: 'release', detailIds: [], items: [item] });
  const refresh = of({
    way: 'refresh',
    kind: 'project',
    projectId: 7,
    subJobId: null,
    originId: 'project|1|4',
    label: 'Eastgate',
  });

  test('a notice: whatever they are', () => {
    expect(isToldByTies(notice)).toBe(true);
    expect(endByTies(notice, origins('vendor|1|5', null))).toEqual({ status: 'success', messages: [] });
  });

  test('a notice about a record that nobody knows, and the reset of a project, are not', () => {
    expect(isToldByTies(of({ ...notice, records: [{ ...record, procoreId: null }] }))).toBe(false);
    expect(isToldByTies(of({ ...notice, wholeProjectId: 9 }))).toBe(false);
  });

  test('the reset of a record: when nothing ties it', () => {
    expect(isToldByTies(reset)).toBe(true);
    expect(isToldByTies(of({ ...reset, detailIds: [5] }))).toBe(false);
    expect(endByTies(reset, origins(null))).toEqual({ status: 'success', messages: [] });
    expect(endByTies(reset, origins('contract_payment|1|5'))).toBeNull();
  });

  test('the refresh of a job: Procore asks for the next one by its clock', () => {
    expect(isToldByTies(refresh)).toBe(true);
    expect(endByTies(refresh, origins('project|1|4'))?.messages).toEqual([
      'Eastgate is refreshed when Procore asks next.',
    ]);
    expect(endByTies(refresh, origins(null))).toEqual({
      status: 'success',
      messages: ['Eastgate is not tied to project|1|4 any more.'],
    });
  });

  test('everything else is worked', () => {
    expect(isToldByTies({ way: 'metadata' })).toBe(false);
    expect(endByTies({ way: 'metadata' }, [])).toBeNull();
  });
});
