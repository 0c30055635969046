import type { Report, Row } from '../../../src/reports/report';

export const MADE = {
  madeAt: '2026-07-21T16:00:00.000Z',
  madeFrom: 'made 2026-07-21T16:00:00Z by Tieback from what tests know',
} as const;

/** A report of one group of people and hours. */
export const reportOf = (rows: readonly Row[], more: Partial<Report> = {}): Report => ({
  title: 'Hours',
  about: ['Acme'],
  verdict: null,
  keys: ['Job'],
  columns: [
    { title: 'Name', kind: 'text' },
    { title: 'Hours', kind: 'hours' },
  ],
  below: null,
  groups: [{ title: 'Harbor View', keys: ['26-014'], rows, total: null }],
  total: null,
  notes: [],
  ...MADE,
  ...more,
});
