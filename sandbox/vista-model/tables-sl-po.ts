import type { Table } from './description';
import { mustExist, table } from './description';
import { costExists } from './tables-jc';
import { vendorExists } from './tables-hq';

const IN_USE = 'InUseMth bMonth?; InUseBatchId bBatchID?';

/** Status of subcontracts and purchase orders: 0 open, 1 complete, 2 closed, 3 pending. */
const SL_HEADER = `JCCo bCompany; Job bJob; Description bItemDesc?; VendorGroup bGroup; Vendor bVendor; HoldCode bHoldCode?; PayTerms bPayTerms?
   CompGroup varchar(10)?; Status tinyint =0; OrigDate bDate?; Approved bYN =N; ApprovedBy varchar(128)?; MaxRetgOpt char(1) =N; MaxRetgPct bPct =0; MaxRetgAmt bDollar =0
   udPermit varchar(20)?; Notes bNotes?; UniqueAttchID uniqueidentifier?`;

/** Item types: 1 regular, 2 change order, 3 back charge, 4 add-on. */
const SL_ITEM = `ItemType tinyint =1; JCCo bCompany; Job bJob; PhaseGroup bGroup; Phase bPhase; JCCType bJCCType; Description bItemDesc?; UM bUM =LS
   GLCo bCompany?; GLAcct bGLAcct?; WCRetPct bPct =0; SMRetPct bPct =0; VendorGroup bGroup?; OrigUnits bUnits =0; OrigUnitCost bUnitCost =0; OrigCost bDollar =0
   TaxGroup bGroup?; TaxCode bTaxCode?; TaxType tinyint?; OrigTax bDollar =0; Notes bNotes?`;

const PO_HEADER = `JCCo bCompany?; Job bJob?; Description bItemDesc?; VendorGroup bGroup; Vendor bVendor; HoldCode bHoldCode?; PayTerms bPayTerms?
   CompGroup varchar(10)?; Status tinyint =0; OrderDate bDate?; OrderedBy varchar(10)?; ExpDate bDate?; Approved bYN =N; ApprovedBy varchar(128)?; Notes bNotes?
   UniqueAttchID uniqueidentifier?`;

/** Line types as in AP: 1 job. */
const PO_ITEM = `ItemType tinyint =1; PostToCo bCompany; JCCo bCompany?; Job bJob?; PhaseGroup bGroup?; Phase bPhase?; JCCType bJCCType?; Description bItemDesc?; UM bUM =LS
   GLCo bCompany?; GLAcct bGLAcct?; OrigUnits bUnits =0; OrigUnitCost bUnitCost =0; OrigECM char(1)?; OrigCost bDollar =0; TaxGroup bGroup?; TaxCode bTaxCode?; TaxType tinyint?
   OrigTax bDollar =0; Notes bNotes?`;

const CURRENT =
  'CurUnits bUnits =0; CurUnitCost bUnitCost =0; CurCost bDollar =0; InvUnits bUnits =0; InvCost bDollar =0';

/** A lump sum has no units and no price. */
const lumpSum = (table: string, units = 'OrigUnits', price = 'OrigUnitCost'): Table['rules'][number] => ({
  on: ['insert', 'update'],
  says: `Units and unit cost must be 0 when the unit of measure is LS - cannot save ${table}!`,
  when: `n.UM = 'LS' AND (CAST(n.${units} AS numeric(16,5)) <> 0 OR CAST(n.${price} AS numeric(16,5)) <> 0)`,
});

const unitExists = (table: string): Table['rules'][number] =>
  mustExist(`Unit of measure {n.UM} is invalid - cannot save ${table}!`, 'HQUM WHERE UM = n.UM');

const jobExists = (table: string, unless?: string): Table['rules'][number] =>
  mustExist(
    `Job {n.Job} is not on file - cannot save ${table}!`,
    'JCJM WHERE JCCo = n.JCCo AND Job = n.Job',
    ['insert', 'update'],
    unless,
  );

const BATCH = 'Co bCompany; Mth bMonth; BatchId bBatchID; BatchSeq int; BatchTransType char(1) =A';

interface Module {
  readonly module: 'SL' | 'PO';
  readonly header: string;
  readonly item: string;
}

/** Orders, their items and changes: in batches first, history when posted. */
function orders({ module, header, item }: Module): readonly Table[] {
  const [co, order, itemColumn] = [`${module}Co`, module, `${module}Item`];
  const [HB, IB, CB, HD, IT, CD] = ['HB', 'IB', 'CB', 'HD', 'IT', 'CD'].map((end) => `${module}${end}`) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const changes = `${order} varchar(30); ${itemColumn} bItem; ${module === 'SL' ? 'SLChangeOrder smallint' : 'POChangeOrder smallint'}; AppChangeOrder varchar(10)?
     ActDate bDate; Description bItemDesc?; UM bUM =LS; ChangeCurUnits bUnits =0; CurUnitCost bUnitCost =0; ChangeCurCost bDollar =0; Notes bNotes?; UniqueAttchID uniqueidentifier?`;
  const cost = (name: string, company: string): Table['rules'] =>
    costExists(
      name,
      company,
      'JCCType',
      module === 'SL' ? 'n.Job IS NULL' : 'n.Job IS NULL OR n.ItemType <> 1',
    );
  return [
    table(HB, 'Co Mth BatchId BatchSeq', `${BATCH}; ${order} varchar(30); ${header}`, {
      rules: [
        vendorExists(HB, 'n.Co'),
        jobExists(HB, 'n.Job IS NULL'),
        {
          on: ['insert'],
          says: `${module} {n.${order}} exists already - cannot insert ${HB}!`,
          when: `n.BatchTransType = 'A' AND EXISTS (SELECT 1 FROM ${HD} WHERE ${co} = n.Co AND ${order} = n.${order})`,
        },
      ],
    }),
    table(IB, `Co Mth BatchId BatchSeq ${itemColumn}`, `${BATCH}; ${itemColumn} bItem; ${item}`, {
      rules: [
        mustExist(
          `The header of item {n.${itemColumn}} is missing - cannot insert ${IB}!`,
          `${HB} WHERE Co = n.Co AND Mth = n.Mth AND BatchId = n.BatchId AND BatchSeq = n.BatchSeq`,
          ['insert'],
        ),
        ...cost(IB, 'JCCo'),
        unitExists(IB),
        lumpSum(IB),
      ],
    }),
    table(CB, 'Co Mth BatchId BatchSeq', `${BATCH}; ${module}Trans bTrans?; ${changes}`, {
      rules: [
        mustExist(
          `${module} {n.${order}} item {n.${itemColumn}} is not on file - cannot save ${CB}!`,
          `${IT} WHERE ${co} = n.Co AND ${order} = n.${order} AND ${itemColumn} = n.${itemColumn}`,
        ),
        unitExists(CB),
        lumpSum(CB, 'ChangeCurUnits', 'CurUnitCost'),
      ],
    }),
    table(
      HD,
      `${co} ${order}`,
      `${co} bCompany; ${order} varchar(30); ${header}; MthClosed bMonth?; ${IN_USE}; AddedMth bMonth?; AddedBatchID bBatchID?`,
      {
        rules: [
          vendorExists(HD, `n.${co}`),
          jobExists(HD, 'n.Job IS NULL'),
          {
            on: ['update'],
            says: `The number of ${module} {o.${order}} cannot change - cannot update ${HD}!`,
            when: `n.${order} <> o.${order}`,
          },
          {
            on: ['delete'],
            says: `${module} {o.${order}} has been invoiced - cannot delete ${HD}!`,
            when: `EXISTS (SELECT 1 FROM ${IT} WHERE ${co} = o.${co} AND ${order} = o.${order} AND CAST(InvCost AS numeric(12,2)) <> 0)`,
          },
        ],
      },
    ),
    table(
      IT,
      `${co} ${order} ${itemColumn}`,
      `${co} bCompany; ${order} varchar(30); ${itemColumn} bItem; ${item}; ${CURRENT}; AddedMth bMonth?; AddedBatchID bBatchID?; ${IN_USE}`,
      {
        rules: [
          mustExist(
            `${module} {n.${order}} is not on file - cannot save ${IT}!`,
            `${HD} WHERE ${co} = n.${co} AND ${order} = n.${order}`,
          ),
          ...cost(IT, 'JCCo'),
          unitExists(IT),
          lumpSum(IT),
          {
            on: ['insert'],
            says: `An item added outside of a batch must be a change order item without amounts - cannot insert ${IT}!`,
            when: 'n.AddedBatchID IS NULL AND (n.ItemType <> 2 OR CAST(n.OrigCost AS numeric(12,2)) <> 0)',
          },
        ],
      },
    ),
    table(
      CD,
      `${co} Mth ${module}Trans`,
      `${co} bCompany; Mth bMonth; ${module}Trans bTrans; ${changes}; PostedDate bDate?; BatchId bBatchID?; ${IN_USE}`,
      {
        rules: [
          mustExist(
            `${module} {n.${order}} item {n.${itemColumn}} is not on file - cannot save ${CD}!`,
            `${IT} WHERE ${co} = n.${co} AND ${order} = n.${order} AND ${itemColumn} = n.${itemColumn}`,
          ),
        ],
      },
    ),
  ];
}

/** Subcontracts and purchase orders. */
export const ORDER_TABLES: readonly Table[] = [
  table('SLCO', 'SLCo', 'SLCo bCompany; AutoSL bYN =N'),
  table('POCO', 'POCo', 'POCo bCompany; AutoPO bYN =N'),
  ...orders({ module: 'SL', header: SL_HEADER, item: SL_ITEM }),
  ...orders({ module: 'PO', header: PO_HEADER, item: PO_ITEM }),
];
