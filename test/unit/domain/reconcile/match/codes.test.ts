import type { Kind } from '../../../../../src/domain/kinds';
import type { Fields } from '../../../../../src/domain/kinds/record';
import { suggest } from '../../../../../src/domain/reconcile/match';
import type { SideName, SideRecord } from '../../../../../src/domain/reconcile/side-record';
import { sideOf } from './vendors';

/** Every pair as `<ERP code>=<Procore code> <verdict>`. */
function pairs(kind: Kind, erp: readonly Fields[], procore: readonly Fields[]): readonly string[] {
  const on = (side: SideName, given: readonly Fields[]): readonly SideRecord[] =>
    given.map((fields, at) => sideOf(side, side === 'erp' ? `1|${at}` : String(at), fields, { kind }));
  const unpaired = { erp: on('erp', erp), procore: on('procore', procore) };
  return suggest({ kind, unpaired, population: unpaired, rejected: [] })
    .map(({ erpKey, procoreId, verdict }) => {
      const codes = [erp[Number(erpKey.slice(2))], procore[procoreId]].map((fields) =>
        String(fields?.['code']),
      );
      return `${codes.join('=')} ${verdict}`;
    })
    .sort();
}
const codes = (...all: readonly string[]): readonly Fields[] =>
  all.map((code) => ({ code, name: 'Framing' }));

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['the mask of the ERP', [' 23-050-'], ['23.050'], [' 23-050-=23.050 match']],
  ['no separators', ['23-050'], ['23050'], ['23-050=23050 match']],
  ['case', ['a-1'], ['A-1'], ['a-1=A-1 match']],
  ['never one that is merely alike', ['23-050', '1-050'], ['23-051', '01-050'], []],
  [
    'the same digits in other parts',
    ['1-11', '11-1'],
    ['11-1', '1-11'],
    ['1-11=1-11 match', '11-1=11-1 match'],
  ],
  ['the same digits, and nobody knows whose', ['1-11', '11-1'], ['111'], ['1-11=111 ask', '11-1=111 ask']],
  ['a code that two have', ['5'], ['5', ' 5'], ['5= 5 ask', '5=5 ask']],
  ['no code', ['', ' - '], ['', '-'], []],
])('standard cost codes: %s', (_what, erp, procore, expected) => {
  expect(pairs('standard_cost_code', codes(...erp), codes(...procore))).toEqual(expected);
});

test('a cost code keeps its code whatever its name, a cost type under another name is a question', () => {
  const [labor, other] = [[{ code: 'S', name: 'Sub-contract' }], [{ code: 's', name: 'Supplies' }]];
  expect(pairs('standard_cost_code', labor, other)).toEqual(['S=s match']);
  expect(pairs('line_item_type', labor, other)).toEqual(['S=s ask']);
  expect(pairs('line_item_type', labor, [{ code: 's', name: 'SUBCONTRACT' }])).toEqual(['S=s match']);
});

test('a sub job has its number within its job', () => {
  const sub = (job: string | null): Fields => ({
    code: '1',
    name: 'North',
    ...(job === null ? {} : { job }),
  });
  expect(pairs('sub_job', [sub('1|7'), sub('1|8')], [sub('1|8')])).toEqual(['1=1 match']);
  expect(pairs('sub_job', [sub('1|7')], [sub('1|9')])).toEqual([]);
});

test('kinds that get their links by export are not suggested', () => {
  expect(pairs('commitment', codes('1'), codes('1'))).toEqual([]);
});
