import { RECORD_FIELDS } from './record-fields';
import type { TableDefinition } from './schema-parts';
import {
  BATCH_COLUMNS,
  BATCH_CONSTRAINTS,
  batchRules,
  costRules,
  jobRules,
  postedLineRule,
  postedRule,
  refuse,
  vendorRules,
} from './schema-parts';

const VENDOR_COLUMNS = ['VendorGroup INTEGER NOT NULL', 'Vendor INTEGER NOT NULL'];
const STATUS = "Status CHAR(1) NOT NULL DEFAULT 'A' CHECK (Status IN ('A', 'V'))";

/** A document that goes from active to void, and is otherwise left alone. */
const VOIDING = "OLD.Status = 'A' AND NEW.Status = 'V'";

/** `rules`, unless the document is just being voided, which is also allowed after posting. */
const unlessVoiding = (rules: string): string =>
  rules.replace(/\n {3}WHERE /g, `\n   WHERE NOT (${VOIDING}) AND `);

/** Only for `update`: a posted document changes no more, but for its status. */
const updateOf = (table: string, what: string): string =>
  unlessVoiding([postedRule(table, what, 'change'), batchRules(table)].join('\n'));

const sameReference = `VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND APRef = NEW.APRef AND Status = 'A' AND KeyID <> NEW.KeyID`;

/** Invoices: in a batch while unapproved, history with a transaction number when the batch is posted. */
export const PAYABLE_TABLES: readonly TableDefinition[] = [
  {
    name: 'APTH',
    fields: RECORD_FIELDS.APTH,
    columns: [
      ...BATCH_COLUMNS,
      // C: invoice on a commitment. D: direct cost.
      "InvType CHAR(1) NOT NULL DEFAULT 'D' CHECK (InvType IN ('C', 'D'))",
      ...VENDOR_COLUMNS,
      'JobID INTEGER REFERENCES JCJM',
      'CommitmentID INTEGER REFERENCES SLHD',
      STATUS,
    ],
    internal: ['APTrans INTEGER'],
    constraints: [...BATCH_CONSTRAINTS, 'FOREIGN KEY (VendorGroup, Vendor) REFERENCES APVM'],
    rules: [
      refuse(
        `'APTH: Reference ' || NEW.APRef || ' of vendor ' || NEW.Vendor || ' is already entered.'`,
        `NEW.Status = 'A' AND EXISTS (SELECT 1 FROM APTH WHERE ${sameReference})`,
      ),
      refuse(
        `'APTH: There is no such commitment; enter the commitment first.'`,
        `NEW.InvType = 'C' AND NOT EXISTS (SELECT 1 FROM SLHD WHERE KeyID = NEW.CommitmentID AND SLCo = NEW.Co)`,
      ),
      refuse(
        `'APTH: Commitment ' || SL || ' belongs to vendor ' || Vendor || ' and job ' || (SELECT trim(Job) FROM JCJM WHERE JCJM.KeyID = SLHD.JobID) || '.'`,
        `KeyID = NEW.CommitmentID AND (Vendor <> NEW.Vendor OR JobID <> NEW.JobID)`,
        'SLHD',
      ),
    ].join('\n'),
    insertRules: [
      batchRules('APTH'),
      vendorRules('APTH'),
      jobRules('APTH', 'NEW.Co'),
      refuse(`'APTH: Commitment ' || SL || ' is void.'`, "KeyID = NEW.CommitmentID AND State = 'V'", 'SLHD'),
    ].join('\n'),
    updateRules: [
      updateOf('APTH', "'Invoice ' || OLD.APRef"),
      refuse(`'APTH: Invoice ' || OLD.APRef || ' is void and cannot change.'`, "OLD.Status = 'V'"),
      refuse(
        `'APTH: Invoice ' || OLD.APRef || ' is paid and cannot be voided; void the payment first.'`,
        `${VOIDING} AND EXISTS (SELECT 1 FROM APPH WHERE InvoiceID = OLD.KeyID AND Status = 'A')`,
      ),
    ].join('\n'),
    deleteRules: [
      refuse(
        `'APTH: Invoice ' || OLD.APRef || ' is paid and cannot be deleted.'`,
        'EXISTS (SELECT 1 FROM APPH WHERE InvoiceID = OLD.KeyID)',
      ),
      postedRule('APTH', "'Invoice ' || OLD.APRef", 'be deleted'),
    ].join('\n'),
  },
  {
    name: 'APTL',
    fields: RECORD_FIELDS.APTL,
    columns: [
      'TransID INTEGER NOT NULL REFERENCES APTH ON DELETE CASCADE',
      'Line VARCHAR(40) NOT NULL CHECK (length(Line) <= 40)',
      'ItemID INTEGER REFERENCES SLIT',
      'ChangeItemID INTEGER REFERENCES SLCI',
      'JobID INTEGER REFERENCES JCJM',
      'PhaseID INTEGER REFERENCES JCJP',
      'CostTypeID INTEGER REFERENCES JCCT',
    ],
    constraints: ['UNIQUE (TransID, Line)'],
    header: { table: 'APTH', column: 'TransID' },
    rules: [
      postedLineRule('APTL', 'APTH', 'TransID', 'NEW'),
      refuse(
        `'APTL: Line ' || NEW.Line || ' names neither a line of commitment ' || c.SL || ' nor of its change orders.'`,
        `h.KeyID = NEW.TransID AND h.InvType = 'C'
         AND NOT EXISTS (SELECT 1 FROM SLIT WHERE KeyID = NEW.ItemID AND SLID = c.KeyID)
         AND NOT EXISTS (SELECT 1 FROM SLCI i JOIN SLCO o ON o.KeyID = i.COID WHERE i.KeyID = NEW.ChangeItemID AND o.SLID = c.KeyID)`,
        'APTH h JOIN SLHD c ON c.KeyID = h.CommitmentID',
      ),
      refuse(
        `'APTL: Line ' || NEW.Line || ' names a line of another commitment than ' || c.SL || '.'`,
        `h.KeyID = NEW.TransID AND (EXISTS (SELECT 1 FROM SLIT WHERE KeyID = NEW.ItemID AND SLID <> c.KeyID)
           OR EXISTS (SELECT 1 FROM SLCI i JOIN SLCO o ON o.KeyID = i.COID WHERE i.KeyID = NEW.ChangeItemID AND o.SLID <> c.KeyID))`,
        'APTH h JOIN SLHD c ON c.KeyID = h.CommitmentID',
      ),
      refuse(
        `'APTL: The change order of line ' || NEW.Line || ' is void.'`,
        "i.KeyID = NEW.ChangeItemID AND o.State = 'V'",
        'SLCI i JOIN SLCO o ON o.KeyID = i.COID',
      ),
      costRules('APTL', 'coalesce(NEW.JobID, (SELECT JobID FROM APTH WHERE KeyID = NEW.TransID))', false),
    ].join('\n'),
    deleteRules: postedLineRule('APTL', 'APTH', 'TransID', 'OLD'),
  },
  {
    name: 'APPH',
    fields: RECORD_FIELDS.APPH,
    columns: [
      ...BATCH_COLUMNS,
      'InvoiceID INTEGER NOT NULL REFERENCES APTH',
      'CommitmentID INTEGER REFERENCES SLHD',
      ...VENDOR_COLUMNS,
      // E: paid outside and entered by a program. A: paid by the accounting office.
      "Source CHAR(1) NOT NULL DEFAULT 'A' CHECK (Source IN ('A', 'E'))",
      STATUS,
    ],
    constraints: [...BATCH_CONSTRAINTS, 'FOREIGN KEY (VendorGroup, Vendor) REFERENCES APVM'],
    rules: [
      refuse(
        `'APPH: There is no such invoice; enter the invoice first.'`,
        'NOT EXISTS (SELECT 1 FROM APTH WHERE KeyID = NEW.InvoiceID AND Co = NEW.Co)',
      ),
      refuse(
        `'APPH: Invoice ' || APRef || ' belongs to vendor ' || Vendor || '.'`,
        'KeyID = NEW.InvoiceID AND Vendor <> NEW.Vendor',
        'APTH',
      ),
      refuse(
        `'APPH: Payment ' || NEW.PayNum || ' of vendor ' || NEW.Vendor || ' is already entered.'`,
        `NEW.Status = 'A' AND EXISTS (SELECT 1 FROM APPH WHERE Co = NEW.Co AND Vendor = NEW.Vendor AND PayNum = NEW.PayNum AND Status = 'A' AND KeyID <> NEW.KeyID)`,
      ),
    ].join('\n'),
    insertRules: [
      batchRules('APPH'),
      refuse(
        `'APPH: Invoice ' || APRef || ' is void and cannot be paid.'`,
        "KeyID = NEW.InvoiceID AND Status = 'V'",
        'APTH',
      ),
    ].join('\n'),
    updateRules: [
      updateOf('APPH', "'Payment ' || coalesce(OLD.PayNum, '')"),
      refuse(
        `'APPH: Payment ' || coalesce(OLD.PayNum, '') || ' is void and cannot change.'`,
        "OLD.Status = 'V'",
      ),
    ].join('\n'),
    deleteRules: postedRule('APPH', "'Payment ' || coalesce(OLD.PayNum, '')", 'be deleted'),
  },
];
