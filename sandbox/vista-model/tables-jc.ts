import type { Rule, Table } from './description';
import { mustExist, table } from './description';

const ADDRESS =
  'MailAddress varchar(60)?; MailCity varchar(30)?; MailState bState?; MailZip bZip?; MailCountry bCountry?; MailAddress2 varchar(60)?';

/** The country of a row without one is that of its company. */
export const stateExists = (table: string, state: string, country: string, company: string): Rule =>
  mustExist(
    `State {n.${state}} is invalid - cannot save ${table}!`,
    `HQST WHERE State = n.${state} AND Country = COALESCE(n.${country}, (SELECT MIN(DefaultCountry) FROM HQCO WHERE ${company}))`,
    ['insert', 'update'],
    `n.${state} IS NULL`,
  );

const OPEN_JOB = (table: string, company: string): Rule => ({
  on: ['insert'],
  says: `Job {n.Job} is closed - cannot insert ${table}!`,
  when: `EXISTS (SELECT 1 FROM JCJM j JOIN JCCO c ON c.JCCo = j.JCCo WHERE j.JCCo = n.${company} AND j.Job = n.Job
    AND ((j.JobStatus = 2 AND c.PostSoftClosedJobs = 'N') OR (j.JobStatus = 3 AND c.PostClosedJobs = 'N')))`,
});

/** Cost goes to a phase and a cost type that the job has. */
export const costExists = (
  table: string,
  company: string,
  costType = 'JCCType',
  unless = 'n.Job IS NULL',
): readonly Rule[] => [
  mustExist(
    `Phase {n.Phase} and cost type {n.${costType}} are not set up on job {n.Job} - cannot save ${table}!`,
    `JCCH WHERE JCCo = n.${company} AND Job = n.Job AND PhaseGroup = n.PhaseGroup AND Phase = n.Phase AND CostType = n.${costType} AND ActiveYN = 'Y'`,
    ['insert'],
    unless,
  ),
];

/** Job cost: contracts and their items, jobs, phases, cost types, cost. */
export const JC_TABLES: readonly Table[] = [
  table(
    'JCCO',
    'JCCo',
    'JCCo bCompany; GLCo bCompany; PostSoftClosedJobs bYN =N; PostClosedJobs bYN =N; ValidPhaseChars tinyint =6',
  ),
  table('JCDM', 'JCCo Department', 'JCCo bCompany; Department bDept; Description bDesc'),
  table(
    'JCCM',
    'JCCo Contract',
    `JCCo bCompany; Contract bContract; Description bItemDesc?; Department bDept; ContractStatus tinyint =1; StartMonth bMonth
     MonthClosed bMonth?; Customer int?; CustGroup bGroup?; RetainagePCT bPct =0; DefaultBillType char(1) =P
     OrigContractAmt bDollar =0; ContractAmt bDollar =0; BilledAmt bDollar =0; StartDate bDate?; Notes bNotes?; UniqueAttchID uniqueidentifier?`,
    {
      rules: [
        mustExist(
          'Department {n.Department} is invalid - cannot save JCCM!',
          'JCDM WHERE JCCo = n.JCCo AND Department = n.Department',
        ),
        {
          on: ['delete'],
          says: 'Contract {o.Contract} has jobs - cannot delete JCCM!',
          when: 'EXISTS (SELECT 1 FROM JCJM WHERE JCCo = o.JCCo AND Contract = o.Contract)',
        },
      ],
    },
  ),
  table(
    'JCCI',
    'JCCo Contract Item',
    `JCCo bCompany; Contract bContract; Item bContractItem; Description bItemDesc?; Department bDept; TaxGroup bGroup?; TaxCode bTaxCode?
     UM bUM =LS; RetainPCT bPct =0; OrigContractAmt bDollar =0; OrigContractUnits bUnits =0; OrigUnitPrice bUnitCost =0
     ContractAmt bDollar =0; ContractUnits bUnits =0; UnitPrice bUnitCost =0; BillType char(1) =P; Notes bNotes?; UniqueAttchID uniqueidentifier?`,
    {
      rules: [
        mustExist(
          'Contract {n.Contract} is not on file - cannot save JCCI!',
          'JCCM WHERE JCCo = n.JCCo AND Contract = n.Contract',
        ),
        mustExist('Unit of measure {n.UM} is invalid - cannot save JCCI!', 'HQUM WHERE UM = n.UM'),
      ],
    },
  ),
  table(
    'JCJM',
    'JCCo Job',
    `JCCo bCompany; Job bJob; Description bItemDesc?; Contract bContract; JobStatus tinyint =1; LockPhases bYN =N; ProjectMgr int?
     ${ADDRESS}; ShipAddress varchar(60)?; ShipCity varchar(30)?; ShipState bState?; ShipZip bZip?
     TaxGroup bGroup?; TaxCode bTaxCode?; PRStateCode bState?; PRLocalCode varchar(10)?; Certified bYN =N; CraftTemplate smallint?
     VendorGroup bGroup; ProjMinPct bPct =0; BidNumber varchar(10)?; udSiteCode varchar(12)?; Notes bNotes?; UniqueAttchID uniqueidentifier?`,
    {
      rules: [
        mustExist(
          'Contract {n.Contract} is not on file - cannot save JCJM!',
          'JCCM WHERE JCCo = n.JCCo AND Contract = n.Contract',
        ),
        {
          on: ['insert', 'update'],
          says: 'Job status {n.JobStatus} must be 0, 1, 2 or 3 - cannot save JCJM!',
          when: 'n.JobStatus NOT IN (0, 1, 2, 3)',
        },
        stateExists('JCJM', 'MailState', 'MailCountry', 'HQCo = n.JCCo'),
        {
          on: ['update'],
          says: 'The number of job {o.Job} cannot change - cannot update JCJM!',
          when: 'n.Job <> o.Job OR n.JCCo <> o.JCCo',
        },
        {
          on: ['delete'],
          says: 'Job {o.Job} has phases - cannot delete JCJM!',
          when: 'EXISTS (SELECT 1 FROM JCJP WHERE JCCo = o.JCCo AND Job = o.Job)',
        },
      ],
    },
  ),
  table(
    'JCPM',
    'PhaseGroup Phase',
    'PhaseGroup bGroup; Phase bPhase; Description bItemDesc?; ProjMinPct bPct =0; Notes bNotes?',
  ),
  table(
    'JCCT',
    'PhaseGroup CostType',
    'PhaseGroup bGroup; CostType bJCCType; Description bDesc?; Abbreviation varchar(10)?; TrackHours bYN =N; JBCostTypeCategory char(1)?',
    {
      rules: [
        {
          on: ['delete'],
          says: 'Cost type {o.CostType} is in use - cannot delete JCCT!',
          when: 'EXISTS (SELECT 1 FROM JCCH WHERE PhaseGroup = o.PhaseGroup AND CostType = o.CostType)',
        },
      ],
    },
  ),
  table(
    'JCPC',
    'PhaseGroup Phase CostType',
    'PhaseGroup bGroup; Phase bPhase; CostType bJCCType; BillFlag char(1) =C; UM bUM =LS; ItemUnitFlag bYN =N; PhaseUnitFlag bYN =N',
  ),
  table(
    'JCJP',
    'JCCo Job PhaseGroup Phase',
    `JCCo bCompany; Job bJob; PhaseGroup bGroup; Phase bPhase; Description bItemDesc?; Contract bContract; Item bContractItem
     ProjMinPct bPct =0; ActiveYN bYN =Y; InsCode varchar(10)?; Notes bNotes?`,
    {
      rules: [
        mustExist(
          'Job {n.Job} is not on file - cannot save JCJP!',
          'JCJM WHERE JCCo = n.JCCo AND Job = n.Job',
        ),
        mustExist(
          'Item {n.Item} is not on contract {n.Contract} - cannot save JCJP!',
          'JCCI i JOIN JCJM j ON j.JCCo = i.JCCo AND j.Contract = i.Contract WHERE i.JCCo = n.JCCo AND i.Contract = n.Contract AND i.Item = n.Item AND j.Job = n.Job',
        ),
        {
          on: ['delete'],
          says: 'Phase {o.Phase} of job {o.Job} has cost types - cannot delete JCJP!',
          when: 'EXISTS (SELECT 1 FROM JCCH WHERE JCCo = o.JCCo AND Job = o.Job AND PhaseGroup = o.PhaseGroup AND Phase = o.Phase)',
        },
      ],
    },
  ),
  table(
    'JCCH',
    'JCCo Job PhaseGroup Phase CostType',
    `JCCo bCompany; Job bJob; PhaseGroup bGroup; Phase bPhase; CostType bJCCType; UM bUM =LS; BillFlag char(1) =C; ItemUnitFlag bYN =N
     PhaseUnitFlag bYN =N; BuyOutYN bYN =N; ActiveYN bYN =Y; SourceStatus char(1) =J; OrigHours bHrs =0; OrigUnits bUnits =0; OrigCost bDollar =0`,
    {
      rules: [
        mustExist(
          'Phase {n.Phase} is not set up on job {n.Job} - cannot save JCCH!',
          'JCJP WHERE JCCo = n.JCCo AND Job = n.Job AND PhaseGroup = n.PhaseGroup AND Phase = n.Phase',
        ),
        mustExist(
          'Cost type {n.CostType} is not on file - cannot save JCCH!',
          'JCCT WHERE PhaseGroup = n.PhaseGroup AND CostType = n.CostType',
        ),
        mustExist('Unit of measure {n.UM} is invalid - cannot save JCCH!', 'HQUM WHERE UM = n.UM'),
        OPEN_JOB('JCCH', 'JCCo'),
        {
          on: ['delete'],
          says: 'Cost type {o.CostType} of phase {o.Phase} has cost - cannot delete JCCH!',
          when: 'EXISTS (SELECT 1 FROM JCCD WHERE JCCo = o.JCCo AND Job = o.Job AND PhaseGroup = o.PhaseGroup AND Phase = o.Phase AND CostType = o.CostType)',
        },
      ],
    },
  ),
  // Cost and estimates that are not posted yet; JCTransType OE is an original estimate, CO a change of it.
  table(
    'JCCB',
    'Co Mth BatchId BatchSeq',
    `Co bCompany; Mth bMonth; BatchId bBatchID; BatchSeq int; TransType char(1) =A; CostTrans bTrans?; Job bJob; PhaseGroup bGroup; Phase bPhase
     CostType bJCCType; ActualDate bDate; JCTransType char(2); Description bItemDesc?; UM bUM =LS; Hours bHrs =0; Units bUnits =0; Cost bDollar =0
     Notes bNotes?; UniqueAttchID uniqueidentifier?`,
    { rules: costExists('JCCB', 'Co', 'CostType') },
  ),
  table(
    'JCCD',
    'JCCo Mth CostTrans',
    `JCCo bCompany; Mth bMonth; CostTrans bTrans; Job bJob; PhaseGroup bGroup; Phase bPhase; CostType bJCCType; PostedDate bDate; ActualDate bDate
     JCTransType char(2); Source bSource; Description bItemDesc?; BatchId bBatchID?; InUseBatchId bBatchID?; ReversalStatus tinyint =0; UM bUM =LS
     ActualHours bHrs =0; ActualUnits bUnits =0; ActualCost bDollar =0; EstHours bHrs =0; EstUnits bUnits =0; EstCost bDollar =0
     TotalCmtdCost bDollar =0; RemainCmtdCost bDollar =0; VendorGroup bGroup?; Vendor bVendor?; SL varchar(30)?; SLItem bItem?; PO varchar(30)?; POItem bItem?
     APCo bCompany?; APTrans bTrans?; UniqueAttchID uniqueidentifier?`,
    {
      rules: [
        ...costExists('JCCD', 'JCCo', 'CostType'),
        {
          on: ['update'],
          says: 'Cost transaction {o.CostTrans} of {mth o.Mth} is history - cannot update JCCD!',
          when: 'n.ActualCost <> o.ActualCost OR n.EstCost <> o.EstCost OR n.Job <> o.Job OR n.Phase <> o.Phase OR n.CostType <> o.CostType',
        },
        {
          on: ['delete'],
          says: 'Cost transaction {o.CostTrans} of {mth o.Mth} is history - cannot delete JCCD!',
          when: '1 = 1',
        },
      ],
    },
  ),
];
