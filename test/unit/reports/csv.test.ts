import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { withoutFormula } from '../../../src/domain/base/text';
import { renderCsv } from '../../../src/reports/csv';
import { reportOf } from './made';
import { anyUnicode } from '../../support/any-text';

const read = (csv: string): string[][] => parse(csv, { record_delimiter: '\r\n' });

test('a row has what its group has in common, and every part of a cell is a column', () => {
  const csv = renderCsv(
    reportOf(
      [{ cells: ['Łukasz Żółć', 'ST\nOT', ['8.00', '0.00'], '-1.50'], below: ['It differs.', 'Twice.'] }],
      {
        columns: [
          { title: 'Name', kind: 'text' },
          { title: '', kind: 'text', onlyShown: true },
          { title: 'Day 1', kind: 'hours', parts: ['ST', 'OT'], hidesZero: true },
          { title: 'Total', kind: 'hours' },
        ],
        below: 'Differences',
      },
    ),
  );
  expect(csv).toBe(
    'Job,Name,Day 1 ST,Day 1 OT,Total,Differences\r\n26-014,Łukasz Żółć,8.00,0.00,-1.50,It differs. Twice.\r\n',
  );
});

test.each(['=1+1', '+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '＝1'])(
  '%j is no formula of a spreadsheet',
  (text) => {
    expect(withoutFormula(text)).toBe(`'${text}`);
    const [, row] = read(
      renderCsv(
        reportOf([{ cells: [text, text], below: [text] }], {
          below: 'Notes',
          groups: [
            { title: null, keys: [text], rows: [{ cells: [text, text], below: [text] }], total: null },
          ],
        }),
      ),
    );
    expect(row).toEqual(Array(4).fill(`'${text}`));
  },
);

test('negative hours stay numbers, and nothing else that begins like a formula does', () => {
  const [, hours, name] = read(
    renderCsv(reportOf([{ cells: ['Ada', '-8.00'] }, { cells: ['-8.00', '-8.00-1'] }])),
  );
  expect(hours).toEqual(['26-014', 'Ada', '-8.00']);
  expect(name).toEqual(['26-014', "'-8.00", "'-8.00-1"]);
});

test('whatever a name is, it is read back as it was, and no cell begins a formula', () => {
  fc.assert(
    fc.property(fc.array(anyUnicode(), { minLength: 1, maxLength: 5 }), (names) => {
      const rows = read(renderCsv(reportOf(names.map((name) => ({ cells: [name, '8.00'] }))))).slice(1);
      expect(rows.map(([, name]) => name?.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))).toEqual(names);
      for (const [, name = ''] of rows) expect(name).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    }),
  );
});
