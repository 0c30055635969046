/**
 * The data dictionary of Groundwork: one row per column a person can fill. It becomes the table `DDFI`, which the triggers
 * read on every write, so an administrator who narrows a field there changes what the ERP accepts from then on.
 */
export interface FieldDefinition {
  readonly column: string;
  readonly label: string;
  /** SQL type and default, as in `CREATE TABLE`. */
  readonly sql: string;
  readonly length: number;
  readonly charset: 'ascii' | 'cp1252';
  /** Y: must be given. D: has a default, may be left out but not emptied. N: may be empty. */
  readonly required: 'Y' | 'D' | 'N';
  readonly upperCase?: boolean;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** GLOB patterns: the value must match `mask`, must not match `notMask`, and holds none of `badChars`. */
  readonly mask?: string;
  readonly notMask?: string;
  readonly badChars?: string;
  /** What the ERP says when a pattern is not met. */
  readonly says?: string;
  /** `TABLE.Column` that lists the valid values. */
  readonly codeTable?: string;
}

/** Vendor master. Bank and tax columns are not here: they exist in the table, but no form of ours shows them. */
export const VENDOR_FIELD_DEFINITIONS: readonly FieldDefinition[] = [
  {
    column: 'SortName',
    label: 'Sort name',
    sql: "VARCHAR(15) NOT NULL DEFAULT ''",
    length: 15,
    charset: 'ascii',
    required: 'D',
    upperCase: true,
  },
  {
    column: 'Name',
    label: 'Name',
    sql: 'VARCHAR(60) NOT NULL',
    length: 60,
    charset: 'cp1252',
    required: 'Y',
  },
  {
    column: 'Address',
    label: 'Address',
    sql: 'VARCHAR(60)',
    length: 60,
    charset: 'cp1252',
    required: 'N',
    badChars: ',',
    says: 'must not contain a comma',
  },
  { column: 'City', label: 'City', sql: 'VARCHAR(30)', length: 30, charset: 'cp1252', required: 'N' },
  {
    column: 'State',
    label: 'State',
    sql: 'VARCHAR(4)',
    length: 4,
    charset: 'ascii',
    required: 'N',
    codeTable: 'HQST.State',
  },
  { column: 'Zip', label: 'Postal code', sql: 'VARCHAR(12)', length: 12, charset: 'ascii', required: 'N' },
  {
    column: 'Country',
    label: 'Country',
    sql: "CHAR(2) NOT NULL DEFAULT 'US'",
    length: 2,
    charset: 'ascii',
    required: 'D',
    codeTable: 'HQCN.Country',
  },
  { column: 'Phone', label: 'Phone', sql: 'VARCHAR(20)', length: 20, charset: 'ascii', required: 'N' },
  { column: 'Fax', label: 'Fax', sql: 'VARCHAR(20)', length: 20, charset: 'ascii', required: 'N' },
  {
    column: 'EMail',
    label: 'E-mail',
    sql: 'VARCHAR(60)',
    length: 60,
    charset: 'ascii',
    required: 'N',
    mask: '?*@?*.?*',
    notMask: '*@*@*',
    badChars: ' ,;',
    says: 'is not a valid e-mail address',
  },
  { column: 'Contact', label: 'Contact', sql: 'VARCHAR(30)', length: 30, charset: 'cp1252', required: 'N' },
  {
    column: 'VendorType',
    label: 'Vendor type',
    sql: "VARCHAR(4) NOT NULL DEFAULT 'REG'",
    length: 4,
    charset: 'ascii',
    required: 'D',
    codeTable: 'APVT.VendorType',
  },
  {
    // Text, because a binary number cannot hold 0.10; the type name keeps SQLite from making it one.
    column: 'Retainage',
    label: 'Retainage',
    sql: "DECIMAL_TEXT(5,2) NOT NULL DEFAULT '0.00'",
    length: 6,
    charset: 'ascii',
    required: 'D',
    decimals: 2,
    min: 0,
    max: 100,
  },
];
