import type { Family } from '../../domain/payroll/line';
import type { PayrollSpec } from '../sql/payroll/spec';
import { date, decimal, number, text } from '../sql/payroll/spec';
import type { SecretColumns } from '../sql/model';
import { change, query } from '../sql/session';
import { US } from './batches';

/** What of payroll is nobody's business here. */
export const PAYROLL_SECRETS: SecretColumns = {
  PREH: ['SSN', 'BirthDate', 'BankRouting', 'BankAcct', 'HrlyRate', 'SalaryAmt'],
  PRTB: ['Rate', 'Amt'],
  PRTH: ['Rate', 'Amt'],
};

const SOURCE = 'PR Entry';

const FAMILIES: Readonly<Record<string, Family>> = {
  W: 'worked',
  L: 'leave',
  A: 'allowance',
  E: 'equipment',
};

const CARD = {
  id: text('t.Card'),
  employee: text('t.Employee'),
  work_date: date('t.PostDate'),
  job: number('t.JobID'),
  phase: number('t.PhaseID'),
  earn_code: text('t.EarnCode'),
  craft: text('t.Craft'),
  craft_class: text('t.Class'),
  shift: text('t.Shift'),
  dept: text('t.PRDept'),
  certified: text('t.Cert'),
  equipment: text('t.Equipment'),
  hours: decimal('t.Hours'),
  memo: text('t.Memo'),
  made_from: text('t.MadeFrom'),
  family: text('e.EarnType'),
};

const BATCH_OF = 'JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId';
const OF_PERIOD = 'b.Co = @company AND b.PRGroup = @payGroup AND b.PREndDate = @ends AND b.PRRun = @run';

const CARD_COLUMNS =
  'Card Employee PostDate JobID PhaseID EarnCode Craft Class Shift PRDept Cert Equipment Hours Memo MadeFrom';

const columns = (names: string): readonly string[] => names.split(' ');

/** Payroll of Groundwork as data. */
export const samplePayroll: PayrollSpec = {
  can: { negatives: true, tellsMade: true },
  rights: {
    reads: {
      PREH: columns(
        'PRCo Employee FirstName LastName EMail PRGroup PRDept Craft Class HireDate TermDate ActiveYN',
      ),
      PREC: columns('PRCo EarnCode Description Factor EarnType CostTypeID ActiveYN'),
      PRCC: columns('PRCo Craft Class Description'),
      PRDP: columns('PRCo PRDept Description'),
      PRSH: columns('PRCo Shift'),
      PRGR: columns('PRCo PRGroup Description PayFreq'),
      PRPC: columns('PRCo PRGroup PREndDate Run BeginDate CutoffDate Mth Status'),
      HQBE: columns('Co Mth BatchId Seq ErrorText'),
      PRTB: columns(`Co Mth BatchId Seq ${CARD_COLUMNS}`),
      PRTH: columns(`PRCo PRGroup PREndDate Run Mth BatchId ${CARD_COLUMNS}`),
    },
    inserts: ['PRTB'],
    deletes: ['PRTB'],
  },
  employees: {
    from: 'PREH t',
    where: 't.PRCo = @company',
    order: 't.Employee',
    columns: {
      number: text('t.Employee'),
      first_name: text('t.FirstName'),
      last_name: text('t.LastName'),
      email: text('t.EMail'),
      pay_group: text('t.PRGroup'),
      dept: text('t.PRDept'),
      craft: text('t.Craft'),
      craft_class: text('t.Class'),
      hired_on: date('t.HireDate'),
      ended_on: date('t.TermDate'),
      active: text('t.ActiveYN'),
    },
  },
  earnCodes: {
    from: 'PREC t',
    where: 't.PRCo = @company',
    order: 't.EarnCode',
    columns: {
      code: text('t.EarnCode'),
      name: text('t.Description'),
      factor: text('t.Factor'),
      cost_type: text('t.CostTypeID'),
      active: text('t.ActiveYN'),
    },
  },
  classes: {
    from: 'PRCC t',
    where: 't.PRCo = @company',
    order: 't.Craft, t.Class',
    columns: { craft: text('t.Craft'), craft_class: text('t.Class'), name: text('t.Description') },
  },
  departments: {
    from: 'PRDP t',
    where: 't.PRCo = @company',
    order: 't.PRDept',
    columns: { code: text('t.PRDept'), name: text('t.Description') },
  },
  payGroups: {
    from: 'PRGR t',
    where: 't.PRCo = @company',
    order: 't.PRGroup',
    columns: { code: text('t.PRGroup'), name: text('t.Description') },
  },
  shifts: {
    from: 'PRSH t',
    where: 't.PRCo = @company',
    order: 't.Shift',
    columns: { code: text('t.Shift') },
  },
  periods: {
    from: "PRPC t JOIN PRGR g ON g.PRCo = t.PRCo AND g.PRGroup = t.PRGroup LEFT JOIN GLPD m ON m.GLCo = t.PRCo AND m.Mth = t.Mth AND m.Module = 'PR'",
    where: 't.PRCo = @company',
    order: 't.PREndDate, t.PRGroup, t.Run',
    columns: {
      pay_group: text('t.PRGroup'),
      run: number('t.Run'),
      begins: date('t.BeginDate'),
      ends: date('t.PREndDate'),
      cut_off: date('t.CutoffDate'),
      status: text('t.Status'),
      frequency: text('g.PayFreq'),
      month: text('t.Mth'),
      month_status: text('m.Status'),
    },
  },
  jobs: { from: 'JCJM t', where: 't.JCCo = @company', order: 't.KeyID', columns: { id: number('t.KeyID') } },
  phases: {
    from: 'JCJP t JOIN JCJM j ON j.KeyID = t.JobID',
    where: 'j.JCCo = @company',
    order: 't.KeyID',
    columns: { id: number('t.KeyID'), job: number('t.JobID') },
  },
  batches: {
    from: 'HQBC b {held}',
    where: 'b.Co = @company AND b.PRGroup = @payGroup AND b.PREndDate = @ends AND b.PRRun = @run',
    order: 'b.Mth, b.BatchId',
    columns: {
      month: text('b.Mth'),
      batch: number('b.BatchId'),
      status: text('b.Status'),
      in_use_by: text('b.InUseBy'),
      last_sequence: number(
        '(SELECT max(s.Seq) FROM PRTB s WHERE s.Co = b.Co AND s.Mth = b.Mth AND s.BatchId = b.BatchId)',
      ),
    },
  },
  unposted: {
    from: `PRTB t ${BATCH_OF} LEFT JOIN PREC e ON e.PRCo = t.Co AND e.EarnCode = t.EarnCode`,
    ofPeriod: OF_PERIOD,
    ofDates: 't.Co = @company AND t.PostDate BETWEEN @first AND @last',
    order: 't.Card',
    columns: { ...CARD, month: text('t.Mth'), batch: number('t.BatchId') },
  },
  posted: {
    from: 'PRTH t LEFT JOIN PREC e ON e.PRCo = t.PRCo AND e.EarnCode = t.EarnCode',
    ofPeriod: 't.PRCo = @company AND t.PRGroup = @payGroup AND t.PREndDate = @ends AND t.Run = @run',
    ofDates: 't.PRCo = @company AND t.PREndDate >= @first AND t.PostDate BETWEEN @first AND @last',
    order: 't.Card',
    columns: { ...CARD, month: text('t.Mth'), batch: number('t.BatchId') },
  },
  problems: {
    from: `HQBE x JOIN PRTB t ON t.Co = x.Co AND t.Mth = x.Mth AND t.BatchId = x.BatchId AND t.Seq = x.Seq ${BATCH_OF}`,
    where: OF_PERIOD,
    order: 'x.Seq',
    columns: { id: text('t.Card'), says: text('x.ErrorText') },
  },
  frequencies: { W: 'weekly', B: 'biweekly', S: 'semimonthly', M: 'monthly' },
  families: (type) => FAMILIES[type] ?? 'worked',
  periodStates: { 0: 'future', 1: 'open', 2: 'closed' },
  batchStatuses: {
    0: { is: 'open', says: 'is open' },
    1: {
      is: 'waits',
      says: 'has been validated; somebody must post it or set it back to open',
      isAccepted: true,
    },
    2: { is: 'waits', says: 'is being posted', isAccepted: true },
    5: { is: 'gone', says: 'has been posted' },
  },
  // Late cards are taken with the next period, under their own dates.
  dates: 'until_end',
  month: ({ month, month_status: status }) =>
    status === 'open'
      ? { month: String(month) }
      : { closed: `month ${String(month)} is ${String(status ?? 'not open')} for PR` },
  async open(session, { company }, { period, purpose, month }) {
    const bound = {
      ...{ company: Number(company), month, source: SOURCE, us: US },
      ...{ payGroup: Number(period.group), ends: period.end, run: period.run },
      autoOT: purpose === 'correction' ? 'N' : 'Y',
    };
    const [, [row] = []] = await session.ask('open', [
      change(
        `INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy, PRGroup, PREndDate, PRRun, AutoOT)
         SELECT @company, @month, (SELECT coalesce(max(BatchId), 0) + 1 FROM HQBC WHERE Co = @company AND Mth = @month), @source, @us, @payGroup, @ends, @run, @autoOT`,
        bound,
      ),
      query('SELECT max(BatchId) AS batch FROM HQBC WHERE Co = @company AND Mth = @month', bound),
    ]);
    return Number(row?.['batch']);
  },
  table: 'PRTB',
  lineKey: 'Card',
  rowOf(line, { month, batch, sequence }, { company }) {
    const { ids } = line;
    return {
      values: {
        Co: Number(company),
        Mth: month,
        BatchId: batch,
        Seq: sequence,
        Employee: Number(ids.employee),
        PostDate: line.date,
        JobID: ids.job,
        PhaseID: ids.phase,
        EarnCode: Number(line.earnCode),
        Craft: line.craft,
        Class: line.class,
        Shift: line.shift,
        PRDept: line.department,
        Cert: line.certified ? 'Y' : 'N',
        Equipment: ids.equipment,
        Hours: line.hours,
        Memo: line.memo,
        EnteredBy: US,
      },
      made: {
        Shift: "coalesce(@Shift, '1')",
        PRDept: 'coalesce(@PRDept, (SELECT PRDept FROM PREH WHERE PRCo = @Co AND Employee = @Employee))',
      },
    };
  },
  shownMonth: (month) => month,
};
