import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';

const JULY = { co: 1, mth: '2026-07' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };
const HARBOR = { job: '1024-001', phase: '26-050' };

let folder: string;
let office: Accounting;
let batch: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-payroll-'));
  office = createCompany(join(folder, 'company.db'), { seed: true });
  batch = office.openPayBatch(PERIOD);
});
afterEach(() => {
  office.close();
  rmSync(folder, { recursive: true });
});

const card = (hours: string, more: object = {}): number =>
  office.addCard(JULY, batch, { employee: 501, date: '2026-07-14', hours, ...HARBOR, ...more });
const said = (call: () => unknown): string => {
  try {
    call();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('timecards of Groundwork', () => {
  test('are refused in sentences', () => {
    expect(said(() => card('8.00', { employee: 999 }))).toBe('PRTB: There is no employee 999.');
    expect(said(() => card('8.00', { employee: 505 }))).toMatch(/is paid with group 2, not 1/);
    expect(said(() => card('8.00', { earnCode: 77 }))).toBe('PRTB: There is no earn code 77.');
    expect(said(() => card('8.00', { date: '2026-07-19' }))).toMatch(/after the end of the pay period/);
    expect(said(() => card('25.00'))).toMatch(/too many/);
    office.closePayPeriod(PERIOD);
    expect(said(() => card('8.00'))).toBe('PRTB: Pay period 2026-07-18 of group 1 is not open.');
  });

  test('in a batch that Mary has, only her own', () => {
    office.useBatch(JULY, batch, 'Mary Lindqvist');
    expect(said(() => card('8.00'))).toBe('nothing');
    expect(said(() => card('8.00', { by: 'tieback' }))).toMatch(/is in use by Mary Lindqvist/);
  });

  test('are validated: a phase without the cost type of the earn code is named', () => {
    card('8.00');
    card('1.00', { earnCode: 5 });
    expect(office.validatePayBatch(JULY, batch)).toEqual(['Cost type of earn code 5 is not on the phase']);
    expect(said(() => office.postPayBatch(JULY, batch))).toMatch(/earn code 5/);
  });

  test('keep their numbers when they are posted, and then stand still', () => {
    const number = card('8.00');
    office.postPayBatch(JULY, batch);
    expect(office.cards()).toEqual([]);
    expect(office.postedCards()).toMatchObject([{ Card: number, Hours: '8.00', BatchId: batch }]);
    expect(said(() => card('1.00'))).toMatch(/is not open: its status is 5/);
  });
});

describe('its overtime rules', () => {
  const hours = (): readonly unknown[] =>
    office.cards().map(({ EarnCode, Hours, MadeFrom }) => [EarnCode, Hours, MadeFrom]);

  test('cut the card in which the limit is crossed, change those beyond, and do nothing more the second time', () => {
    card('6.00');
    const crossing = card('4.50', { memo: 'ours' });
    card('1.00');
    office.applyOvertime(PERIOD);
    const once = hours();
    expect(once).toEqual([
      [1, '6.00', null],
      [1, '2.00', null],
      [2, '1.00', null],
      [2, '2.50', crossing],
    ]);
    expect(office.cards().at(-1)).toMatchObject({ Memo: 'ours', EnteredBy: 'overtime' });
    office.applyOvertime(PERIOD);
    expect(hours()).toEqual(once);
  });

  test('count each shift for itself, pass over whom another batch holds, and leave such batches alone', () => {
    card('6.00');
    card('6.00', { shift: '2' });
    card('9.00', { employee: 502 });
    const other = office.openPayBatch(PERIOD);
    office.addCard(JULY, other, { employee: 502, date: '2026-07-15', hours: '9.00' });
    expect(office.applyOvertime(PERIOD)).toEqual([502]);
    office.runScript(`UPDATE HQBC SET AutoOT = 'N' WHERE BatchId = ${batch}`);
    card('12.00', { employee: 503 });
    expect(office.applyOvertime(PERIOD)).toEqual([]);
    expect(
      office
        .cards()
        .filter(({ BatchId }) => BatchId === batch)
        .map(({ Hours }) => Hours),
    ).toEqual(['6.00', '6.00', '9.00', '12.00']);
  });
});
