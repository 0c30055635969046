import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import type { EntryPage } from '../../../../src/procore/payroll/port';
import { ClientBench, failure } from '../../../support/procore/client';
import { doorEntry } from '../../../support/procore/company-door-entry';
import { pageOf } from '../../../support/procore/paged-list';
import type { Received } from '../../../support/procore/scripted-server';
import { together, WEEK } from '../../../support/procore/timekeeping';

/* What servers send that the documentation does not promise. */

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.server.received.splice(0));

const answers = (...rows: unknown[]): void => {
  bench.server.script = (request: Received) => pageOf(rows, request, { base: bench.server.url });
};

async function read(...rows: unknown[]): Promise<EntryPage> {
  answers(...rows);
  return together(bench.company().payroll.entries(WEEK));
}

async function one(changes: Record<string, unknown>): Promise<TimecardEntry> {
  const { entries, unreadable } = await read(doorEntry(changes));
  expect(unreadable).toEqual([]);
  const [entry] = entries;
  if (entry === undefined) throw new Error('no entry was read');
  return entry;
}

const without = (key: string): Record<string, unknown> => {
  const { [key]: left, ...others } = doorEntry();
  expect(left).not.toBeUndefined();
  return others;
};

test('fields that nobody published stand in no one’s way', async () => {
  expect(await one({ equipment: [{ id: 1 }], nobody_knows: 'x' })).toMatchObject({ hours: '8.25' });
});

test.each([
  'date',
  'hours',
  'approval_status',
  'in_progress',
  'deleted_at',
  'updated_at',
  'party',
  'project',
  'cost_code',
  'sub_job',
  'line_item_type_id',
  'timecard_time_type',
  'lunch_time',
])('an entry that does not show its %s is unknown, and none without it', async (key) => {
  const { entries, unreadable } = await read(without(key), doorEntry({ id: 5 }));
  expect(entries.map(({ id }) => id)).toEqual([5]);
  expect(unreadable).toMatchObject([{ id: 562949954991755 }]);
  expect(unreadable[0]?.problems).toEqual([
    expect.stringMatching(`^timecard entry 562949954991755\\.${key}: expected .*, got nothing$`),
  ]);
});

test.each([
  ['hours', '8:15', 'expected a decimal number such as "8.25", got "8:15"'],
  ['hours', '', 'expected a decimal number such as "8.25", got empty text'],
  ['hours', null, 'expected a decimal number such as "8.25", got null'],
  ['hours', 8.123456789012344, 'expected a decimal number such as "8.25", got 8.123456789012344'],
  ['date', '11/18/2026', 'expected a date such as 2026-11-18, got "11/18/2026"'],
  ['date', '2026-11-18T00:00:00Z', 'expected a date such as 2026-11-18, got "2026-11-18T00:00:00Z"'],
  ['date', '2026-02-29', 'expected a date such as 2026-11-18, got "2026-02-29"'],
  ['approval_status', 'rejected', 'expected one of pending, reviewed, approved, completed, got "rejected"'],
  ['in_progress', 'no', 'expected true or false, got "no"'],
  ['deleted_at', 'yesterday', 'expected a time such as 2026-11-18T16:00:00Z, or null, got "yesterday"'],
  ['party', { name: 'Maya Ortiz' }, 'expected a record with id and name, or null, got an object'],
  ['line_item_type_id', 'L', 'expected an id or null, got "L"'],
])('%s of %j is named in a sentence', async (key, value, words) => {
  const { entries, unreadable } = await read(doorEntry({ [key]: value }));
  expect(entries).toEqual([]);
  expect(unreadable[0]?.problems).toEqual([`timecard entry 562949954991755.${key}: ${words}`]);
});

test('an unreadable entry is told with its person and day, and one without an id as well', async () => {
  const { unreadable } = await read(doorEntry({ hours: 'x' }), doorEntry({ hours: 'y', id: 6 }));
  expect(unreadable).toMatchObject([
    { id: 562949954991755, person: 'Maya Ortiz', date: '2026-11-18' },
    { id: 6, person: 'Maya Ortiz' },
  ]);
  answers({ ...doorEntry(), id: null });
  const pages: EntryPage[] = [];
  const reading = async (): Promise<void> => {
    for await (const page of bench.company().payroll.entries(WEEK)) pages.push(page);
  };
  // A row without an id is no record that the list counts.
  expect((await failure(reading())).code).toBe('PROCORE_LIST_MOVED');
  expect(pages[0]?.unreadable).toMatchObject([{ id: null, person: 'Maya Ortiz' }]);
});

test('hours are kept to the letter; a number keeps its digits', async () => {
  for (const [sent, kept] of [
    ['8.00', '8.00'],
    ['0.0', '0.0'],
    ['7.333333', '7.333333'],
    [8.25, '8.25'],
    ['-2.0', '-2.0'],
  ]) {
    expect((await one({ hours: sent })).hours).toBe(kept);
  }
});

test('clock times belong to start and stop mode: elsewhere they may be missing', async () => {
  const { time_in: timeIn, time_out: timeOut, ...others } = doorEntry();
  expect([timeIn, timeOut]).toEqual([null, null]);
  const { entries, unreadable } = await read(others);
  expect(unreadable).toEqual([]);
  expect(entries).toMatchObject([{ timeIn: null, timeOut: null }]);
});

test('a classification that is not shown is unknown; shown as an id or as a record, it is known', async () => {
  expect(await one({})).not.toHaveProperty('workClassificationId');
  expect(await one({ work_classification_id: 88 })).toMatchObject({ workClassificationId: 88 });
  expect(await one({ work_classification: { id: 88, name: 'Carpenter' } })).toMatchObject({
    workClassificationId: 88,
  });
  expect(await one({ work_classification_id: null })).toMatchObject({ workClassificationId: null });
  expect((await read(doorEntry({ work_classification_id: 'J2' }))).unreadable).toHaveLength(1);
});

test('ids as text, as v2 writes them, are the same ids', async () => {
  const entry = await one({ id: '562949954991755', party: { id: '7', name: 'A' }, line_item_type_id: '71' });
  expect(entry).toMatchObject({ id: 562949954991755, person: { id: 7 }, costTypeId: 71 });
});

test('a piece inside its entry and as a row of its own is one piece', async () => {
  const piece = doorEntry({ id: 8, hours: '2.0' });
  const whole = doorEntry({ id: 7, hours: '8.0', automatically_split_timecard_entries: [piece] });
  const { entries } = await read(whole, piece);
  expect(entries.map(({ id, hours, splitFrom }) => [id, hours, splitFrom])).toEqual([
    [7, '8.0', null],
    [8, '2.0', 7],
  ]);
});

test('an entry that names the one it was split from is one of its pieces', async () => {
  expect(await one({ split_parent_id: 7 })).toMatchObject({ splitFrom: 7 });
});

test('an entry that no list shows is asked for by itself, and gone only when that answers 404', async () => {
  bench.server.script = ({ path }) => {
    if (path.endsWith('/5')) return { body: doorEntry({ id: 5, deleted_at: '2026-11-20T02:00:00Z' }) };
    return path.endsWith('/6') ? { status: 404, body: { message: 'gone' } } : { body: [] };
  };
  const { entries } = await bench.company().payroll.entriesById([5, 6]);
  expect(entries).toMatchObject([{ id: 5, deletedAt: '2026-11-20T02:00:00.000Z' }]);
  bench.server.script = () => ({ body: [] });
  expect((await failure(bench.company().payroll.entriesById([5]))).code).toBe('PROCORE_ANSWER_INVALID');
});

test('a record of nothing is none; one with a name and no id is not', async () => {
  expect(await one({ crew: {}, sub_job: { id: null, name: null } })).toMatchObject({
    crew: null,
    subJob: null,
  });
  expect((await read(doorEntry({ crew: { name: 'Form crew' } }))).unreadable).toHaveLength(1);
});

test('a piece that cannot be read is told by its own id', async () => {
  const piece = doorEntry({ id: 8, hours: 'two' });
  const { entries, unreadable } = await read(
    doorEntry({ id: 7, automatically_split_timecard_entries: [piece] }),
  );
  expect([entries.map(({ id }) => id), unreadable.map(({ id }) => id)]).toEqual([[7], [8]]);
});

test('a server that ignores the filter for deleted entries deletes nothing', async () => {
  answers(doorEntry());
  const { entries } = await together(bench.company().payroll.changedEntries('2026-11-20T00:00:00Z', WEEK));
  expect(entries.map(({ deletedAt }) => deletedAt)).toEqual([null]);
  const [, deletions] = bench.server.received;
  expect(deletions?.query.get('filters[deleted_at]')).toMatch(/^2026-11-19T23:55:00Z\.\.\.\d{4}-/);
});

test('a page that is too large is asked for in halves', async () => {
  const rows = Array.from({ length: 9 }, (_, index) => doorEntry({ id: index + 1 }));
  bench.server.script = (request) =>
    Number(request.query.get('per_page')) > 4
      ? { status: 413, body: { errors: 'too much' } }
      : pageOf(rows, request, { base: bench.server.url });
  const { entries } = await together(bench.company({ scanPageSize: 16 }).payroll.entries(WEEK));
  expect(entries).toHaveLength(9);
});
