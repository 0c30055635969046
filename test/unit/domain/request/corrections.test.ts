import { correctable, fieldFor, missingLine } from '../../../../src/domain/request/corrections';
import { commitment, exportOf, standardCode } from '../records';

const intent = exportOf(commitment());
const fields = correctable(intent);

test('fields of the header and, once for all lines, of the lines; no references', () => {
  const names = fields.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['code', 'date', 'commitment_line[*].description', 'commitment_line[*].taxCode']),
  );
  expect(names).not.toEqual(expect.arrayContaining(['vendor']));
  expect(names).not.toEqual(expect.arrayContaining(['commitment_line[*].costCode']));
  expect(fields.find(({ name }) => name === 'commitment_line[*].amount')?.label).toBe('Line · Amount');
});

test('how many there are does not depend on how many lines there are', () => {
  const [line] = commitment().lines;
  if (line === undefined) throw new Error('a line was expected');
  const lines = Array.from({ length: 4000 }, (_, index) => ({ ...line, number: String(index + 1) }));
  expect(correctable(exportOf(commitment({ lines })))).toHaveLength(fields.length);
});

test('of several records nobody could say which one is meant', () => {
  expect(correctable(exportOf(standardCode(1, '23'), standardCode(2, '26')))).toEqual([]);
});

test.each<[string, string | undefined]>([
  ['code', 'code'],
  ['commitment_line[3].description', 'commitment_line[*].description'],
  ['commitment_line[23-050/S].description', 'commitment_line[*].description'],
  ['commitment_line[3].costCode', undefined],
  ['invoice_line[3].description', undefined],
  ['commitment_line[].description', undefined],
  ['commitment_line.description', undefined],
  ['nonsense', undefined],
])('%s', (name, expected) => {
  expect(fieldFor(name, fields)?.name).toBe(expected);
});

test('a line that is not there is told with those that are', () => {
  expect(missingLine(['code', 'commitment_line[1].description'], intent)).toBeNull();
  for (const number of ['99', '*'])
    expect(missingLine([`commitment_line[${number}].description`], intent)).toBe(
      `There is no line "${number}" for "commitment_line[${number}].description". Lines: 1, 2.`,
    );
});
