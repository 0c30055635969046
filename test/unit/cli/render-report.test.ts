import pc from 'picocolors';
import { renderReport } from '../../../src/cli/render-report';
import { MADE, reportOf } from '../reports/made';

const LONG = 'Featherstonehaugh-Cholmondeley, Maximiliana';
const report = reportOf(
  [
    {
      cells: [LONG, '8.00'],
      below: ['A sentence about her that is longer than one line of a narrow terminal.'],
    },
    { cells: ['Ada', '-1234.50'] },
  ],
  {
    total: { cells: ['All', '-1226.50'] },
    verdict: { text: 'Everything ties out.', tone: 'good' },
    notes: [
      { title: 'Nothing', lines: [] },
      { title: 'Left out (1)', lines: ['Gus Nobody.'] },
    ],
    ...MADE,
  },
);
const shown = (width: number, colours = false): string[] =>
  renderReport({ paint: pc.createColors(colours), width }, report).split('\n');

test('hours stand below each other, sentences below their row, and lists that are empty are not there', () => {
  expect(shown(Infinity)).toEqual([
    'Hours',
    'Acme',
    '',
    'Harbor View',
    `  Name${' '.repeat(LONG.length - 4)}     Hours`,
    `  ${LONG}      8.00`,
    '      A sentence about her that is longer than one line of a narrow terminal.',
    `  Ada${' '.repeat(LONG.length - 3)}  -1234.50`,
    `  All${' '.repeat(LONG.length - 3)}  -1226.50`,
    '',
    'Everything ties out.',
    '',
    'Left out (1)',
    '  Gus Nobody.',
  ]);
});

test('names give way to a narrow terminal and hours do not; where hardly a name would be left, nothing is cut', () => {
  const lines = shown(40);
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}Featherstonehaugh-Chol.*… +8\.00$/));
  expect(lines.join(' ')).toMatch(/A sentence about her +that is longer/);
  expect(shown(20)).toContainEqual(expect.stringContaining(LONG));
});

test('the verdict has the colour of what it says', () => {
  expect(shown(80, true)).toContain('\u001b[32mEverything ties out.\u001b[39m');
});
