import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceKit } from '../../../src/erp-adapters/contract/conformance';
import { conformanceQuestions } from '../../../src/erp-adapters/contract/conformance';
import { createLedgerline } from '../../support/ledgerline/company';
import { ledgerline } from '../../support/ledgerline';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-'));
const file = join(folder, 'll.db');
const office = createLedgerline(file);
office.exec(ledgerline.create({ connectionId: 'demo', settings: { file } }).grantScript());
afterAll(() => { office.close(); rmSync(folder, { recursive: true }); });
const line = (number: string, amount: string) => ({ kind: 'commitment_line' as const, number, erpKey: null, procoreId: null, fields: { description: 'x', costCode: 'WEST|1.0310', costType: 'WEST|2', amount } });
const TABLE: Record<string, string> = { vendor: 'supplier', commitment: 'purchase_order' };
const kit: ConformanceKit = {
  open: ({ io } = {}) => ledgerline.create({ connectionId: 'demo', settings: { file }, ...(io ? { io } : {}) }),
  samples: {
    vendor: { sample: (tag) => ({ fields: { code: null, name: `Check ${tag}`, sortName: tag, email: `a@${tag}.example`, phone: '206-555-0199', isActive: true }, lines: [] }), changes: 'name' },
    commitment: {
      sample: (tag) => ({ fields: { code: tag, name: `Check ${tag}`, job: 'WEST|1', vendor: 'WEST|1', status: 'Approved', date: '2026-07-01', retainagePercent: '5.00', amount: '200.00' }, lines: [line('1', '210.00'), line('2', '-10.00')] }),
      changes: 'name',
    },
  },
  people: {
    hold: (kind) => { office.exec(`INSERT INTO clerk VALUES ('${TABLE[kind]}', 'Kim', '2026-07-01')`); },
    release: (kind) => { office.exec(`DELETE FROM clerk WHERE tbl = '${TABLE[kind]}'`); },
  },
};
const skipped = new Set<string>();
test.each(conformanceQuestions(kit).map((question) => [question.id, question.title, question] as const))(
  '%s: %s',
  async (_id, _title, question) => {
    const { status, detail } = await question.ask();
    if (status === 'failed') throw new Error(detail);
    if (status === 'skipped') skipped.add(question.name);
  },
);

test('what could not be asked of some kind is known', () => expect([...skipped].sort()).toEqual(['unique']));
