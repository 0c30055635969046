import { sweepsFinding } from '../../../src/cli/doctor-sweeps';

const NOW = new Date('2026-03-09T15:30:00.000Z');
const ago = (hours: number): string => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
const finding = (last: object, since = ago(1000), paused = false) =>
  sweepsFinding('acme', { last, since: new Date(since), paused }, NOW);

test('sweeps are well for two days and some hours, and late after that, by kind', () => {
  expect(finding({ vendor: ago(12), project: ago(51) })).toMatchObject({
    status: 'ok',
    detail: 'every kind was swept, last 2026-03-07 12:30:00Z',
  });
  expect(finding({ vendor: ago(12), project: ago(53) })).toMatchObject({
    status: 'warning',
    detail: 'are late: projects (last 2026-03-07 10:30:00Z)',
  });
});

test('the first one has its time too; a pause is told', () => {
  expect(finding({}, ago(20))).toMatchObject({ status: 'ok' });
  expect(finding({}, ago(72))).toMatchObject({
    status: 'warning',
    detail: 'none has come to its end, for 3 d',
  });
  expect(finding({ vendor: ago(1) }, ago(72), true)).toMatchObject({
    status: 'warning',
    detail: 'are paused',
  });
});
