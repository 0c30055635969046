import { paceWords } from '../../../../src/domain/reconcile/pace';

test.each([
  ['nothing was read', { erp: 0, procore: 0 }, 100_000, 60, ''],
  ['it has just begun', { erp: 1000, procore: 0 }, 100_000, 0.5, ''],
  [
    'a first import',
    { erp: 40_000, procore: 0 },
    100_000,
    50,
    '40,000 of 100,000 of the ERP read in 50 s · 800 a second · about 75 s left',
  ],
  [
    'a long one',
    { erp: 20_000, procore: 10 },
    240_000,
    3600,
    '20,000 of 240,000 of the ERP read in 60 min · 5.6 a second · about 11.0 h left',
  ],
  ['all is read', { erp: 100, procore: 0 }, 100, 10, '100 of 100 of the ERP read in 10 s · 10 a second'],
  ['only what moved', { erp: 3, procore: 4 }, null, 2, '7 read in 2 s · 3.5 a second'],
])('%s', (_when, read, all, seconds, expected) => {
  expect(paceWords({ read, all, since: 0 }, seconds * 1000)).toBe(expected);
});
