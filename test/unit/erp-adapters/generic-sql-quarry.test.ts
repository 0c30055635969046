import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceKit } from '../../../src/erp-adapters/contract/conformance';
import { conformanceQuestions } from '../../../src/erp-adapters/contract/conformance';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import { openSqlite } from '../../../src/sqlite';

/** A company that enters its own vendor numbers (`S-00041`), says when a row was changed, and fills every column. */
const QUARRY = `
CREATE TABLE payee (
  payee_id INTEGER PRIMARY KEY, firm INTEGER NOT NULL, payee_code VARCHAR(8) NOT NULL UNIQUE, full_name VARCHAR(50) NOT NULL,
  mail VARCHAR(60), status_no INTEGER NOT NULL, touched VARCHAR(24)
);
CREATE TRIGGER payee_insert AFTER INSERT ON payee
BEGIN UPDATE payee SET touched = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE payee_id = new.payee_id; END;
CREATE TRIGGER payee_update AFTER UPDATE ON payee WHEN new.touched IS old.touched
BEGIN UPDATE payee SET touched = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE payee_id = new.payee_id; END;
INSERT INTO payee (firm, payee_code, full_name, mail, status_no) VALUES (7, 'S-00041', 'Gravel Co', 'ap@gravel.example', 1);`;

const QUARRY_DEFINITION = `
product: Quarry 7
company: { code: 7, name: Quarry Test Company }
masks: { payee: [{ width: 1, characters: alphanumeric, separator: '-' }, { width: 5 }] }
changes: { by: modified, column: touched }
kinds:
  vendor:
    table: payee
    key: payee_id
    owner: { column: firm, value: 7 }
    fields:
      code: { column: payee_code, mask: payee }
      name: full_name
      email: mail
      isActive: { column: status_no, yes: 1, no: [2, 9] }
    state: { column: status_no, active: 1 }`;

describe('without any sample, as `tieback doctor --writing` asks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-quarry-'));
  const settings = { definition: join(folder, 'quarry.yaml'), file: join(folder, 'quarry.db') };
  const open: ConformanceKit['open'] = ({ io } = {}) =>
    genericSqlAdapter.create({ connectionId: 'acme', settings, ...(io === undefined ? {} : { io }) });
  beforeAll(() => {
    writeFileSync(settings.definition, QUARRY_DEFINITION);
    const office = openSqlite(settings.file);
    office.exec(QUARRY);
    office.exec(open({}).grantScript());
    office.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('numbers that people enter, a flag that must be filled, and a feed that repeats the newest records', async () => {
    const wanted = ['create', 'not-carried', 'limit-too-long', 'order-kept', 'changed', 'crash-create'];
    const asked = conformanceQuestions({ open }).filter(({ name }) => wanted.includes(name));
    const answers = [];
    for (const { name, ask } of asked) answers.push({ name, ...(await ask()) });
    expect(answers.map(({ name }) => name).sort()).toEqual([...wanted].sort());
    expect(answers.filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  test('what such a feed cannot promise is not asked', () => {
    expect(conformanceQuestions({ open }).map(({ name }) => name)).not.toContain('paging-moves-on');
  });
});
