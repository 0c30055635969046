import type { Table } from './description';
import { mustExist, table } from './description';

/** Payroll. Holds what nobody outside of payroll may see: numbers of people, their births and rates. */
export const PR_TABLES: readonly Table[] = [
  table('PRGR', 'PRCo PRGroup', 'PRCo bCompany; PRGroup bGroup; Description bDesc; PayFreq char(1) =W'),
  table('PRDP', 'PRCo PRDept', 'PRCo bCompany; PRDept bDept; Description bDesc; JCCostType bJCCType?'),
  table('PRCM', 'PRCo Craft', 'PRCo bCompany; Craft varchar(10); Description bDesc'),
  table(
    'PRCC',
    'PRCo Craft Class',
    'PRCo bCompany; Craft varchar(10); Class varchar(10); Description bDesc; OldCapLimit bDollar =0',
  ),
  table(
    'PREH',
    'PRCo Employee',
    `PRCo bCompany; Employee bEmployee; LastName varchar(30); FirstName varchar(30)?; MidName varchar(15)?; SortName bSortName; PRGroup bGroup; PRDept bDept
     Craft varchar(10)?; Class varchar(10)?; InsCode varchar(10)?; EarnCode smallint; JCCo bCompany?; Job bJob?; HireDate bDate?; TermDate bDate?; ActiveYN bYN =Y
     Email varchar(60)?; Phone bPhone?; CellPhone bPhone?; SSN char(11)?; BirthDate bDate?; Race char(2)?; Sex char(1)?; HrlyRate bUnitCost =0; SalaryAmt bDollar =0`,
    { unique: ['PRCo SortName'] },
  ),
  table(
    'PREC',
    'PRCo EarnCode',
    `PRCo bCompany; EarnCode smallint; Description bDesc; Method char(1) =H; Factor numeric(8,6) =1; TrueEarns bYN =Y; SubjToAddOns bYN =Y; CertRpt bYN =Y
     OTCalcs bYN =Y; EarnType tinyint =1; JCCostType bJCCType`,
  ),
  table(
    'PRPC',
    'PRCo PRGroup PREndDate',
    `PRCo bCompany; PRGroup bGroup; PREndDate bDate; BeginDate bDate; MultiMth bYN =N; BeginMth bMonth; EndMth bMonth?; CutoffDate bDate?; LimitMth bMonth?
     Hrs bHrs =40; Status tinyint =0; DateClosed bDate?; JCInterface bYN =N; GLInterface bYN =N`,
  ),
  table(
    'PRPS',
    'PRCo PRGroup PREndDate PaySeq',
    'PRCo bCompany; PRGroup bGroup; PREndDate bDate; PaySeq tinyint; Description bDesc?',
  ),
  table(
    'PRTB',
    'Co Mth BatchId BatchSeq',
    `Co bCompany; Mth bMonth; BatchId bBatchID; BatchSeq int; BatchTransType char(1) =A; Employee bEmployee; PaySeq tinyint; PostSeq smallint?; Type char(1) =J
     DayNum smallint; PostDate bDate; JCCo bCompany?; Job bJob?; PhaseGroup bGroup?; Phase bPhase?; EarnCode smallint; Shift tinyint =1; PRDept bDept; GLCo bCompany
     Cert bYN =N; Craft varchar(10)?; Class varchar(10)?; InsCode varchar(10)?; TaxState bState?; UnempState bState?; InsState bState?; LocalCode varchar(10)?
     Crew varchar(10)?; Hours bHrs; Rate bUnitCost =0; Amt bDollar =0; EMCo bCompany?; Equipment varchar(10)?; Memo varchar(500)?`,
    {
      rules: [
        mustExist(
          'Employee {n.Employee} is not on file - cannot save PRTB!',
          'PREH WHERE PRCo = n.Co AND Employee = n.Employee',
        ),
        mustExist(
          'Earn code {n.EarnCode} is not on file - cannot save PRTB!',
          'PREC WHERE PRCo = n.Co AND EarnCode = n.EarnCode',
        ),
        {
          on: ['insert', 'update'],
          says: 'The pay period is closed - cannot save PRTB!',
          when: `EXISTS (SELECT 1 FROM HQBC b JOIN PRPC p ON p.PRCo = b.Co AND p.PRGroup = b.PRGroup AND p.PREndDate = b.PREndDate
            WHERE b.Co = n.Co AND b.Mth = n.Mth AND b.BatchId = n.BatchId AND p.Status = 1)`,
        },
        {
          on: ['insert'],
          says: 'Job {n.Job} is closed - cannot insert PRTB!',
          when: `EXISTS (SELECT 1 FROM JCJM j JOIN JCCO c ON c.JCCo = j.JCCo WHERE j.JCCo = n.JCCo AND j.Job = n.Job
            AND ((j.JobStatus = 2 AND c.PostSoftClosedJobs = 'N') OR (j.JobStatus = 3 AND c.PostClosedJobs = 'N')))`,
        },
      ],
    },
  ),
  table(
    'PRTH',
    'PRCo PRGroup PREndDate Employee PaySeq PostSeq',
    `PRCo bCompany; PRGroup bGroup; PREndDate bDate; Employee bEmployee; PaySeq tinyint; PostSeq smallint; Type char(1) =J; PostDate bDate; JCCo bCompany?; Job bJob?
     PhaseGroup bGroup?; Phase bPhase?; EarnCode smallint; Shift tinyint =1; PRDept bDept; GLCo bCompany; Cert bYN =N; Craft varchar(10)?; Class varchar(10)?
     Hours bHrs; Rate bUnitCost; Amt bDollar; EMCo bCompany?; Equipment varchar(10)?; BatchId bBatchID?; InUseBatchId bBatchID?; PRTBKeyID bigint?; Memo varchar(500)?`,
  ),
];
