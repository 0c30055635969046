import { RECORD_FIELDS } from './record-fields';
import { CONTRACT_ITEM_COLUMNS } from './schema-sl';
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
} from './schema-parts';

const STATUS = "Status CHAR(1) NOT NULL DEFAULT 'A' CHECK (Status IN ('A', 'V'))";
const VOIDING = "OLD.Status = 'A' AND NEW.Status = 'V'";

const contractRule = (table: string): string =>
  refuse(
    `'${table}: There is no such prime contract; enter the contract first.'`,
    'NOT EXISTS (SELECT 1 FROM JCCM WHERE KeyID = NEW.ContractID AND JCCo = NEW.Co)',
  );

const notPosted = (table: string, what: string): string =>
  postedRule(table, what, 'change').replace('WHERE ', `WHERE NOT (${VOIDING}) AND `);

const itemRule = (table: string, header: string, column: string): string =>
  refuse(
    `'${table}: The line belongs to another prime contract.'`,
    `NEW.ItemID IS NOT NULL AND NOT EXISTS (SELECT 1 FROM JCCI i JOIN ${header} h ON h.ContractID = i.ContractID
      WHERE i.KeyID = NEW.ItemID AND h.KeyID = NEW.${column})`,
  );

/** What the owner owes: prime contracts, their change orders, owner invoices. */
export const CONTRACT_TABLES: readonly TableDefinition[] = [
  {
    name: 'JCCM',
    fields: RECORD_FIELDS.JCCM,
    columns: [
      'JCCo INTEGER NOT NULL REFERENCES HQCO',
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      "State CHAR(1) NOT NULL DEFAULT 'O' CHECK (State IN ('O', 'C', 'V'))",
    ],
    rules: refuse(
      `'JCCM: Contract ' || NEW.Contract || ' is already entered.'`,
      'EXISTS (SELECT 1 FROM JCCM WHERE JCCo = NEW.JCCo AND Contract = NEW.Contract AND KeyID <> NEW.KeyID)',
    ),
    insertRules: jobRules('JCCM', 'NEW.JCCo'),
    deleteRules: refuse(
      `'JCCM: Contract ' || OLD.Contract || ' has change orders or invoices and cannot be deleted.'`,
      'EXISTS (SELECT 1 FROM JCOH WHERE ContractID = OLD.KeyID) OR EXISTS (SELECT 1 FROM ARTH WHERE ContractID = OLD.KeyID)',
    ),
  },
  {
    name: 'JCCI',
    fields: RECORD_FIELDS.JCCI,
    columns: ['ContractID INTEGER NOT NULL REFERENCES JCCM ON DELETE CASCADE', ...CONTRACT_ITEM_COLUMNS],
    constraints: ['UNIQUE (ContractID, Line)'],
    header: { table: 'JCCM', column: 'ContractID' },
    rules: costRules('JCCI', '(SELECT JobID FROM JCCM WHERE KeyID = NEW.ContractID)', false),
    deleteRules: refuse(
      `'JCCI: Line ' || OLD.Line || ' is invoiced or changed and cannot be deleted.'`,
      'EXISTS (SELECT 1 FROM ARTL WHERE ItemID = OLD.KeyID) OR EXISTS (SELECT 1 FROM JCOI WHERE ItemID = OLD.KeyID)',
    ),
  },
  {
    name: 'JCOH',
    fields: RECORD_FIELDS.JCOH,
    columns: [
      ...BATCH_COLUMNS,
      'ContractID INTEGER NOT NULL REFERENCES JCCM',
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      STATUS,
    ],
    constraints: BATCH_CONSTRAINTS,
    rules: [
      contractRule('JCOH'),
      refuse(
        `'JCOH: Change order ' || NEW.ChangeNo || ' of contract ' || (SELECT Contract FROM JCCM WHERE KeyID = NEW.ContractID) || ' is already entered.'`,
        `NEW.Status = 'A' AND EXISTS (SELECT 1 FROM JCOH WHERE ContractID = NEW.ContractID AND ChangeNo = NEW.ChangeNo AND Status = 'A' AND KeyID <> NEW.KeyID)`,
      ),
      refuse(
        `'JCOH: Contract ' || Contract || ' is of another job.'`,
        'KeyID = NEW.ContractID AND JobID <> NEW.JobID',
        'JCCM',
      ),
    ].join('\n'),
    insertRules: [batchRules('JCOH'), jobRules('JCOH', 'NEW.Co')].join('\n'),
    updateRules: notPosted('JCOH', "'Change order ' || OLD.ChangeNo"),
    deleteRules: postedRule('JCOH', "'Change order ' || OLD.ChangeNo", 'be deleted'),
  },
  {
    name: 'JCOI',
    fields: RECORD_FIELDS.JCOI,
    columns: [
      'COID INTEGER NOT NULL REFERENCES JCOH ON DELETE CASCADE',
      // I: item. M: markup.
      "LineType CHAR(1) NOT NULL CHECK (LineType IN ('I', 'M'))",
      'Line VARCHAR(40) NOT NULL CHECK (length(Line) <= 40)',
      'ItemID INTEGER REFERENCES JCCI',
      'PhaseID INTEGER REFERENCES JCJP',
      'CostTypeID INTEGER REFERENCES JCCT',
    ],
    constraints: ['UNIQUE (COID, LineType, Line)'],
    header: { table: 'JCOH', column: 'COID' },
    rules: [
      postedLineRule('JCOI', 'JCOH', 'COID', 'NEW'),
      itemRule('JCOI', 'JCOH', 'COID'),
      costRules('JCOI', '(SELECT JobID FROM JCOH WHERE KeyID = NEW.COID)'),
    ].join('\n'),
    deleteRules: postedLineRule('JCOI', 'JCOH', 'COID', 'OLD'),
  },
  {
    name: 'ARTH',
    fields: RECORD_FIELDS.ARTH,
    columns: [...BATCH_COLUMNS, 'ContractID INTEGER REFERENCES JCCM', STATUS],
    constraints: BATCH_CONSTRAINTS,
    rules: [
      contractRule('ARTH').replace('WHERE ', 'WHERE NEW.ContractID IS NOT NULL AND '),
      refuse(
        `'ARTH: Invoice ' || NEW.Invoice || ' is already entered.'`,
        `NEW.Status = 'A' AND EXISTS (SELECT 1 FROM ARTH WHERE Co = NEW.Co AND Invoice = NEW.Invoice AND Status = 'A' AND KeyID <> NEW.KeyID)`,
      ),
    ].join('\n'),
    insertRules: batchRules('ARTH'),
    updateRules: notPosted('ARTH', "'Invoice ' || OLD.Invoice"),
    deleteRules: postedRule('ARTH', "'Invoice ' || OLD.Invoice", 'be deleted'),
  },
  {
    name: 'ARTL',
    fields: RECORD_FIELDS.ARTL,
    columns: [
      'TransID INTEGER NOT NULL REFERENCES ARTH ON DELETE CASCADE',
      'Line VARCHAR(40) NOT NULL CHECK (length(Line) <= 40)',
      'ItemID INTEGER REFERENCES JCCI',
    ],
    constraints: ['UNIQUE (TransID, Line)'],
    header: { table: 'ARTH', column: 'TransID' },
    rules: [postedLineRule('ARTL', 'ARTH', 'TransID', 'NEW'), itemRule('ARTL', 'ARTH', 'TransID')].join('\n'),
    deleteRules: postedLineRule('ARTL', 'ARTH', 'TransID', 'OLD'),
  },
];
