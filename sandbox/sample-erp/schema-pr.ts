import { batchRules, jobRules, phaseText, refuse } from './schema-parts';

/**
 * Payroll of Groundwork: employees with what nobody outside may see, codes, pay periods, timecards in batches and posted. Cards are numbered once and keep
 * their number when they are posted.
 */

const ACTIVE = "ActiveYN CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N'))";
const DATE = (column: string): string =>
  `${column} TEXTDATE CHECK (${column} IS NULL OR date(${column}) IS ${column})`;

/** Hours and money are text with two places: a binary number cannot hold 0.10. */
const DECIMAL = (column: string): string =>
  `${column} DECIMAL_TEXT(10,2) CHECK (${column} IS NULL OR (ltrim(${column}, '-') GLOB '[0-9]*.[0-9][0-9]' AND ltrim(${column}, '-') NOT GLOB '*[^0-9.]*' AND length(${column}) <= 11))`;

/** What a card says, in a batch and posted. */
const CARD = `
  Employee INTEGER NOT NULL,
  PostDate TEXT NOT NULL CHECK (date(PostDate) IS PostDate),
  JobID INTEGER REFERENCES JCJM,
  PhaseID INTEGER REFERENCES JCJP,
  EarnCode INTEGER NOT NULL,
  Craft VARCHAR(10),
  Class VARCHAR(10),
  Shift VARCHAR(2) NOT NULL DEFAULT '1',
  PRDept VARCHAR(10) NOT NULL,
  Cert CHAR(1) NOT NULL DEFAULT 'N' CHECK (Cert IN ('Y', 'N')),
  Equipment VARCHAR(10),
  ${DECIMAL('Hours')} NOT NULL,
  ${DECIMAL('Rate')},
  ${DECIMAL('Amt')},
  Memo VARCHAR(120) CHECK (Memo IS NULL OR length(Memo) <= 120),
  MadeFrom INTEGER,
  EnteredBy VARCHAR(40) NOT NULL`;

const onBatch = 'b.Co = NEW.Co AND b.Mth = NEW.Mth AND b.BatchId = NEW.BatchId';

const CARD_RULES = [
  batchRules('PRTB'),
  refuse(
    "'PRTB: Batch ' || NEW.BatchId || ' of ' || NEW.Mth || ' takes no timecards.'",
    `${onBatch} AND b.PRGroup IS NULL`,
    'HQBC b',
  ),
  refuse(
    "'PRTB: Pay period ' || b.PREndDate || ' of group ' || b.PRGroup || ' is not open.'",
    `${onBatch} AND b.PRGroup IS NOT NULL AND NOT EXISTS (SELECT 1 FROM PRPC p WHERE p.PRCo = b.Co AND p.PRGroup = b.PRGroup AND p.PREndDate = b.PREndDate
      AND p.Run = b.PRRun AND p.Status = 1)`,
    'HQBC b',
  ),
  refuse(
    "'PRTB: There is no employee ' || NEW.Employee || '.'",
    'NOT EXISTS (SELECT 1 FROM PREH WHERE PRCo = NEW.Co AND Employee = NEW.Employee)',
  ),
  refuse(
    "'PRTB: Employee ' || NEW.Employee || ' is paid with group ' || e.PRGroup || ', not ' || b.PRGroup || '.'",
    `${onBatch} AND e.PRCo = NEW.Co AND e.Employee = NEW.Employee AND e.PRGroup <> b.PRGroup`,
    'HQBC b, PREH e',
  ),
  refuse(
    "'PRTB: There is no earn code ' || NEW.EarnCode || '.'",
    'NOT EXISTS (SELECT 1 FROM PREC WHERE PRCo = NEW.Co AND EarnCode = NEW.EarnCode)',
  ),
  refuse(
    "'PRTB: ' || NEW.PostDate || ' is after the end of the pay period, ' || b.PREndDate || '.'",
    `${onBatch} AND NEW.PostDate > b.PREndDate`,
    'HQBC b',
  ),
  refuse("'PRTB: ' || NEW.Hours || ' hours on one card are too many.'", 'abs(CAST(NEW.Hours AS REAL)) > 24'),
  jobRules('PRTB', 'NEW.Co'),
  refuse(
    `'PRTB: Phase ' || ${phaseText('p.Phase')} || ' is not on the job.'`,
    'p.KeyID = NEW.PhaseID AND p.JobID IS NOT NEW.JobID',
    'JCJP p',
  ),
].join('\n');

export const PAYROLL_SCHEMA = `
ALTER TABLE HQBC ADD COLUMN PRGroup INTEGER;
ALTER TABLE HQBC ADD COLUMN PREndDate TEXT;
ALTER TABLE HQBC ADD COLUMN PRRun INTEGER;
-- N: the overtime rules leave its cards alone.
ALTER TABLE HQBC ADD COLUMN AutoOT CHAR(1) NOT NULL DEFAULT 'Y';

-- What validating a batch found, by card.
CREATE TABLE HQBE (
  Co INTEGER NOT NULL, Mth TEXT NOT NULL, BatchId INTEGER NOT NULL, Seq INTEGER NOT NULL, ErrorText VARCHAR(255) NOT NULL,
  FOREIGN KEY (Co, Mth, BatchId) REFERENCES HQBC
);

CREATE TABLE PRGR (
  PRCo INTEGER NOT NULL REFERENCES HQCO, PRGroup INTEGER NOT NULL, Description VARCHAR(30) NOT NULL,
  PayFreq CHAR(1) NOT NULL CHECK (PayFreq IN ('W', 'B', 'S', 'M')), PRIMARY KEY (PRCo, PRGroup)
);
CREATE TABLE PRDP (PRCo INTEGER NOT NULL, PRDept VARCHAR(10) NOT NULL, Description VARCHAR(30) NOT NULL, PRIMARY KEY (PRCo, PRDept));
CREATE TABLE PRSH (PRCo INTEGER NOT NULL, Shift VARCHAR(2) NOT NULL, Description VARCHAR(30) NOT NULL, PRIMARY KEY (PRCo, Shift));
CREATE TABLE PRCM (PRCo INTEGER NOT NULL, Craft VARCHAR(10) NOT NULL, Description VARCHAR(30) NOT NULL, PRIMARY KEY (PRCo, Craft));
CREATE TABLE PRCC (
  PRCo INTEGER NOT NULL, Craft VARCHAR(10) NOT NULL, Class VARCHAR(10) NOT NULL, Description VARCHAR(30) NOT NULL,
  PRIMARY KEY (PRCo, Craft, Class), FOREIGN KEY (PRCo, Craft) REFERENCES PRCM
);
-- EarnType: W worked, L leave, A allowance, E equipment. OTEarnCode: what hours beyond the limit of a day become.
CREATE TABLE PREC (
  PRCo INTEGER NOT NULL, EarnCode INTEGER NOT NULL, Description VARCHAR(30) NOT NULL, Factor VARCHAR(8),
  EarnType CHAR(1) NOT NULL DEFAULT 'W' CHECK (EarnType IN ('W', 'L', 'A', 'E')), CostTypeID INTEGER REFERENCES JCCT, OTEarnCode INTEGER,
  ${ACTIVE}, PRIMARY KEY (PRCo, EarnCode)
);
CREATE TABLE PREH (
  PRCo INTEGER NOT NULL REFERENCES HQCO, Employee INTEGER NOT NULL, LastName VARCHAR(30) NOT NULL, FirstName VARCHAR(30), EMail VARCHAR(60),
  PRGroup INTEGER NOT NULL, PRDept VARCHAR(10) NOT NULL, Craft VARCHAR(10), Class VARCHAR(10), ${DATE('HireDate')}, ${DATE('TermDate')}, ${ACTIVE},
  SSN VARCHAR(11), ${DATE('BirthDate')}, BankRouting VARCHAR(12), BankAcct VARCHAR(35), ${DECIMAL('HrlyRate')}, ${DECIMAL('SalaryAmt')},
  PRIMARY KEY (PRCo, Employee), FOREIGN KEY (PRCo, PRGroup) REFERENCES PRGR, FOREIGN KEY (PRCo, PRDept) REFERENCES PRDP
);
-- Status: 0 not open yet, 1 open, 2 closed. Run 1 is the ordinary one.
CREATE TABLE PRPC (
  PRCo INTEGER NOT NULL, PRGroup INTEGER NOT NULL, PREndDate TEXT NOT NULL, Run INTEGER NOT NULL DEFAULT 1, BeginDate TEXT NOT NULL,
  ${DATE('CutoffDate')}, Mth TEXT NOT NULL, Status INTEGER NOT NULL DEFAULT 1 CHECK (Status IN (0, 1, 2)),
  PRIMARY KEY (PRCo, PRGroup, PREndDate, Run), FOREIGN KEY (PRCo, PRGroup) REFERENCES PRGR
);

CREATE TABLE PRTB (
  Card INTEGER PRIMARY KEY AUTOINCREMENT,
  Co INTEGER NOT NULL, Mth TEXT NOT NULL, BatchId INTEGER NOT NULL, Seq INTEGER NOT NULL,${CARD},
  UNIQUE (Co, Mth, BatchId, Seq), FOREIGN KEY (Co, Mth, BatchId) REFERENCES HQBC
);
CREATE TABLE PRTH (
  Card INTEGER PRIMARY KEY,
  PRCo INTEGER NOT NULL, PRGroup INTEGER NOT NULL, PREndDate TEXT NOT NULL, Run INTEGER NOT NULL, Mth TEXT NOT NULL, BatchId INTEGER NOT NULL,${CARD}
);
CREATE INDEX PRTH_period ON PRTH (PRCo, PRGroup, PREndDate, Employee);

CREATE TRIGGER PRTB_insert BEFORE INSERT ON PRTB BEGIN
${CARD_RULES}
END;
CREATE TRIGGER PRTB_update BEFORE UPDATE ON PRTB BEGIN
${CARD_RULES}
END;
CREATE TRIGGER PRTB_delete BEFORE DELETE ON PRTB WHEN (SELECT Status FROM HQBC WHERE Co = OLD.Co AND Mth = OLD.Mth AND BatchId = OLD.BatchId) <> 2 BEGIN
${batchRules('PRTB', 'OLD')}
  SELECT 1;
END;
`;
