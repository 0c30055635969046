import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { fileDropAdapter } from '../../../src/erp-adapters/file-drop';
import type { Layout, RecordLayout } from '../../../src/erp-adapters/file-drop/layout';
import { FileRefused, Misfit, readRows, writeRows } from '../../../src/erp-adapters/file-drop/rows';
import { pickupSettings } from '../../support/pickup';

const WIDTH = 12;
const record: RecordLayout = {
  at: 'record',
  columns: [
    { constant: 'D', width: 1, align: 'left' },
    { field: 'a', width: WIDTH, align: 'left', lineBreaks: true },
    { field: 'b', width: WIDTH, align: 'right' },
  ],
};
const layoutOf = (more: Partial<Layout>): Layout => ({
  format: 'csv',
  encoding: 'utf-8',
  newline: 'crlf',
  delimiter: ',',
  quote: '"',
  titles: false,
  dates: 'YYYY-MM-DD',
  records: [record],
  ...more,
});
const fixed: RecordLayout = {
  at: 'record',
  columns: record.columns.map(({ constant, field, width, align }) =>
    constant === undefined ? { field, width, align } : { constant, width, align },
  ),
};

const canonical = (text: string): string => text.normalize('NFC').trim();
const cell = (units: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .string({ unit: units, maxLength: WIDTH })
    .map(canonical)
    .filter((text) => [...text].length <= WIDTH);
const printable = fc.constantFrom(...'aZ09 "\',;|.-=+@', 'é', 'ß', '€', '–');
const rowsOf = (of: RecordLayout, cells: readonly (readonly [string, string])[]) =>
  cells.map(([a, b]) => ({ record: of, cells: ['D', a, b] }));

test('what is written as CSV is read as it was, with delimiters, quotes and line breaks in it', () => {
  const units = fc.oneof(printable, fc.constantFrom('\n', '株', '🏗'));
  const options = fc.record({
    delimiter: fc.constantFrom(',', ';', '|', '\t'),
    quote: fc.constantFrom('"', "'"),
    newline: fc.constantFrom('crlf' as const, 'lf' as const),
    titles: fc.boolean(),
  });
  const rows = fc.array(fc.tuple(cell(units), cell(printable)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(options, rows, (more, cells) => {
      const layout = layoutOf(more);
      const back = readRows(layout, writeRows(layout, rowsOf(record, cells)));
      expect(back.map((row) => row.cells)).toEqual(cells.map(([a, b]) => ['D', a, b]));
    }),
  );
});

test('what is written in fixed width is read as it was', () => {
  const layout = layoutOf({ format: 'fixed', encoding: 'cp1252', records: [fixed] });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell(printable), cell(printable)), { minLength: 1 }), (cells) => {
      const bytes = writeRows(layout, rowsOf(fixed, cells));
      expect(bytes).toHaveLength(cells.length * (1 + 2 * WIDTH + 2));
      expect(readRows(layout, bytes).map((row) => row.cells)).toEqual(cells.map(([a, b]) => ['D', a, b]));
    }),
  );
});

test('what its encoding has no character for, or is too long, is refused and never cut', () => {
  const layout = layoutOf({ format: 'fixed', encoding: 'cp1252', records: [fixed] });
  fc.assert(
    fc.property(fc.constantFrom('株', '🏗', 'Ł', '\u0007', '\u0081', '\n', 'x'.repeat(WIDTH + 1)), (bad) => {
      expect(() => writeRows(layout, rowsOf(fixed, [[bad, 'b']]))).toThrow(Misfit);
    }),
  );
});

test('a file that is cut anywhere is refused, or is a shorter file of whole lines', () => {
  const layout = layoutOf({ format: 'fixed', encoding: 'cp1252', records: [fixed] });
  const bytes = writeRows(
    layout,
    rowsOf(fixed, [
      ['one', '1'],
      ['two', '2'],
    ]),
  );
  const length = 1 + 2 * WIDTH + 2;
  for (let cut = 1; cut < bytes.length; cut += 1) {
    if (cut % length === 0) continue;
    expect(() => readRows(layout, bytes.subarray(0, cut))).toThrow(FileRefused);
  }
});

test('settings that cannot work are told with key, layout and field', () => {
  const settings = pickupSettings('/drop') as {
    layouts: Record<string, { outgoing?: { records: { columns: object[] }[] } }>;
  };
  settings.layouts['vendor']?.outgoing?.records[0]?.columns.push({
    field: 'colour',
    title: 'COLOUR',
    width: 3,
  });
  settings.layouts['vendor']?.outgoing?.records[0]?.columns.push({ field: 'city', title: 'CITY' });
  delete settings.layouts['line_item_type'];
  const reading = fileDropAdapter.readSettings(settings);
  expect(reading).toMatchObject({ ok: false });
  const problems = reading.ok ? [] : reading.problems;
  expect(problems).toEqual([
    expect.stringMatching(
      /^layouts\.vendor\.outgoing\.records\[0\]\.columns\[9\] \(record COLOUR\): there is no such field$/,
    ),
    expect.stringMatching(
      /^layouts\.vendor\.outgoing\.records\[0\]\.columns\[10\] \(record CITY\): it needs its longest length/,
    ),
    expect.stringMatching(
      /^layouts\.commitment\.records: costType \(commitment_line\) refers to line_item_type/,
    ),
  ]);
});

test('the example of the guide reads', () => {
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readFileSync('docs/file-drop.md', 'utf8')) ?? [];
  const { erp } = parse(yaml) as { erp: { settings: unknown } };
  expect(fileDropAdapter.readSettings(erp.settings)).toMatchObject({ ok: true });
});
