/** Commitments that wait for finance, planned from what Procore would send: for the desk of `seed.ts`. */
import { auditEntry } from '../../../src/activities/record/entry';
import { planSeal, planText } from '../../../src/domain/plan/stored';
import type { RefState } from '../../../src/domain/plan/references';
import { planExport } from '../../../src/domain/plan/export';
import { aboutOf, aboutPlan, kindIn } from '../../../src/domain/request/about';
import type { RecordDraft } from '../../../src/domain/request/intent';
import { searchTextOf } from '../../../src/domain/request/search';
import { newRequest } from '../../../src/store/new-request';
import { columnsFor, commitment, draftLine, ref } from '../../unit/domain/records';
import type { Desk } from './seed';
import { NOW } from './seed';

const STATES: readonly RefState[] = [
  {
    target: 'project',
    key: '1|1024',
    state: 'active',
    label: 'job 2417-001',
    code: '2417-001',
    name: 'Eastgate Parking',
  },
  {
    target: 'vendor',
    key: '1|10442',
    state: 'active',
    label: 'vendor 10442',
    code: '10442',
    name: 'Cobalt Mechanical LLC',
  },
  {
    target: 'cost_code',
    key: '1|101',
    state: 'active',
    label: 'phase 23-050 of job 2417-001',
    code: '23-050',
    name: 'HVAC',
  },
  { target: 'line_item_type', key: '1|4', state: 'active', label: 'cost type SUB' },
];

export interface Commitment {
  /** Number of the request. */
  readonly position: number;
  readonly code: string;
  readonly lines: number;
  /** Lines whose amount is not quantity × unit cost, which is a warning. */
  readonly wrong?: readonly number[];
}

/** Lines of 12 × 1,250.50. */
export async function addCommitment(
  desk: Desk,
  { position, code, lines, wrong = [] }: Commitment,
): Promise<void> {
  const amountOf = (line: number): number => (wrong.includes(line) ? 15_000 : 15_006);
  const numbers = Array.from({ length: lines }, (_, index) => index + 1);
  const record: RecordDraft = commitment({
    label: `Commitment ${code} "HVAC"`,
    procoreId: 71_000 + position,
    fields: {
      ...commitment().fields,
      code,
      amount: `${numbers.reduce((total, line) => total + amountOf(line), 0)}.00`,
    },
    refs: {
      job: ref('project', 9, 'project|1|1024', 'job Eastgate Parking'),
      vendor: ref('vendor', 8, 'vendor|1|10442', 'vendor Cobalt Mechanical'),
    },
    lines: numbers.map((line) =>
      draftLine('commitment_line', String(line), {
        description: `Ductwork level ${line}`,
        basis: 'unit',
        quantity: '12',
        uom: 'EA',
        unitCost: '1250.5',
        amount: `${amountOf(line)}.00`,
      }),
    ),
  });
  const intent = { way: 'export' as const, detailIds: [], records: [record] };
  const planned = planExport({
    connectionId: 'acme',
    intent,
    corrections: {},
    links: [],
    states: STATES,
    sides: [{ own: null, same: [], similar: [], ledgerHead: null }],
    columns: { ...columnsFor('commitment'), currency: 'USD' },
  });
  if (planned.kind !== 'plan') throw new Error(JSON.stringify(planned));
  const { plan } = planned;
  const read = { eventName: 'create_commitment', intent, subject: record.label, questions: [] };
  await desk.store((store) =>
    store.transaction('seed', 'acme', async (t) => {
      const row = {
        ...newRequest('acme', 'erp', position, NOW),
        eventName: read.eventName,
        way: intent.way,
        subject: read.subject,
        recordId: `commitment/${record.procoreId}`,
        kind: kindIn(intent),
        about: aboutPlan(aboutOf(read), plan),
        searchText: searchTextOf(read, `erp/${position}`),
        status: 'waiting_for_finance' as const,
        reason: 'No policy rule approves this plan.',
        requestedBy: 7710,
        sender: 'Rosa Lindqvist',
        started: true,
      };
      await t.requests.add(row);
      const body = { received: {}, answers: {}, changes: [] };
      await t.requests.keepBody({ ...row, requestId: row.id, body, reading: read, readerVersion: '' });
      await t.plans.add({ ...row, page: 0 }, plan, NOW);
      const built = { planHash: plan.hash, detail: { version: 1, seal: planSeal(planText(plan)) } };
      await t.audit.append('acme', [auditEntry(row, NOW, 'plan.built', built)]);
    }),
  );
}
