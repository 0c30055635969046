import type { PayrollDesk } from './payroll-desk';

/** Number | first name | last name | e-mail | group | department | craft | class | hired | left. All of them are invented. */
const EMPLOYEES = `
501|Ada|Quimby|ada.quimby@larkspur.example|1|10|CARP|JRNY|2019-03-04|
502|Bo|Tumbledown|bo.tumbledown@larkspur.example|1|10|ELEC|JRNY|2021-06-14|
503|Cleo|Marmalade||1|10|LABR|APPR|2026-05-04|
504|Dov|Pennywhistle||1|10|CARP|APPR|2020-01-06|2026-07-15
505|Edda|Butterworth-Ñuñez|edda@larkspur.example|2|20|||2017-09-01|
506|Finn|Halfpenny||1|10|LABR|JRNY|2022-02-07|
`;

/** Saturdays from this one on are open. */
const FIRST_OPEN = '2026-07-18';

const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Payroll of an invented crew: a weekly group and a semi-monthly one, with what nobody outside may see. */
export function seedPayroll(desk: PayrollDesk): void {
  const run = (sql: string): void => desk.runScript(sql);
  run(`INSERT INTO PRGR VALUES (1, 1, 'Field, weekly', 'W'), (1, 2, 'Office, semi-monthly', 'S');
INSERT INTO PRDP VALUES (1, '10', 'Field'), (1, '20', 'Office');
INSERT INTO PRSH VALUES (1, '1', 'Day'), (1, '2', 'Night');
INSERT INTO PRCM VALUES (1, 'CARP', 'Carpenters'), (1, 'ELEC', 'Electricians'), (1, 'LABR', 'Laborers');
INSERT INTO PRCC VALUES (1, 'CARP', 'JRNY', 'Carpenter journeyman'), (1, 'CARP', 'APPR', 'Carpenter apprentice'),
  (1, 'ELEC', 'JRNY', 'Electrician journeyman'), (1, 'LABR', 'JRNY', 'Laborer'), (1, 'LABR', 'APPR', 'Laborer apprentice');
INSERT INTO PREC (PRCo, EarnCode, Description, Factor, EarnType, CostTypeID, OTEarnCode, ActiveYN)
SELECT 1, e.column1, e.column2, e.column3, e.column4, CASE WHEN e.column5 = '' THEN NULL ELSE (SELECT KeyID FROM JCCT WHERE CostType = e.column5) END, e.column6, e.column7
  FROM (VALUES (1, 'Regular', '1', 'W', '1', 2, 'Y'), (2, 'Overtime', '1.5', 'W', '1', NULL, 'Y'), (3, 'Double time', '2', 'W', '1', NULL, 'Y'),
        (4, 'Vacation', NULL, 'L', '', NULL, 'Y'), (5, 'Per diem', NULL, 'A', '5', NULL, 'Y'), (6, 'Old bonus', NULL, 'A', '', NULL, 'N')) e;`);
  for (const line of EMPLOYEES.trim().split('\n')) {
    const [number, first, last, mail, group, dept, craft, klass, hired, left] = line
      .split('|')
      .map((cell) => (cell === '' ? null : cell));
    desk.addEmployee(1, {
      Employee: Number(number),
      FirstName: first ?? null,
      LastName: last ?? '',
      EMail: mail ?? null,
      PRGroup: Number(group),
      PRDept: dept ?? '',
      Craft: craft ?? null,
      Class: klass ?? null,
      HireDate: hired ?? null,
      TermDate: left ?? null,
      ActiveYN: left === null ? 'Y' : 'N',
      // Invented; nobody but the ERP may see them.
      SSN: `000-00-0${number ?? ''}`,
      BirthDate: '1980-01-01',
      BankRouting: '000000000',
      BankAcct: `ACCT-${number ?? ''}`,
      HrlyRate: '41.50',
      SalaryAmt: '0.00',
    });
  }
  for (let end = '2026-07-04'; end <= '2026-12-26'; end = addDays(end, 7))
    desk.addPayPeriod({ co: 1, group: 1, end }, addDays(end, -6), { status: end < FIRST_OPEN ? 2 : 1 });
  desk.addPayPeriod({ co: 1, group: 1, end: '2027-01-02' }, '2026-12-27', { status: 0, mth: '2026-12' });
  desk.addPayPeriod({ co: 1, group: 1, end: FIRST_OPEN, run: 2 }, '2026-07-12');
  desk.addPayPeriod({ co: 1, group: 2, end: '2026-07-15' }, '2026-07-01', { cutOff: '2026-07-13' });
  desk.addPayPeriod({ co: 1, group: 2, end: '2026-07-31' }, '2026-07-16', { cutOff: '2026-07-29' });
}
