import type { Freshness, Standing } from '../../../../src/domain/reconcile/freshness';
import { freshnessOf } from '../../../../src/domain/reconcile/freshness';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
const GOAL = 15 * 60_000;

const QUIET: Standing = {
  since: ago(600),
  isPaused: false,
  running: null,
  last: { endedAt: ago(3), problem: null },
};

test.each<[string, Partial<Standing>, Freshness]>([
  ['a look three minutes ago', {}, { kind: 'fresh', at: ago(3) }],
  ['just made', { since: ago(1), last: null }, { kind: 'fresh', at: null }],
  ['never looked', { last: null }, { kind: 'late', at: null, why: 'no run has come since' }],
  ['no schedule', { since: null }, { kind: 'late', at: ago(3), why: 'it has no schedule' }],
  ['paused', { isPaused: true }, { kind: 'late', at: ago(3), why: 'its schedule is paused in Temporal' }],
  [
    'the last run could not look',
    { last: { endedAt: ago(1), problem: 'Paused by maria' } },
    { kind: 'late', at: null, why: 'Paused by maria' },
  ],
  [
    'a run that does not get on',
    { last: { endedAt: ago(40), problem: null }, running: { since: ago(35), problem: 'ECONNREFUSED' } },
    { kind: 'late', at: ago(40), why: 'ECONNREFUSED' },
  ],
  [
    'a long run',
    { last: { endedAt: ago(40), problem: null }, running: { since: ago(35), problem: null } },
    { kind: 'late', at: ago(40), why: `a run is under way since ${ago(35)}` },
  ],
  [
    'a run within the goal',
    { last: { endedAt: ago(10), problem: null }, running: { since: ago(5), problem: 'ECONNREFUSED' } },
    { kind: 'fresh', at: ago(10) },
  ],
])('%s', (_what, standing, expected) => {
  expect(freshnessOf({ ...QUIET, ...standing }, GOAL, NOW)).toEqual(expected);
});
