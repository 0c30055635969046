import { renderPdf } from '../../../src/reports/pdf';
import type { Report, Row } from '../../../src/reports/report';
import type { PdfPage } from '../../support/read-pdf';
import { readPdf } from '../../support/read-pdf';
import { reportOf } from './made';

const pagesOf = async (report: Report, paper: 'letter' | 'a4' = 'letter'): Promise<readonly PdfPage[]> =>
  readPdf(await renderPdf(report, paper));
const textsOf = (page: PdfPage | undefined): string[] => (page?.texts ?? []).map(({ text }) => text);
const people = (count: number, more: Partial<Row> = {}): Row[] =>
  Array.from({ length: count }, (_, index) => ({ cells: [`Person ${index + 1}`, '8.00'], ...more }));

test('names of the world are printed as they are written, and can be copied', async () => {
  const names = ['Łukasz Żółć', 'Nguyễn Thị Đặng', 'Şükrü İnanç', 'Αλέξανδρος', 'Жанна', 'Zoë d’Été – “Ó”'];
  const [page] = await pagesOf(reportOf(names.map((name) => ({ cells: [name, '8.00'] }))));
  expect(textsOf(page)).toEqual(expect.arrayContaining(names));
});

test('letters that the font does not have are told, never dropped unseen', async () => {
  const told = (page: PdfPage | undefined): boolean =>
    textsOf(page).some((text) => text.startsWith('The font does not have 2 of the signs'));
  expect(told((await pagesOf(reportOf([{ cells: ['王小, Ada', '8.00'] }])))[0])).toBe(true);
  expect(told((await pagesOf(reportOf([{ cells: ['Wang, Ada', '8.00'] }])))[0])).toBe(false);
});

test('every page has the heads of the table, the title, its number and where it comes from; every row is there once', async () => {
  const pages = await pagesOf(reportOf(people(120), { total: { cells: ['All', '960.00'] } }));
  expect(pages.length).toBeGreaterThan(2);
  pages.forEach((page, index) => {
    expect(textsOf(page)).toEqual(
      expect.arrayContaining([
        index === 0 ? 'Acme' : 'Hours · Acme',
        'Name',
        `Page ${index + 1} of ${pages.length}`,
      ]),
    );
    expect(textsOf(page).join('\n')).toContain('made 2026-07-21T16:00:00Z by Tieback');
    expect(textsOf(page)).toContain(index === 0 ? 'Harbor View' : 'Harbor View, continued');
    for (const { x, y } of page.texts) {
      expect(x).toBeGreaterThanOrEqual(36);
      expect(y).toBeGreaterThanOrEqual(36);
    }
  });
  const names = pages.flatMap(textsOf).filter((text) => text.startsWith('Person '));
  expect(names).toEqual(people(120).map(({ cells: [name] }) => name));
  expect(textsOf(pages.at(-1)).slice(-4)).toEqual(expect.arrayContaining(['All', '960.00']));
});

test('sentences about a row follow it, over pages where they are many', async () => {
  const below = Array.from({ length: 100 }, (_, index) => `Sentence ${index + 1}.`);
  const pages = await pagesOf(reportOf([{ cells: ['Ada', '8.00'], below }, ...people(1)]));
  const texts = pages.flatMap(textsOf);
  expect(texts.filter((text) => text.startsWith('Sentence'))).toEqual(below);
  expect(texts.indexOf('Person 1')).toBeGreaterThan(texts.indexOf('Sentence 100.'));
  expect(pages.length).toBe(2);
});

test('hours end at one line, whatever their number of digits', async () => {
  const rows = ['8.00', '1234.50', '-0.25'].map((hours) => ({ cells: ['Ada', hours] }));
  const [page] = await pagesOf(reportOf(rows));
  // Source Sans: digits are 0.497 of their size wide, the point 0.249, the hyphen 0.311.
  const widthOf = (text: string): number =>
    [...text].reduce((sum, sign) => sum + (sign === '.' ? 0.249 : sign === '-' ? 0.311 : 0.497) * 8.5, 0);
  const ends = (page?.texts ?? [])
    .filter(({ text }) => rows.some(({ cells: [, hours] }) => hours === text))
    .map(({ x, text }) => x + widthOf(text));
  expect(ends).toHaveLength(3);
  for (const end of ends) expect(Math.abs(end - (ends[0] ?? 0))).toBeLessThan(0.6);
});

test('it is upright until the table needs more room; then nothing of it leaves the page, and no word is lost', async () => {
  const wide = (columns: number, name: string): Report =>
    reportOf([{ cells: [name, ...Array<string>(columns).fill('1000.25')] }], {
      columns: [
        { title: 'Name', kind: 'text' },
        ...Array.from({ length: columns }, (_, index) => ({ title: `Day ${index}`, kind: 'hours' as const })),
      ],
    });
  const [upright] = await pagesOf(wide(11, 'Ada'), 'a4');
  expect([upright?.width, upright?.height]).toEqual([595.28, 841.89]);
  for (const { x } of upright?.texts ?? []) expect(x).toBeLessThan(595.28 - 40);
  const [landscape] = await pagesOf(wide(14, 'Ada Quimby'));
  expect([landscape?.width, landscape?.height]).toEqual([792, 612]);
  const long = `${'Featherstonehaugh '.repeat(12)}end`;
  const [crowded] = await pagesOf(wide(14, long));
  for (const { x } of crowded?.texts ?? []) expect(x).toBeLessThan(792 - 40);
  expect(
    textsOf(crowded)
      .join(' ')
      .match(/Featherstonehaugh/g),
  ).toHaveLength(12);
});

test('a group that is filed by itself begins a page', async () => {
  const group = (title: string) => ({
    title,
    keys: [''],
    startsPage: true as const,
    rows: people(2),
    total: null,
  });
  const pages = await pagesOf(reportOf([], { groups: [group('First week'), group('Second week')] }));
  expect(pages.map((page) => textsOf(page).filter((text) => text.endsWith('week')))).toEqual([
    ['First week'],
    ['Second week'],
  ]);
});

test('the same report makes the same bytes, and another moment others', async () => {
  const report = reportOf(people(3));
  const [one, two] = await Promise.all([renderPdf(report, 'letter'), renderPdf(report, 'letter')]);
  expect(one.equals(two)).toBe(true);
  expect(one.equals(await renderPdf({ ...report, madeAt: '2026-07-21T16:00:01.000Z' }, 'letter'))).toBe(
    false,
  );
});
