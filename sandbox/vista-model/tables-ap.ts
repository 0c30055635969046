import type { Table } from './description';
import { mustExist, table } from './description';
import { costExists, stateExists } from './tables-jc';
import { vendorExists } from './tables-hq';

const SECRET = 'TaxId varchar(12)?; RoutingId varchar(34)?; BankAcct varchar(35)?';

const HEADER = `VendorGroup bGroup; Vendor bVendor; APRef bAPReference?; Description bDesc?; InvDate bDate; DiscDate bDate?; DueDate bDate
   InvTotal bDollar =0; HoldCode bHoldCode?; PayControl varchar(10)?; PayMethod char(1) =C; CMCo bCompany?; CMAcct smallint?; PayTerms bPayTerms?
   V1099YN bYN =N; PrePaidYN bYN =N; Notes bNotes?; UniqueAttchID uniqueidentifier?`;

/** Line types: 1 job, 2 inventory, 3 expense, 4 equipment, 5 work order, 6 purchase order, 7 subcontract. */
const LINE = `LineType tinyint; PO varchar(30)?; POItem bItem?; SL varchar(30)?; SLItem bItem?; JCCo bCompany?; Job bJob?; PhaseGroup bGroup?
   Phase bPhase?; JCCType bJCCType?; GLCo bCompany?; GLAcct bGLAcct?; Description bDesc?; UM bUM?; Units bUnits =0; UnitCost bUnitCost =0; ECM char(1)?
   PayType tinyint =1; GrossAmt bDollar =0; MiscAmt bDollar =0; MiscYN bYN =N; TaxGroup bGroup?; TaxCode bTaxCode?; TaxType tinyint?; TaxBasis bDollar =0
   TaxAmt bDollar =0; Retainage bDollar =0; Discount bDollar =0; Notes bNotes?`;

const lineRules = (name: string, company: string, header: string): Table['rules'] => [
  mustExist(`The header of line {n.APLine} is missing - cannot insert ${name}!`, header, ['insert']),
  ...costExists(name, 'JCCo', 'JCCType', 'n.Job IS NULL OR n.LineType <> 1'),
  {
    on: ['insert', 'update'],
    says: `Line type {n.LineType} is invalid - cannot save ${name}!`,
    when: 'n.LineType NOT BETWEEN 1 AND 7',
  },
  mustExist(
    `Subcontract {n.SL} item {n.SLItem} is not on file - cannot save ${name}!`,
    `SLIT WHERE SLCo = n.${company} AND SL = n.SL AND SLItem = n.SLItem`,
    ['insert', 'update'],
    'n.LineType <> 7',
  ),
  mustExist(
    `Purchase order {n.PO} item {n.POItem} is not on file - cannot save ${name}!`,
    `POIT WHERE POCo = n.${company} AND PO = n.PO AND POItem = n.POItem`,
    ['insert', 'update'],
    'n.LineType <> 6',
  ),
  mustExist(
    `Unit of measure {n.UM} is invalid - cannot save ${name}!`,
    'HQUM WHERE UM = n.UM',
    ['insert', 'update'],
    'n.UM IS NULL',
  ),
];

/** Accounts payable: vendors, invoices unapproved, in a batch and posted, payments. */
export const AP_TABLES: readonly Table[] = [
  // APRefUnq: 0 no check, 1 by vendor and company, 2 by vendor in all companies, 3 by master vendor and company, 4 by master vendor in all companies.
  table(
    'APCO',
    'APCo',
    'APCo bCompany; GLCo bCompany; JCCo bCompany; CMCo bCompany?; CMAcct smallint?; APRefUnq tinyint =1; AuditVendors bYN =N',
  ),
  table(
    'APVM',
    'VendorGroup Vendor',
    `VendorGroup bGroup; Vendor bVendor; SortName bSortName; Name varchar(60); Type char(1) =R; Contact varchar(30)?; Phone bPhone?; Fax bPhone?
     EMail varchar(60)?; URL varchar(60)?; Address varchar(60)?; City varchar(30)?; State bState?; Zip bZip?; Country bCountry?; Address2 varchar(60)?
     POAddress varchar(60)?; POCity varchar(30)?; POState bState?; POZip bZip?; POCountry bCountry?; POAddress2 varchar(60)?
     TempYN bYN =N; Purge bYN =N; ActiveYN bYN =Y; V1099YN bYN =N; V1099Type varchar(10)?; V1099Box tinyint?; EFT char(1) =N; PayMethod char(1) =C
     PayTerms bPayTerms?; TaxGroup bGroup?; TaxCode bTaxCode?; HoldCode bHoldCode?; MasterVendor bVendor?; GLCo bCompany; AuditYN bYN =Y
     SeparatePayInvYN bYN =N; OverrideMinAmtYN bYN =N; APRefUnqOvr tinyint =0; UpdatePMYN bYN =N; AddRevToAllLinesYN bYN =N; AUVendorEFTYN bYN =N
     IATYN bYN =N; CASubjToWC bYN =N; SubjToOnCostYN bYN =N; ${SECRET}; udTrade varchar(20)?; Notes bNotes?; UniqueAttchID uniqueidentifier?`,
    {
      unique: ['VendorGroup SortName'],
      rules: [
        {
          on: ['insert'],
          says: 'Vendor {n.Vendor} must be between 1 and 999999 - cannot insert APVM!',
          when: 'n.Vendor NOT BETWEEN 1 AND 999999',
        },
        {
          on: ['insert', 'update'],
          says: 'Vendor type {n.Type} must be R or S - cannot save APVM!',
          when: "n.Type NOT IN ('R', 'S')",
        },
        mustExist(
          'Country {n.Country} is invalid - cannot save APVM!',
          'HQCountry WHERE Country = n.Country',
          ['insert', 'update'],
          'n.Country IS NULL',
        ),
        stateExists('APVM', 'State', 'Country', 'VendorGroup = n.VendorGroup'),
        mustExist(
          'Payment terms {n.PayTerms} are invalid - cannot save APVM!',
          'HQPT WHERE PayTerms = n.PayTerms',
          ['insert', 'update'],
          'n.PayTerms IS NULL',
        ),
        {
          on: ['update'],
          says: 'The number of vendor {o.Vendor} cannot change - cannot update APVM!',
          when: 'n.Vendor <> o.Vendor OR n.VendorGroup <> o.VendorGroup',
        },
        ...(['APTH', 'APHB', 'APUI', 'SLHD', 'POHD'] as const).map((name) => ({
          on: ['delete'] as const,
          says: `Vendor {o.Vendor} exists in ${name} - cannot delete APVM!`,
          when: `EXISTS (SELECT 1 FROM ${name} WHERE VendorGroup = o.VendorGroup AND Vendor = o.Vendor)`,
        })),
      ],
    },
  ),
  table(
    'APUI',
    'APCo UIMth UISeq',
    `APCo bCompany; UIMth bMonth; UISeq int; ${HEADER}; InUseMth bMonth?; InUseBatchId bBatchID?; ReviewerGroup varchar(10)?`,
    {
      rules: [
        vendorExists('APUI', 'n.APCo'),
        {
          on: ['delete'],
          says: 'Unapproved invoice {o.APRef} is in use by batch {o.InUseBatchId} - cannot delete APUI!',
          when: `o.InUseBatchId IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM HQBC WHERE Co = o.APCo AND Mth = o.InUseMth AND BatchId = o.InUseBatchId AND Status = 4)`,
        },
      ],
    },
  ),
  table('APUL', 'APCo UIMth UISeq Line', `APCo bCompany; UIMth bMonth; UISeq int; Line smallint; ${LINE}`, {
    rules: lineRules('APUL', 'APCo', 'APUI WHERE APCo = n.APCo AND UIMth = n.UIMth AND UISeq = n.UISeq').map(
      (rule) => ({
        ...rule,
        says: rule.says.replace('{n.APLine}', '{n.Line}'),
      }),
    ),
  }),
  table(
    'APHB',
    'Co Mth BatchId BatchSeq',
    `Co bCompany; Mth bMonth; BatchId bBatchID; BatchSeq int; BatchTransType char(1) =A; APTrans bTrans?; ${HEADER}; UIMth bMonth?; UISeq int?`,
    { rules: [vendorExists('APHB', 'n.Co')] },
  ),
  table(
    'APLB',
    'Co Mth BatchId BatchSeq APLine',
    `Co bCompany; Mth bMonth; BatchId bBatchID; BatchSeq int; APLine smallint; BatchTransType char(1) =A; ${LINE}`,
    {
      rules: lineRules(
        'APLB',
        'Co',
        'APHB WHERE Co = n.Co AND Mth = n.Mth AND BatchId = n.BatchId AND BatchSeq = n.BatchSeq',
      ),
    },
  ),
  table(
    'APTH',
    'APCo Mth APTrans',
    `APCo bCompany; Mth bMonth; APTrans bTrans; ${HEADER}; OpenYN bYN =Y; BatchId bBatchID?; InUseMth bMonth?; InUseBatchId bBatchID?; Purge bYN =N`,
    {
      rules: [
        vendorExists('APTH', 'n.APCo'),
        {
          on: ['update'],
          says: 'Invoice {o.APRef} is posted - cannot update APTH!',
          when: 'n.Vendor <> o.Vendor OR n.APTrans <> o.APTrans OR n.Mth <> o.Mth',
        },
      ],
    },
  ),
  table(
    'APTL',
    'APCo Mth APTrans APLine',
    `APCo bCompany; Mth bMonth; APTrans bTrans; APLine smallint; ${LINE}`,
    {
      rules: lineRules('APTL', 'APCo', 'APTH WHERE APCo = n.APCo AND Mth = n.Mth AND APTrans = n.APTrans'),
    },
  ),
  // What is to be paid of a line. Status 1 open, 2 on hold, 3 paid, 4 cleared; pay type 3 is retainage.
  table(
    'APTD',
    'APCo Mth APTrans APLine APSeq',
    `APCo bCompany; Mth bMonth; APTrans bTrans; APLine smallint; APSeq tinyint; PayType tinyint =1; Amount bDollar =0; DiscTaken bDollar =0; DueDate bDate?
     Status tinyint =1; PaidMth bMonth?; PaidDate bDate?; CMCo bCompany?; CMAcct smallint?; PayMethod char(1)?; CMRef varchar(10)?; CMRefSeq tinyint?; EFTSeq smallint?`,
  ),
  table(
    'APPH',
    'APCo CMCo CMAcct PayMethod CMRef CMRefSeq EFTSeq',
    `APCo bCompany; CMCo bCompany; CMAcct smallint; PayMethod char(1); CMRef varchar(10); CMRefSeq tinyint =0; EFTSeq smallint =0
     VendorGroup bGroup; Vendor bVendor; Name varchar(60)?; PaidMth bMonth; PaidDate bDate; Amount bDollar =0; VoidYN bYN =N; VoidMth bMonth?; VoidDate bDate?
     VoidMemo varchar(60)?; BatchId bBatchID?; Notes bNotes?`,
    { rules: [vendorExists('APPH', 'n.APCo')] },
  ),
  table(
    'APPD',
    'APCo CMCo CMAcct PayMethod CMRef CMRefSeq EFTSeq Mth APTrans',
    `APCo bCompany; CMCo bCompany; CMAcct smallint; PayMethod char(1); CMRef varchar(10); CMRefSeq tinyint =0; EFTSeq smallint =0; Mth bMonth; APTrans bTrans
     APRef bAPReference?; Description bDesc?; InvDate bDate?; Gross bDollar =0; Retainage bDollar =0; PrevPaid bDollar =0; DiscTaken bDollar =0`,
  ),
];
