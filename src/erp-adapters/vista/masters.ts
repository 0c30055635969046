import { canonicalText } from '../../domain/base/text';
import type { Fields } from '../../domain/kinds/record';
import { coded, computed, flag, masked, number, ref, unique } from '../sql/fields';
import type { FieldSpec, KindSpec, LineSpec } from '../sql/model';
import { closed, dollars, varchar } from './fields';
import type { VistaOptions } from './settings';
import type { VistaSql } from './sql';
import { jobNumber } from './sql';

const ACTIVE = flag('ActiveYN', ['Y'], ['N']);
/** Phases and cost types of the masters have no state: one that is to be inactive is refused. */
const ALWAYS_ACTIVE = computed("'Y'", ACTIVE);
const ACTIVE_STATE = "CASE t.ActiveYN WHEN 'Y' THEN 'active' ELSE 'inactive' END";

export const vendorSpec = ({ vendorNumbers }: VistaOptions): KindSpec => ({
  kind: 'vendor',
  table: 'APVM',
  key: 'Vendor',
  owner: 'VendorGroup',
  fields: {
    code: number('Vendor'),
    name: varchar('Name'),
    sortName: unique(varchar('SortName')),
    address: varchar('Address'),
    city: varchar('City'),
    stateCode: varchar('State'),
    postalCode: varchar('Zip'),
    countryCode: varchar('Country'),
    phone: varchar('Phone'),
    fax: varchar('Fax'),
    email: varchar('EMail'),
    contactName: varchar('Contact'),
    vendorType: { ...coded('Type', { R: 'R', S: 'S' }), rule: () => closed(['R', 'S']) },
    isActive: ACTIVE,
  },
  derived: { GLCo: '@GLCo' },
  custom: { udTrade: { ...varchar('udTrade'), type: 'text' } },
  taxId: 'TaxId',
  lines: [],
  state: ACTIVE_STATE,
  same: { fields: ['code'], sql: 't.Vendor = @code' },
  numbering: { field: 'code', range: vendorNumbers },
  noun: 'vendor',
  showsName: true,
  guardsItselfOnly: true,
});

/** A phase is its code: it has no parent, no accounts and no state of its own. */
export const phaseSpec: KindSpec = {
  kind: 'standard_cost_code',
  table: 'JCPM',
  owner: 'PhaseGroup',
  fields: {
    code: masked('Phase', 'phase'),
    name: varchar('Description'),
    // Divisions are in the code itself: what Procore says of them is kept by no column.
    parent: computed('NULL', ref('Phase', 'standard_cost_code')),
    isActive: ALWAYS_ACTIVE,
  },
  lines: [],
  state: "'active'",
  same: { fields: ['code'], sql: 't.Phase = @code' },
  noun: 'phase',
};

export const costTypeSpec = ({ costTypes }: VistaOptions): KindSpec => ({
  kind: 'line_item_type',
  table: 'JCCT',
  key: 'CostType',
  idForm: 'text',
  owner: 'PhaseGroup',
  fields: {
    code: costTypeNumber,
    name: varchar('Description'),
    baseType: baseType(costTypes),
    isActive: ALWAYS_ACTIVE,
  },
  lines: [],
  state: "'active'",
  same: { fields: ['code'], sql: 't.CostType = @code' },
  noun: 'cost type',
});

/** 0 to 255. */
const costTypeNumber: FieldSpec = {
  ...varchar('CostType'),
  write: (value, around) => {
    const given = String(varchar('CostType').write(value, around));
    return /^(0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/.test(given) ? Number(given) : given;
  },
  rule: () => ({
    maxLength: 3,
    unit: 'characters',
    charset: 'ascii',
    required: true,
    pattern: {
      source: '^(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$',
      explains: 'it is a number from 0 to 255',
    },
  }),
};

/** Several letters may stand for one base type; the first of each is written. */
function baseType(types: VistaOptions['costTypes']): FieldSpec {
  const letters = Object.fromEntries(
    Object.entries(types)
      .reverse()
      .map(([letter, type]) => [type, letter]),
  );
  return {
    ...coded('JBCostTypeCategory', letters),
    read: (value) => types[String(value ?? '').trim()] ?? null,
  };
}

const JOB_STATE = "CASE t.JobStatus WHEN 1 THEN 'active' ELSE 'inactive' END";

export const jobSpec = (sql: VistaSql): KindSpec => ({
  kind: 'project',
  table: 'JCJM',
  owner: 'JCCo',
  fields: {
    code: masked('Job', 'job'),
    name: varchar('Description'),
    address: varchar('MailAddress'),
    city: varchar('MailCity'),
    stateCode: varchar('MailState'),
    postalCode: varchar('MailZip'),
    // Programs close jobs softly; the hard close is for people.
    isActive: flag('JobStatus', [1], [2, 3, 0]),
  },
  derived: { VendorGroup: '@VendorGroup' },
  custom: { udSiteCode: { ...varchar('udSiteCode'), type: 'text' } },
  lines: jobLines(sql),
  state: JOB_STATE,
  same: { fields: ['code'], sql: 't.Job = @code' },
  noun: 'job',
});

const OF_JOB = { JCCo: '@JCCo', Job: jobNumber('@parent') };
const HEADER_OF_JOB = 'JOIN JCJM h ON h.JCCo = t.JCCo AND h.Job = t.Job';
const PHASE_OF_HEAD =
  'p.JCCo = h.JCCo AND p.Job = h.Job AND p.PhaseGroup = h.PhaseGroup AND p.Phase = h.Phase';
const pairNumber = ({ costCode, costType }: Fields): string => `${String(costCode)}/${String(costType)}`;

/** Phases belong to the first item of the contract of their job. */
const FIRST_ITEM = `(SELECT MIN(i.Item) FROM JCCI i JOIN JCJM m ON m.JCCo = i.JCCo AND m.Contract = i.Contract WHERE m.KeyID = @parent)`;

/** What the master says of a cost type of a phase, else what is usual. */
const standard = (column: string, otherwise: string): string =>
  `COALESCE((SELECT MIN(s.${column}) FROM JCPC s WHERE s.PhaseGroup = @PhaseGroup AND s.Phase = @Phase AND s.CostType = @CostType), '${otherwise}')`;

function jobLines(sql: VistaSql): readonly LineSpec[] {
  const pair: LineSpec['pair'] = [
    ['PhaseId', 'cost_code'],
    ['CostType', 'line_item_type'],
  ];
  const pairFields = { costCode: masked('Phase', 'phase'), costType: ref('CostType', 'line_item_type') };
  return [
    {
      kind: 'cost_code',
      table: 'JCJP',
      parent: 'h.KeyID',
      join: HEADER_OF_JOB,
      parentColumns: OF_JOB,
      fields: { code: masked('Phase', 'phase'), name: varchar('Description'), isActive: ACTIVE },
      derived: {
        PhaseGroup: '@PhaseGroup',
        Contract: '(SELECT Contract FROM JCJM WHERE KeyID = @parent)',
        Item: FIRST_ITEM,
      },
      numberOf: ({ code }) => String(code),
      state: ACTIVE_STATE,
      label: (of, job) => `phase ${of} of ${job}`,
    },
    {
      kind: 'cost_type_assignment',
      table: 'JCCH',
      source: `(SELECT h.KeyID, h.JCCo, h.Phase, h.CostType, h.ActiveYN, p.KeyID AS PhaseId, m.KeyID AS JobId
                  FROM JCCH h JOIN JCJP p ON ${PHASE_OF_HEAD} JOIN JCJM m ON m.JCCo = h.JCCo AND m.Job = h.Job)`,
      parent: 'JobId',
      parentColumns: OF_JOB,
      fields: pairFields,
      derived: {
        PhaseGroup: '@PhaseGroup',
        UM: standard('UM', 'LS'),
        BillFlag: standard('BillFlag', 'C'),
        ItemUnitFlag: standard('ItemUnitFlag', 'N'),
        PhaseUnitFlag: standard('PhaseUnitFlag', 'N'),
      },
      numberOf: pairNumber,
      pair,
      state: ACTIVE_STATE,
      label: (of, job) => `cost type assignment ${of} of ${job}`,
    },
    {
      kind: 'job_cost',
      table: 'JCCD',
      source: costSource(sql),
      parent: 'JobId',
      parentColumns: {},
      fields: {
        ...pairFields,
        originalBudget: computed('t.OrigCost', dollars('EstCost')),
        revisedBudget: computed('t.CurrCost', dollars('EstCost')),
        committedCosts: computed('t.Committed', dollars('TotalCmtdCost')),
        commitmentInvoiced: computed('t.Invoiced', dollars('ActualCost')),
        jobToDateCosts: computed('t.Actual', dollars('ActualCost')),
      },
      numberOf: pairNumber,
      label: (of, job) => `job cost ${of} of ${job}`,
      readOnly: true,
    },
  ];
}

/** History of job cost, summed up for each cost type of a phase that has any; asked of one at a time, so that one job costs no more than it has. */
function costSource({ sum }: VistaSql): string {
  const own =
    'FROM JCCD d WHERE d.JCCo = h.JCCo AND d.Job = h.Job AND d.PhaseGroup = h.PhaseGroup AND d.Phase = h.Phase AND d.CostType = h.CostType';
  return `(SELECT h.KeyID, h.Phase, h.CostType, p.KeyID AS PhaseId, m.KeyID AS JobId,
                  (SELECT ${sum('d.EstCost')} ${own} AND d.JCTransType = 'OE') AS OrigCost, (SELECT ${sum('d.EstCost')} ${own}) AS CurrCost,
                  (SELECT ${sum('d.TotalCmtdCost')} ${own}) AS Committed, (SELECT ${sum('d.ActualCost')} ${own} AND (d.SL IS NOT NULL OR d.PO IS NOT NULL)) AS Invoiced,
                  (SELECT ${sum('d.ActualCost')} ${own}) AS Actual
             FROM JCCH h JOIN JCJP p ON ${PHASE_OF_HEAD} JOIN JCJM m ON m.JCCo = h.JCCo AND m.Job = h.Job WHERE EXISTS (SELECT 1 ${own}))`;
}

/** A short name of 15 capitals that nobody has yet. */
export function freeSortName(name: string, isTaken: (sortName: string) => boolean): string | null {
  const wanted = canonicalText(name.toUpperCase().slice(0, 15)) ?? '';
  if (!isTaken(wanted)) return wanted;
  for (let suffix = 2; suffix < 100; suffix += 1) {
    const next = `${wanted.slice(0, 15 - String(suffix).length)}${suffix}`;
    if (!isTaken(next)) return next;
  }
  return null;
}
