import { countOrigins, foreignWords, isClean } from '../../../../src/domain/kinds/census';
import type { OpenDoorSettings } from '../../../../src/domain/request/open-door';
import { bucketOf, finished, resume, withOverlap } from '../../../../src/domain/request/open-door';

const SETTINGS: OpenDoorSettings = {
  vendors: 'needed',
  projects: 'active',
  commitments: { statuses: ['Approved'] },
  syncEveryMinutes: 60,
};
const AT = '2026-03-09T10:00:00.000Z';
const later = (hours: number): string => new Date(Date.parse(AT) + hours * 3_600_000).toISOString();

test('the first scan looks at everything, the next at what changed, and once a day at everything again', () => {
  const first = resume(null, SETTINGS, AT);
  expect(first.scan).toEqual({ startedAt: AT, everything: true, project: null });
  const done = JSON.stringify(finished(first));
  const second = resume(done, SETTINGS, later(1));
  expect(second).toMatchObject({ since: AT, full: AT, scan: { everything: false } });
  const after = JSON.stringify(finished(second));
  expect(resume(after, SETTINGS, later(2))).toMatchObject({ since: later(1), full: AT });
  expect(resume(after, SETTINGS, later(24)).scan.everything).toBe(true);
});

test('a scan that was cut off goes on, unless the settings find other records now', () => {
  const first = resume(null, SETTINGS, AT);
  const stored = JSON.stringify({ ...first, scan: { ...first.scan, project: 5 } });
  expect(resume(stored, SETTINGS, later(1)).scan).toEqual({ startedAt: AT, everything: true, project: 5 });
  const rarer = { ...SETTINGS, syncEveryMinutes: 5 };
  expect(resume(stored, rarer, later(1)).scan.project).toBe(5);
  const other = resume(stored, { ...SETTINGS, vendors: 'all' }, later(1));
  expect(other.scan).toEqual({ startedAt: later(1), everything: true, project: null });
});

test('a cursor fits the column of the checkpoint', () => {
  const cursor = finished(resume(null, SETTINGS, AT));
  const scan = { startedAt: AT, everything: false, project: Number.MAX_SAFE_INTEGER };
  expect(JSON.stringify({ ...cursor, scan }).length).toBeLessThan(400);
});

test('a look goes back a little, and what comes once in a while comes once in each stretch of time', () => {
  expect(withOverlap(AT)).toBe('2026-03-09T09:50:00.000Z');
  expect(bucketOf(AT, 60)).toBe(bucketOf('2026-03-09T10:59:59.999Z', 60));
  expect(bucketOf(AT, 60)).not.toBe(bucketOf('2026-03-09T09:59:59.999Z', 60));
});

test('a census tells whose they are, with a few examples', () => {
  const records = ['vendor|1|1', null, 'S-1', 'S-2', 'S-3', 'S-4', 'S-5', 'S-6'].map((originId) => ({
    procoreId: null,
    originId,
    label: `company ${originId ?? ''}`,
  }));
  const count = countOrigins('vendor', records, (originId) => originId === 'vendor|1|1');
  expect(count).toMatchObject({ total: 8, without: 1, ours: 1, foreign: 6 });
  expect(count.examples).toHaveLength(5);
  const census = { takenAt: AT, counts: [count, countOrigins('project', [], () => true)] };
  expect(isClean(census)).toBe(false);
  expect(foreignWords(census)).toBe(
    '6 of the vendors (such as "S-1" of company S-1 and "S-2" of company S-2)',
  );
});
