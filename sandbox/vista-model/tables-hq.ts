import type { Table } from './description';
import { mustExist, table } from './description';

/** Headquarters: companies, groups, code tables, batches, the data dictionary, months. */
export const HQ_TABLES: readonly Table[] = [
  table(
    'HQCO',
    'HQCo',
    `HQCo bCompany; Name varchar(60); VendorGroup bGroup; MatlGroup bGroup; PhaseGroup bGroup; CustGroup bGroup
     TaxGroup bGroup; EMGroup bGroup; DefaultCountry bCountry =US`,
  ),
  table('HQCountry', 'Country', 'Country bCountry; CountryName varchar(60)'),
  table('HQST', 'Country State', 'Country bCountry; State bState; Name varchar(30)'),
  table('HQUM', 'UM', 'UM bUM; Description bDesc'),
  table('HQTX', 'TaxGroup TaxCode', 'TaxGroup bGroup; TaxCode bTaxCode; Description bDesc'),
  table('HQPT', 'PayTerms', 'PayTerms bPayTerms; Description bDesc'),
  table('HQHC', 'HoldCode', 'HoldCode bHoldCode; Description bDesc'),
  // Input masks of the data types: `5R-3R` is two parts of five and three characters, both to the right.
  table(
    'DDDTShared',
    'Datatype',
    'Datatype varchar(30); Description varchar(60)?; InputType tinyint =0; InputMask varchar(20)?; InputLength smallint?; Prec tinyint?',
  ),
  table(
    'GLCO',
    'GLCo',
    `GLCo bCompany; LastMthSubClsd bMonth; LastMthAPClsd bMonth; LastMthARClsd bMonth; LastMthGLClsd bMonth; MaxOpen tinyint =3`,
  ),
  table('GLAC', 'GLCo GLAcct', 'GLCo bCompany; GLAcct bGLAcct; Description bDesc; ActiveYN bYN =Y'),
  table(
    'HQBC',
    'Co Mth BatchId',
    `Co bCompany; Mth bMonth; BatchId bBatchID; Source bSource; TableName char(20); InUseBy bVPUserName?
     DateCreated bDate; CreatedBy bVPUserName; Status tinyint =0; Rstrict bYN =N; Adjust bYN =N
     PRGroup bGroup?; PREndDate bDate?; DatePosted bDate?; DateClosed bDate?`,
    {
      rules: [
        {
          on: ['insert', 'update'],
          says: 'Batch status {n.Status} is invalid - cannot save HQBC!',
          when: 'n.Status NOT IN (0, 1, 2, 3, 4, 5, 6)',
        },
        {
          on: ['update'],
          says: 'Batch {n.BatchId} of {mth n.Mth} has been posted - cannot update HQBC!',
          when: 'o.Status = 5 AND n.Status <> 5',
        },
        {
          on: ['delete'],
          says: 'Batch {o.BatchId} of {mth o.Mth} is history - cannot delete HQBC!',
          when: 'o.Status = 5',
        },
      ],
    },
  ),
  // What validating a batch found. A sentence about a row begins with its number: `Seq# 3: ...`.
  table(
    'HQBE',
    'Co Mth BatchId Seq',
    'Co bCompany; Mth bMonth; BatchId bBatchID; Seq int; ErrorText varchar(255)',
  ),
  // Audit rows: only where auditing is switched on.
  table(
    'HQMA',
    'AuditID',
    `AuditID bigint; TableName varchar(128); KeyString varchar(255); Co bCompany?; RecType char(1); FieldName varchar(30)?
     OldValue varchar(255)?; NewValue varchar(255)?; DateTime bDate; UserName bVPUserName`,
  ),
];

const group = (company: string, column: string): string =>
  `(SELECT ${column} FROM HQCO WHERE HQCo = ${company})`;

/** Rules that many tables share. */
export const vendorExists = (table: string, company: string): ReturnType<typeof mustExist> =>
  mustExist(
    `Vendor {n.Vendor} is not on file - cannot save ${table}!`,
    `APVM WHERE VendorGroup = n.VendorGroup AND Vendor = n.Vendor AND n.VendorGroup = ${group(company, 'VendorGroup')}`,
  );
