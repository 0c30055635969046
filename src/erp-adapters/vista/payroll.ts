import type { Family } from '../../domain/payroll/line';
import { busy } from '../sql/refusals';
import type { PayrollSpec, Selected } from '../sql/payroll/spec';
import { date, decimal, number, text } from '../sql/payroll/spec';
import type { Scope } from '../sql/scope';
import { callOf, monthClosed, shownMonth, WHY } from './batches';
import type { VistaOptions } from './settings';
import type { VistaSql } from './sql';
import { jobId, jobNumber, phaseCode, phaseId } from './sql';

const SOURCE = 'PR Entry';

const columns = (names: string): readonly string[] => names.split(' ');

const CARD_COLUMNS =
  'KeyID Employee PaySeq PostDate JCCo Job PhaseGroup Phase EarnCode Shift PRDept Cert Craft Class Hours Equipment Memo';

const CARD = {
  employee: text('t.Employee'),
  work_date: date('t.PostDate'),
  job: number(jobId('t', 'JCCo')),
  phase: number(phaseId('t')),
  earn_code: text('t.EarnCode'),
  craft: text('t.Craft'),
  craft_class: text('t.Class'),
  shift: text('t.Shift'),
  dept: text('t.PRDept'),
  certified: text('t.Cert'),
  equipment: text('t.Equipment'),
  hours: decimal('t.Hours'),
  memo: text('t.Memo'),
  // Vista does not tell what its overtime rules made of what.
  made_from: text('NULL'),
  family: text('t.EarnCode'),
};

const OF_BATCH =
  "b.Co = @company AND b.PRGroup = @payGroup AND b.PREndDate = @ends AND RTRIM(b.TableName) = 'PRTB'";

/** How sentences of the validation begin that are about one row (*inferred*); all others are about the whole batch. */
const about = (d: VistaSql['d']): string =>
  ["'Seq# '", "'Seq#'"]
    .flatMap((start) =>
      ["':%'", "' %'"].map((end) => `x.ErrorText LIKE ${d.concat(start, d.read('t.BatchSeq', 'text'), end)}`),
    )
    .join(' OR ');

/**
 * Payroll of Vista as data: PR Timecard Entry, in batches of our own. A run of a period is a pay sequence (PRPS); corrections go into one of their own, which
 * automatic overtime leaves alone. Rates and amounts are named nowhere: they are the ERP's (docs/vista.md says what must be tried out).
 */
export function vistaPayroll(
  { d }: VistaSql,
  { families, corrections }: NonNullable<VistaOptions['payroll']>,
): PayrollSpec {
  const separate = corrections ?? -1;
  const ofRun = `(t.PaySeq = @run OR (@run = 1 AND t.PaySeq = ${separate}))`;
  const company = (column: string): string => `t.${column} = @company`;
  const codeTable = (table: string, key: string): PayrollSpec['departments'] => ({
    from: `${table} t`,
    where: company('PRCo'),
    order: `t.${key}`,
    columns: { code: text(`t.${key}`), name: text('t.Description') },
  });
  /** Posted rows know the number of their batch, but not its month. */
  const postedMonth: Selected = date(
    `(SELECT MAX(b.Mth) FROM HQBC b WHERE b.Co = t.PRCo AND b.BatchId = t.BatchId AND b.PRGroup = t.PRGroup AND b.PREndDate = t.PREndDate AND RTRIM(b.TableName) = 'PRTB')`,
  );
  return {
    can: corrections === undefined ? {} : { negatives: true },
    rights: {
      reads: {
        PREH: columns(
          'PRCo Employee LastName FirstName PRGroup PRDept Craft Class HireDate TermDate ActiveYN Email',
        ),
        PREC: columns('PRCo EarnCode Description Factor JCCostType'),
        PRCC: columns('PRCo Craft Class Description'),
        PRDP: columns('PRCo PRDept Description'),
        PRGR: columns('PRCo PRGroup Description PayFreq'),
        PRPC: columns('PRCo PRGroup PREndDate BeginDate MultiMth BeginMth EndMth Status'),
        PRPS: columns('PRCo PRGroup PREndDate PaySeq'),
        HQBE: columns('Co Mth BatchId Seq ErrorText'),
        PRTB: columns(`Co Mth BatchId BatchSeq BatchTransType ${CARD_COLUMNS}`),
        PRTH: columns(`PRCo PRGroup PREndDate BatchId ${CARD_COLUMNS}`),
      },
      inserts: ['PRTB'],
      deletes: ['PRTB'],
    },
    employees: {
      from: 'PREH t',
      where: company('PRCo'),
      order: 't.Employee',
      columns: {
        number: text('t.Employee'),
        first_name: text('t.FirstName'),
        last_name: text('t.LastName'),
        email: text('t.Email'),
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
      where: company('PRCo'),
      order: 't.EarnCode',
      columns: {
        code: text('t.EarnCode'),
        name: text('t.Description'),
        factor: decimal('t.Factor'),
        cost_type: text('t.JCCostType'),
        // An earn code of Vista is never inactive.
        active: text("'Y'"),
      },
    },
    classes: {
      from: 'PRCC t',
      where: company('PRCo'),
      order: 't.Craft, t.Class',
      columns: { craft: text('t.Craft'), craft_class: text('t.Class'), name: text('t.Description') },
    },
    departments: codeTable('PRDP', 'PRDept'),
    payGroups: codeTable('PRGR', 'PRGroup'),
    // A number on the card, without a table of its own.
    shifts: ['1', '2', '3'],
    periods: {
      from: `PRPC t JOIN PRGR g ON g.PRCo = t.PRCo AND g.PRGroup = t.PRGroup LEFT JOIN PRPS s ON s.PRCo = t.PRCo AND s.PRGroup = t.PRGroup
AND s.PREndDate = t.PREndDate AND s.PaySeq <> ${separate}`,
      where: company('PRCo'),
      order: 't.PREndDate, t.PRGroup, s.PaySeq',
      columns: {
        pay_group: text('t.PRGroup'),
        run: number('COALESCE(s.PaySeq, 1)'),
        begins: date('t.BeginDate'),
        ends: date('t.PREndDate'),
        // Vista's own cut-off parts the months that cost goes to, not the days that hours are taken on.
        cut_off: text('NULL'),
        status: text('t.Status'),
        frequency: text('g.PayFreq'),
        begin_month: date('t.BeginMth'),
        end_month: date("CASE t.MultiMth WHEN 'Y' THEN t.EndMth END"),
        corrections: number(
          `(SELECT COUNT(*) FROM PRPS c WHERE c.PRCo = t.PRCo AND c.PRGroup = t.PRGroup AND c.PREndDate = t.PREndDate AND c.PaySeq = ${separate})`,
        ),
      },
    },
    jobs: {
      from: 'JCJM t',
      where: company('JCCo'),
      order: 't.KeyID',
      columns: { id: number('t.KeyID') },
    },
    phases: {
      from: 'JCJP t',
      where: company('JCCo'),
      order: 't.KeyID',
      columns: { id: number('t.KeyID'), job: number(jobId('t', 'JCCo')) },
    },
    batches: {
      from: 'HQBC b {held}',
      where: OF_BATCH,
      order: 'b.Mth, b.BatchId',
      columns: {
        month: date('b.Mth'),
        batch: number('b.BatchId'),
        status: text('b.Status'),
        in_use_by: text('b.InUseBy'),
        last_sequence: number(
          '(SELECT MAX(s.BatchSeq) FROM PRTB s WHERE s.Co = b.Co AND s.Mth = b.Mth AND s.BatchId = b.BatchId)',
        ),
      },
    },
    unposted: {
      from: 'PRTB t JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId',
      // Posted rows that somebody pulled back into a batch are still told as posted.
      ofPeriod: `${OF_BATCH} AND t.BatchTransType = 'A' AND ${ofRun}`,
      ofDates: "t.Co = @company AND t.BatchTransType = 'A' AND t.PostDate BETWEEN @first AND @last",
      order: 't.KeyID',
      columns: { ...CARD, id: text('t.KeyID'), month: date('t.Mth'), batch: number('t.BatchId') },
    },
    posted: {
      from: 'PRTH t',
      ofPeriod: `t.PRCo = @company AND t.PRGroup = @payGroup AND t.PREndDate = @ends AND ${ofRun}`,
      ofDates: 't.PRCo = @company AND t.PREndDate >= @first AND t.PostDate BETWEEN @first AND @last',
      order: 't.KeyID',
      columns: {
        ...CARD,
        id: text(d.concat("'H'", d.read('t.KeyID', 'text'))),
        month: postedMonth,
        batch: number('t.BatchId'),
      },
    },
    problems: {
      from: `HQBE x JOIN HQBC b ON b.Co = x.Co AND b.Mth = x.Mth AND b.BatchId = x.BatchId
JOIN PRTB t ON t.Co = x.Co AND t.Mth = x.Mth AND t.BatchId = x.BatchId`,
      where: `${OF_BATCH} AND (${about(d)} OR x.ErrorText NOT LIKE 'Seq#%')`,
      order: 'x.Seq',
      columns: { id: text('t.KeyID'), says: text('x.ErrorText') },
    },
    frequencies: { W: 'weekly', B: 'biweekly', S: 'semimonthly', M: 'monthly' },
    families: (earnCode): Family => families[earnCode] ?? 'worked',
    periodStates: { 0: 'open', 1: 'closed' },
    batchStatuses: {
      0: { is: 'open', says: 'is open' },
      ...Object.fromEntries(
        Object.entries(WHY).map(([status, { says, passes }]) => [
          status,
          {
            is: passes ? ('waits' as const) : ('gone' as const),
            says,
            ...(status === '3' || status === '4' ? { isAccepted: true as const } : {}),
          },
        ]),
      ),
    },
    dates: 'inside',
    month({ begin_month: begin, end_month: end }, scope) {
      const months = [begin, end].filter((month) => typeof month === 'string');
      const reasons = months.map((month) => monthClosed(month, SOURCE, scope));
      const open = months.find((_, index) => reasons[index] === null);
      return open === undefined ? { closed: reasons[0] ?? 'the pay period has no month' } : { month: open };
    },
    noCorrections: ({ corrections: there }) =>
      Number(there) > 0
        ? null
        : `the pay period has no pay sequence ${corrections ?? ''} for corrections (PR Pay Period Control)`,
    async open(session, scope, { period, month }) {
      const bound = {
        ...{ company: Number(scope.company), month, source: SOURCE, tableName: 'PRTB', us: loginIn(scope) },
        ...{ payGroup: Number(period.group), ends: period.end },
      };
      const answers = await session.ask('open', callOf(session, bound));
      const [answer] = answers.at(-1) ?? [];
      const id = Number(answer?.['batchid'] ?? 0);
      if (id > 0) return id;
      throw busy(
        `bspHQBCInsert opens no batch of ${shownMonth(month)} (${SOURCE}): ${String(answer?.['errmsg'] ?? 'no reason was given')}`,
      );
    },
    release: (scope, { month, batch }) => [
      'UPDATE HQBC SET InUseBy = NULL WHERE Co = @company AND Mth = @month AND BatchId = @batch AND InUseBy = @us',
      { company: Number(scope.company), month, batch, us: loginIn(scope) },
    ],
    table: 'PRTB',
    lineKey: 'KeyID',
    rowOf(line, { period, purpose, month, batch, sequence, begins }, { company: co, owners }) {
      const { ids } = line;
      const hasJob = ids.job !== null;
      return {
        values: {
          Co: Number(co),
          Mth: month,
          BatchId: batch,
          BatchSeq: sequence,
          BatchTransType: 'A',
          Employee: Number(ids.employee),
          PaySeq: purpose === 'correction' ? separate : period.run,
          Type: 'J',
          DayNum: dayNumber(begins, line.date),
          PostDate: line.date,
          JCCo: hasJob ? (owners['JCCo'] ?? null) : null,
          Job: ids.job,
          PhaseGroup: hasJob ? (owners['PhaseGroup'] ?? null) : null,
          Phase: ids.phase,
          EarnCode: Number(line.earnCode),
          Shift: line.shift,
          PRDept: line.department,
          GLCo: owners['GLCo'] ?? null,
          Cert: line.certified ? 'Y' : 'N',
          Craft: line.craft,
          Class: line.class,
          Hours: line.hours,
          EMCo: ids.equipment === null ? null : Number(co),
          Equipment: ids.equipment,
          Memo: line.memo,
        },
        made: {
          Job: jobNumber('@Job'),
          Phase: phaseCode('@Phase'),
          Shift: 'COALESCE(@Shift, 1)',
          PRDept:
            'COALESCE(@PRDept, (SELECT h.PRDept FROM PREH h WHERE h.PRCo = @Co AND h.Employee = @Employee))',
        },
      };
    },
    shownMonth: (month) => month.slice(0, 7),
  };
}

const loginIn = ({ settings }: Scope): string | null => {
  const login = settings['Login'] ?? null;
  return login === null ? null : String(login);
};

/** 1 is the first day of the period; days before it count down. */
const dayNumber = (begins: string, day: string): number =>
  Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${begins}T00:00:00Z`)) / 86_400_000) + 1;
