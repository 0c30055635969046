import { RECORD_FIELDS } from './record-fields';
import type { TableDefinition } from './schema-parts';
import { costRules, jobRules, refuse, vendorRules } from './schema-parts';

export const CONTRACT_ITEM_COLUMNS = [
  'Line VARCHAR(40) NOT NULL CHECK (length(Line) <= 40)',
  'PhaseID INTEGER REFERENCES JCJP',
  'CostTypeID INTEGER REFERENCES JCCT',
  // U: units times unit cost. L: lump sum.
  "Basis CHAR(1) CHECK (Basis IN ('U', 'L'))",
];

const numberOf = (row: 'NEW' | 'OLD', column = 'SLID'): string =>
  `(SELECT SL FROM SLHD WHERE KeyID = ${row}.${column})`;

/** A commitment that was voided takes nothing new. */
const notVoid = (table: string, row: 'NEW' | 'OLD' = 'NEW'): string =>
  refuse(
    `'${table}: Commitment ' || SL || ' is ' || CASE State WHEN 'V' THEN 'void' ELSE 'closed' END || '.'`,
    `KeyID = ${row}.SLID AND State <> 'O'`,
    'SLHD',
  );

/** Subcontracts and purchase orders, and their change orders. */
export const COMMITMENT_TABLES: readonly TableDefinition[] = [
  {
    name: 'SLHD',
    fields: RECORD_FIELDS.SLHD,
    columns: [
      'SLCo INTEGER NOT NULL REFERENCES HQCO',
      // S: subcontract. P: purchase order.
      "SLType CHAR(1) NOT NULL DEFAULT 'S' CHECK (SLType IN ('S', 'P'))",
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      'VendorGroup INTEGER NOT NULL',
      'Vendor INTEGER NOT NULL',
      // O: open. C: closed. V: void.
      "State CHAR(1) NOT NULL DEFAULT 'O' CHECK (State IN ('O', 'C', 'V'))",
    ],
    constraints: ['FOREIGN KEY (VendorGroup, Vendor) REFERENCES APVM'],
    rules: refuse(
      `'SLHD: Commitment ' || NEW.SL || ' is already entered for job ' || (SELECT trim(Job) FROM JCJM j WHERE j.KeyID = h.JobID) || '.'`,
      "NEW.State <> 'V' AND h.SLCo = NEW.SLCo AND h.SL = NEW.SL AND h.State <> 'V' AND h.KeyID <> NEW.KeyID",
      'SLHD h',
    ),
    insertRules: [vendorRules('SLHD'), jobRules('SLHD', 'NEW.SLCo')].join('\n'),
    updateRules: [
      refuse(
        `'SLHD: Commitment ' || OLD.SL || ' is ' || CASE OLD.State WHEN 'V' THEN 'void' ELSE 'closed' END || ' and cannot change.'`,
        "OLD.State <> 'O' AND NEW.State = OLD.State",
      ),
      refuse(
        `'SLHD: Commitment ' || OLD.SL || ' has invoices and cannot be voided; void the invoices first.'`,
        `NEW.State = 'V' AND OLD.State <> 'V' AND EXISTS (SELECT 1 FROM APTH WHERE CommitmentID = OLD.KeyID AND Status = 'A')`,
      ),
    ].join('\n'),
    deleteRules: refuse(
      `'SLHD: Commitment ' || OLD.SL || ' has change orders or invoices and cannot be deleted; void it.'`,
      `EXISTS (SELECT 1 FROM SLCO WHERE SLID = OLD.KeyID) OR EXISTS (SELECT 1 FROM APTH WHERE CommitmentID = OLD.KeyID)`,
    ),
  },
  {
    name: 'SLIT',
    fields: RECORD_FIELDS.SLIT,
    columns: ['SLID INTEGER NOT NULL REFERENCES SLHD ON DELETE CASCADE', ...CONTRACT_ITEM_COLUMNS],
    constraints: ['UNIQUE (SLID, Line)'],
    header: { table: 'SLHD', column: 'SLID' },
    rules: [notVoid('SLIT'), costRules('SLIT', '(SELECT JobID FROM SLHD WHERE KeyID = NEW.SLID)')].join('\n'),
    deleteRules: refuse(
      `'SLIT: Line ' || OLD.Line || ' of commitment ' || coalesce(${numberOf('OLD')}, '') || ' is invoiced or changed and cannot be deleted.'`,
      'EXISTS (SELECT 1 FROM APTL WHERE ItemID = OLD.KeyID) OR EXISTS (SELECT 1 FROM SLCI WHERE ItemID = OLD.KeyID)',
    ),
  },
  {
    name: 'SLCO',
    fields: RECORD_FIELDS.SLCO,
    columns: [
      'SLCo INTEGER NOT NULL REFERENCES HQCO',
      'SLID INTEGER NOT NULL REFERENCES SLHD',
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      "State CHAR(1) NOT NULL DEFAULT 'O' CHECK (State IN ('O', 'V'))",
    ],
    rules: [
      refuse(
        `'SLCO: There is no such commitment; enter the commitment first.'`,
        'NOT EXISTS (SELECT 1 FROM SLHD WHERE KeyID = NEW.SLID AND SLCo = NEW.SLCo)',
      ),
      refuse(
        `'SLCO: Commitment ' || SL || ' is of another job.'`,
        'KeyID = NEW.SLID AND JobID <> NEW.JobID',
        'SLHD',
      ),
      refuse(
        `'SLCO: Change order ' || NEW.ChangeNo || ' of commitment ' || ${numberOf('NEW')} || ' is already entered.'`,
        "NEW.State <> 'V' AND EXISTS (SELECT 1 FROM SLCO WHERE SLID = NEW.SLID AND ChangeNo = NEW.ChangeNo AND State <> 'V' AND KeyID <> NEW.KeyID)",
      ),
    ].join('\n'),
    insertRules: [
      notVoid('SLCO'),
      jobRules('SLCO', 'NEW.SLCo'),
      refuse(
        `'SLCO: Commitment ' || ${numberOf('NEW')} || ' is open on a screen of ' || HeldBy || ' since ' || Since || '; close it first.'`,
        `Resource = 'SLHD|' || NEW.SLCo || '|' || NEW.SLID`,
        'HQLK',
      ),
    ].join('\n'),
    updateRules: refuse(
      `'SLCO: Change order ' || OLD.ChangeNo || ' is void and cannot change.'`,
      "OLD.State = 'V' AND NEW.State = 'V'",
    ),
    deleteRules: refuse(
      `'SLCO: Change order ' || OLD.ChangeNo || ' of commitment ' || ${numberOf('OLD')} || ' is invoiced and cannot be deleted; void it.'`,
      'EXISTS (SELECT 1 FROM APTL l JOIN SLCI i ON i.KeyID = l.ChangeItemID WHERE i.COID = OLD.KeyID)',
    ),
  },
  {
    name: 'SLCI',
    fields: RECORD_FIELDS.SLCI,
    columns: [
      'COID INTEGER NOT NULL REFERENCES SLCO ON DELETE CASCADE',
      'ItemID INTEGER REFERENCES SLIT',
      ...CONTRACT_ITEM_COLUMNS,
    ],
    constraints: ['UNIQUE (COID, Line)'],
    header: { table: 'SLCO', column: 'COID' },
    rules: [
      refuse(
        `'SLCI: The line belongs to another commitment than the change order.'`,
        'NEW.ItemID IS NOT NULL AND NOT EXISTS (SELECT 1 FROM SLIT i JOIN SLCO c ON c.SLID = i.SLID WHERE i.KeyID = NEW.ItemID AND c.KeyID = NEW.COID)',
      ),
      costRules('SLCI', '(SELECT JobID FROM SLCO WHERE KeyID = NEW.COID)'),
    ].join('\n'),
  },
];
