import { RECORD_FIELDS } from './record-fields';
import type { TableDefinition } from './schema-parts';
import {
  BATCH_COLUMNS,
  BATCH_CONSTRAINTS,
  batchRules,
  costRules,
  costTypeText,
  isHeading,
  jobRules,
  jobText,
  phaseText,
  postedLineRule,
  postedRule,
  refuse,
} from './schema-parts';

/**
 * Masks and code tables. The job mask is "part of 5, right-justified and blank padded, dash, part of 3": ` 1024-001` and `1024-001` are
 * not the same text, and only the first is a job. The phase mask is 2R-3R-2L; a phase whose second part is blank is a heading.
 */
export const JOB_COST_CODES = `
CREATE TABLE DDMK (
  Mask      VARCHAR(10) NOT NULL,
  Part      INTEGER NOT NULL,
  Width     INTEGER NOT NULL,
  Justify   CHAR(1) NOT NULL CHECK (Justify IN ('L', 'R')),
  Optional  CHAR(1) NOT NULL CHECK (Optional IN ('Y', 'N')),
  Separator VARCHAR(1) NOT NULL,
  PRIMARY KEY (Mask, Part)
);
INSERT INTO DDMK VALUES
  ('Job', 1, 5, 'R', 'N', '-'), ('Job', 2, 3, 'R', 'N', ''),
  ('Phase', 1, 2, 'R', 'N', '-'), ('Phase', 2, 3, 'R', 'Y', '-'), ('Phase', 3, 2, 'L', 'Y', '');

CREATE TABLE JCBT (BaseType VARCHAR(24) PRIMARY KEY);
INSERT INTO JCBT VALUES ('labor'), ('equipment'), ('materials'), ('commitments'), ('owner_cost'), ('professional_services'), ('other');
`;

const phaseMask = (table: string): string =>
  refuse(
    `'${table}: Phase "' || NEW.Phase || '" does not follow the phase mask 2R-3R-2L.'`,
    `NEW.Phase NOT GLOB '[ 0-9][0-9]-[ 0-9][ 0-9][ 0-9]-[ 0-9][ 0-9]'
      OR trim(substr(NEW.Phase, 4, 3)) GLOB '* *' OR substr(NEW.Phase, 4, 3) GLOB '*[0-9] '
      OR substr(NEW.Phase, 8, 2) GLOB ' [0-9]'
      OR (${isHeading('NEW.Phase')} AND substr(NEW.Phase, 8, 2) <> '  ')`,
  );

/** What may not be deleted while cost goes to a phase (or phase and cost type). */
const costUsers = (condition: string): string =>
  ['SLIT', 'SLCI', 'APTL', 'JCED', 'JCCI', 'JCOI']
    .map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE ${condition})`)
    .join(' OR ');

const onPhase = costUsers('PhaseID = OLD.PhaseID AND CostTypeID = OLD.CostTypeID');

/** Phase and cost type of a job: the phase must be of that job, which must be open. */
const onOpenJob = (table: string): string =>
  [
    refuse(
      `'${table}: The phase is not on job ' || coalesce(${jobText('NEW.JobID')}, 'none') || '; add it first.'`,
      'NOT EXISTS (SELECT 1 FROM JCJP WHERE KeyID = NEW.PhaseID AND JobID = NEW.JobID)',
    ),
    refuse(
      `'${table}: Phase ' || ${phaseText('Phase')} || ' is a heading; it takes no cost types.'`,
      `KeyID = NEW.PhaseID AND ${isHeading('Phase')}`,
      'JCJP',
    ),
  ].join('\n');

const HEADER_JOB = { table: 'JCJM', column: 'JobID' };

export const JOB_COST_TABLES: readonly TableDefinition[] = [
  {
    name: 'JCPM',
    fields: RECORD_FIELDS.JCPM,
    columns: [
      'PhaseGroup INTEGER NOT NULL',
      'ParentID INTEGER REFERENCES JCPM',
      "ActiveYN CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N'))",
    ],
    rules: [
      phaseMask('JCPM'),
      refuse(
        `'JCPM: Phase ' || ${phaseText('NEW.Phase')} || ' is already in the phase master.'`,
        'EXISTS (SELECT 1 FROM JCPM WHERE PhaseGroup = NEW.PhaseGroup AND Phase = NEW.Phase AND KeyID <> NEW.KeyID)',
      ),
      refuse(
        `'JCPM: Phase ' || ${phaseText('NEW.Phase')} || ' cannot be its own parent.'`,
        'NEW.ParentID = NEW.KeyID',
      ),
    ].join('\n'),
    deleteRules: refuse(
      `'JCPM: Phase ' || ${phaseText('OLD.Phase')} || ' is used and cannot be deleted; make it inactive.'`,
      `EXISTS (SELECT 1 FROM JCPM WHERE ParentID = OLD.KeyID)
        OR EXISTS (SELECT 1 FROM JCJP p JOIN JCJM j ON j.KeyID = p.JobID JOIN HQCO c ON c.HQCo = j.JCCo
                    WHERE c.PhaseGroup = OLD.PhaseGroup AND p.Phase = OLD.Phase)`,
    ),
  },
  {
    name: 'JCCT',
    fields: RECORD_FIELDS.JCCT,
    columns: [
      'PhaseGroup INTEGER NOT NULL',
      "ActiveYN CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N'))",
    ],
    rules: [
      refuse(
        `'JCCT: Cost type "' || NEW.CostType || '" is not a number from 1 to 255.'`,
        `NEW.CostType GLOB '*[^0-9]*' OR NEW.CostType GLOB '0*' OR CAST(NEW.CostType AS INTEGER) NOT BETWEEN 1 AND 255`,
      ),
      refuse(
        `'JCCT: Cost type ' || NEW.CostType || ' is already used by "' || Description || '".'`,
        'PhaseGroup = NEW.PhaseGroup AND CostType = NEW.CostType AND KeyID <> NEW.KeyID',
        'JCCT',
      ),
      refuse(
        `'JCCT: Base type ' || NEW.BaseType || ' is not in the base type table.'`,
        'NEW.BaseType IS NOT NULL AND NOT EXISTS (SELECT 1 FROM JCBT WHERE BaseType = NEW.BaseType)',
      ),
    ].join('\n'),
    deleteRules: refuse(
      `'JCCT: Cost type ' || OLD.CostType || ' is on jobs and cannot be deleted; make it inactive.'`,
      'EXISTS (SELECT 1 FROM JCCH WHERE CostTypeID = OLD.KeyID)',
    ),
  },
  {
    name: 'JCJM',
    fields: RECORD_FIELDS.JCJM,
    columns: [
      'JCCo INTEGER NOT NULL REFERENCES HQCO',
      'ParentID INTEGER REFERENCES JCJM',
      // 0 pending, 1 open, 2 soft-closed, 3 hard-closed.
      'JobStatus INTEGER NOT NULL DEFAULT 1 CHECK (JobStatus IN (0, 1, 2, 3))',
      "LockPhases CHAR(1) NOT NULL DEFAULT 'Y' CHECK (LockPhases IN ('Y', 'N'))",
    ],
    rules: [
      refuse(
        `'JCJM: Job "' || NEW.Job || '" does not follow the job mask 5R-3R.'`,
        `NEW.Job NOT GLOB '[ 0-9][ 0-9][ 0-9][ 0-9][0-9]-[ 0-9][ 0-9][0-9]'
          OR trim(substr(NEW.Job, 1, 5)) GLOB '* *' OR trim(substr(NEW.Job, 7, 3)) GLOB '* *'`,
      ),
      refuse(
        `'JCJM: Job ' || trim(NEW.Job) || ' is already used by "' || Description || '".'`,
        'JCCo = NEW.JCCo AND Job = NEW.Job AND KeyID <> NEW.KeyID',
        'JCJM',
      ),
      refuse(
        `'JCJM: State ' || NEW.MailState || ' is not in the state table.'`,
        'NEW.MailState IS NOT NULL AND NOT EXISTS (SELECT 1 FROM HQST WHERE State = NEW.MailState)',
      ),
    ].join('\n'),
    insertRules: refuse(
      `'JCJM: Job ' || trim(Job) || ' is ' || CASE WHEN ParentID IS NULL THEN 'closed' ELSE 'a sub job' END || '; it takes no sub jobs.'`,
      'KeyID = NEW.ParentID AND (JobStatus <> 1 OR ParentID IS NOT NULL)',
      'JCJM',
    ),
    updateRules: refuse(
      `'JCJM: Job ' || trim(OLD.Job) || ' cannot move to another job.'`,
      'NEW.ParentID IS NOT OLD.ParentID OR NEW.JCCo <> OLD.JCCo',
    ),
    deleteRules: refuse(
      `'JCJM: Job ' || trim(OLD.Job) || ' has phases or documents and cannot be deleted; close it.'`,
      ['JCJP', 'SLHD', 'SLCO', 'APTH', 'APTL', 'JCEH', 'JCCM', 'JCOH']
        .map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE JobID = OLD.KeyID)`)
        .concat('EXISTS (SELECT 1 FROM JCJM WHERE ParentID = OLD.KeyID)')
        .join(' OR '),
    ),
  },
  {
    name: 'JCJP',
    fields: RECORD_FIELDS.JCJP,
    columns: [
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      "ActiveYN CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N'))",
    ],
    header: HEADER_JOB,
    rules: [
      phaseMask('JCJP'),
      refuse(
        `'JCJP: Phase ' || ${phaseText('NEW.Phase')} || ' is already on job ' || ${jobText('NEW.JobID')} || '.'`,
        'EXISTS (SELECT 1 FROM JCJP WHERE JobID = NEW.JobID AND Phase = NEW.Phase AND KeyID <> NEW.KeyID)',
      ),
    ].join('\n'),
    insertRules: refuse(
      `'JCJP: Job ' || trim(Job) || ' is closed; phases cannot be added.'`,
      'KeyID = NEW.JobID AND JobStatus >= 2',
      'JCJM',
    ),
    deleteRules: refuse(
      `'JCJP: Phase ' || ${phaseText('OLD.Phase')} || ' of job ' || ${jobText('OLD.JobID')} || ' is used and cannot be deleted; make it inactive.'`,
      `EXISTS (SELECT 1 FROM JCCH WHERE PhaseID = OLD.KeyID) OR ${costUsers('PhaseID = OLD.KeyID')}`,
    ),
  },
  {
    name: 'JCCH',
    fields: RECORD_FIELDS.JCCH,
    columns: [
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      'PhaseID INTEGER NOT NULL REFERENCES JCJP',
      'CostTypeID INTEGER NOT NULL REFERENCES JCCT',
      "ActiveYN CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N'))",
    ],
    constraints: ['UNIQUE (PhaseID, CostTypeID)'],
    header: HEADER_JOB,
    rules: onOpenJob('JCCH'),
    insertRules: [
      refuse(
        `'JCCH: Job ' || trim(Job) || ' is closed; cost types cannot be added.'`,
        'KeyID = NEW.JobID AND JobStatus >= 2',
        'JCJM',
      ),
      refuse(
        `'JCCH: Cost type ' || CostType || ' is inactive.'`,
        "KeyID = NEW.CostTypeID AND ActiveYN = 'N'",
        'JCCT',
      ),
    ].join('\n'),
    deleteRules: refuse(
      `'JCCH: Cost type ' || ${costTypeText('OLD.CostTypeID')} || ' of phase ' || ${phaseText('(SELECT Phase FROM JCJP WHERE KeyID = OLD.PhaseID)')} || ' is used and cannot be removed.'`,
      onPhase,
    ),
  },
  {
    // Totals of the job cost ledger by phase and cost type.
    name: 'JCCP',
    fields: RECORD_FIELDS.JCCP,
    columns: [
      'JobID INTEGER NOT NULL REFERENCES JCJM',
      'PhaseID INTEGER NOT NULL REFERENCES JCJP ON DELETE CASCADE',
      'CostTypeID INTEGER NOT NULL REFERENCES JCCT',
    ],
    constraints: ['UNIQUE (PhaseID, CostTypeID)'],
    header: HEADER_JOB,
    rules: onOpenJob('JCCP'),
  },
  {
    // Budget entries: original and revised estimates.
    name: 'JCEH',
    fields: RECORD_FIELDS.JCEH,
    columns: [...BATCH_COLUMNS, 'JobID INTEGER NOT NULL REFERENCES JCJM'],
    constraints: BATCH_CONSTRAINTS,
    rules: [batchRules('JCEH'), jobRules('JCEH', 'NEW.Co')].join('\n'),
    insertRules: refuse(
      `'JCEH: The budget of job ' || ${jobText('NEW.JobID')} || ' in batch ' || b.BatchId || ' of ' || b.Mth || ' must be posted first.'`,
      'h.JobID = NEW.JobID AND b.Status <> 5',
      'JCEH h JOIN HQBC b ON b.Co = h.Co AND b.Mth = h.Mth AND b.BatchId = h.BatchId',
    ),
    updateRules: postedRule('JCEH', `'The budget of job ' || ${jobText('OLD.JobID')}`, 'change'),
    deleteRules: postedRule('JCEH', `'The budget of job ' || ${jobText('OLD.JobID')}`, 'be deleted'),
  },
  {
    name: 'JCED',
    fields: RECORD_FIELDS.JCED,
    columns: [
      'EntryID INTEGER NOT NULL REFERENCES JCEH ON DELETE CASCADE',
      'Line VARCHAR(40) NOT NULL CHECK (length(Line) <= 40)',
      'JobID INTEGER REFERENCES JCJM',
      'PhaseID INTEGER REFERENCES JCJP',
      'CostTypeID INTEGER REFERENCES JCCT',
      "Movement CHAR(1) NOT NULL CHECK (Movement IN ('O', 'R'))",
    ],
    constraints: ['UNIQUE (EntryID, Line)'],
    header: { table: 'JCEH', column: 'EntryID' },
    rules: [
      postedLineRule('JCED', 'JCEH', 'EntryID', 'NEW'),
      refuse("'JCED: Movement is required: original or revised.'", 'NEW.Movement IS NULL'),
      costRules('JCED', 'coalesce(NEW.JobID, (SELECT JobID FROM JCEH WHERE KeyID = NEW.EntryID))'),
    ].join('\n'),
    deleteRules: postedLineRule('JCED', 'JCEH', 'EntryID', 'OLD'),
  },
];
