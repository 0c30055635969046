import type { PayrollMapping } from '../../../../src/domain/payroll/mapping';
import { problemsOf } from '../../../../src/domain/payroll/mapping';
import type { GapCode } from '../../../../src/domain/payroll/resolve';
import { gapsIn, resolver } from '../../../../src/domain/payroll/resolve';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import { CODES, DANA, entry, LOADER, MAPPING, MAX, named, references } from './fixtures';

const withTimeType = (rule: PayrollMapping['timeTypes'][string]): PayrollMapping => ({
  ...MAPPING,
  timeTypes: { '1': rule },
});

test('a mapping that the ERP can take has no problems', () => {
  expect(problemsOf(MAPPING, CODES)).toEqual([]);
});

test.each<[string, PayrollMapping, string, string]>([
  [
    'an earn code that is not there',
    withTimeType({ earnCode: 'XX', family: 'worked' }),
    'timeTypes.1.earnCode',
    'The ERP has no earn code XX.',
  ],
  [
    'an inactive earn code',
    withTimeType({ earnCode: 'OLD', family: 'worked' }),
    'timeTypes.1.earnCode',
    'Earn code OLD "Old" is inactive in the ERP.',
  ],
  [
    'worked time without a factor',
    withTimeType({ earnCode: 'PTO', family: 'worked' }),
    'timeTypes.1.family',
    'Earn code PTO "Paid leave" is no worked time in the ERP: it has no factor.',
  ],
  [
    'leave at time and a half',
    withTimeType({ earnCode: 'OT', family: 'leave' }),
    'timeTypes.1.family',
    'Earn code OT "Overtime" is overtime in the ERP, and overtime is worked time.',
  ],
  [
    'a shift',
    withTimeType({ earnCode: 'REG', family: 'worked', shift: '3' }),
    'timeTypes.1.shift',
    'The ERP has no shift 3.',
  ],
  [
    'a class of another craft',
    { ...MAPPING, workClassifications: { '31': { craft: 'LABR', class: 'J2' } } },
    'workClassifications.31',
    'The ERP has no craft and class LABR/J2.',
  ],
  [
    'a department',
    { ...MAPPING, departments: { '11': 'SHOP' } },
    'departments.11',
    'The ERP has no department SHOP.',
  ],
  [
    'the earn code of a machine',
    { ...MAPPING, equipment: { '79': { equipment: '1|EX-7', standIn: '1|9999', earnCode: 'NO' } } },
    'equipment.79.earnCode',
    'The ERP has no earn code NO.',
  ],
])('%s is a problem, by its place and a sentence', (_, mapping, path, text) => {
  expect(problemsOf(mapping, CODES)).toEqual([{ path, text }]);
});

const STRANGER = { id: 99, name: 'Sam Poe' };

test.each<[GapCode, Partial<TimecardEntry>, string]>([
  ['no_person', { person: null }, 'Nobody, 2026-11-18: it names nobody.'],
  [
    'unmatched_person',
    { person: STRANGER },
    'Sam Poe, 2026-11-18: person "Sam Poe" (99): the person is no employee of the ERP yet.',
  ],
  ['no_time_type', { timeType: null }, 'Dana Reyes, 2026-11-18: it has no time type.'],
  [
    'time_type',
    { timeType: { id: 17, name: 'Night' } },
    'Dana Reyes, 2026-11-18: time type "Night" (17): the time type has no earn code.',
  ],
  [
    'work_classification',
    { workClassificationId: 38 },
    'Dana Reyes, 2026-11-18: work classification 38: the work classification has no craft and class.',
  ],
  [
    'job',
    { project: { id: 19, name: 'Pier 4' } },
    'Dana Reyes, 2026-11-18: project "Pier 4" (19): the project is no job of the ERP yet.',
  ],
  [
    'no_phase',
    { costCode: null },
    'Dana Reyes, 2026-11-18: project "Harbor View" (11): it is on a job and has no cost code: it would be paid and never costed.',
  ],
  [
    'phase',
    { costCode: { id: 29, name: '9-900 Paint' } },
    'Dana Reyes, 2026-11-18: cost code "9-900 Paint" (29): the cost code is no phase of the ERP yet.',
  ],
])('gap %s is told with person, date and code', (code, more, text) => {
  const gaps = gapsIn([entry(1, more)], references());
  expect(gaps.map((gap) => [gap.code, gap.text, gap.entry])).toEqual([[code, text, 1]]);
});

test('an earn code that went out of use is a gap, and so is a machine without a project', () => {
  const mapping = withTimeType({ earnCode: 'OLD', family: 'worked' });
  expect(gapsIn([entry(1)], references({ mapping })).map(({ code }) => code)).toEqual(['earn_code']);
  const loader = { person: { id: LOADER, name: 'Loader' }, project: null };
  expect(gapsIn([entry(1, loader)], references()).map(({ code }) => code)).toEqual(['no_project']);
});

test('every gap of an entry is told, not only the first', () => {
  const card = entry(1, { person: STRANGER, timeType: named(17), costCode: null, workClassificationId: 38 });
  expect(gapsIn([card], references()).map(({ code }) => code)).toEqual([
    'unmatched_person',
    'time_type',
    'no_phase',
    'work_classification',
  ]);
});

test('closing the gap makes codes of the same entry', () => {
  const card = entry(1, { person: STRANGER });
  const people = new Map([...references().people, [STRANGER.id, '1|2208']]);
  expect(resolver(references())(card).kind).toBe('gaps');
  expect(resolver(references({ people }))(card)).toMatchObject({
    kind: 'codes',
    codes: { employee: '1|2208', payGroup: 'S' },
  });
});

const codesOf = (more: Partial<TimecardEntry>): object => {
  const resolved = resolver(references())(entry(1, more));
  if (resolved.kind === 'gaps') throw new Error(resolved.gaps.map(({ text }) => text).join(' '));
  return resolved.codes;
};

test('an entry in codes of the ERP', () => {
  expect(codesOf({ workClassificationId: 31, project: named(12), timeType: named(6) })).toMatchObject({
    employee: '1|2207',
    job: '1|26-015',
    phase: '1|3-310',
    earnCode: 'REG',
    family: 'worked',
    craft: 'CARP',
    class: 'J2',
    shift: '2',
    department: 'FIELD',
    certified: true,
    equipment: null,
  });
});

test('a sub job that is a job of its own in the ERP is the job', () => {
  expect(codesOf({ subJob: named(91) })).toMatchObject({ job: '1|26-014-A' });
  expect(codesOf({ subJob: named(92) })).toMatchObject({ job: '1|26-014' });
});

test('leave is not costed, whatever job it was entered on, and needs no phase', () => {
  expect(codesOf({ timeType: named(3), costCode: null })).toMatchObject({
    job: null,
    phase: null,
    family: 'leave',
  });
});

test("a machine's hours are of its own kind, on a stand-in, without anybody's craft", () => {
  expect(codesOf({ person: { id: LOADER, name: 'Loader' }, timeType: null })).toMatchObject({
    employee: '1|9999',
    family: 'equipment',
    equipment: '1|EX-7',
    earnCode: 'EQ',
    craft: null,
  });
});

test('where the ERP splits overtime, an overtime type is an exception; where the field does, it is a line', () => {
  const card = entry(1, { timeType: { id: 2, name: 'Overtime' } });
  const owner = (group: string): 'erp' | 'field' => (group === 'W' ? 'erp' : 'field');
  const gaps = gapsIn([card], references({ overtimeOwner: owner }));
  expect(gaps.map(({ code }) => code)).toEqual(['overtime_type']);
  const max = { ...card, person: { id: MAX, name: 'Max Reyes' } };
  expect(gapsIn([max], references({ overtimeOwner: owner }))).toEqual([]);
});

test('the cost type of the entry is held against that of the earn code, which rules', () => {
  expect(codesOf({ costTypeId: 51 })).toMatchObject({ costTypeConflict: null });
  expect(codesOf({ costTypeId: 52 })).toMatchObject({
    costTypeConflict: 'cost type E was entered, and earn code REG costs to L',
  });
  expect(codesOf({ costTypeId: 53, person: { id: DANA, name: 'Dana' } })).toMatchObject({
    costTypeConflict: 'cost type (53 of Procore, not mapped) was entered, and earn code REG costs to L',
  });
});
