import type { ReleaseItem } from '../../../../src/domain/request/intent';
import type { DeleteRow, ExternalDataItem, UnlinkPayment } from '../../../../src/domain/plan/operation';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { ReleaseState } from '../../../../src/domain/plan/release';
import { planRelease, rememberedLines } from '../../../../src/domain/plan/release';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import { lineOf, linkOf, recordOf } from '../records';

const item = (more: Partial<ReleaseItem> = {}): ReleaseItem => ({
  target: 'commitment',
  itemType: 'work_order_contract',
  procoreId: 71,
  originId: 'commitment|1|77',
  projectId: 9,
  subJobId: null,
  detailId: null,
  label: 'commitment SC-008',
  lines: null,
  assignment: null,
  ...more,
});

const plan = (
  items: readonly ReleaseItem[],
  states: readonly ReleaseState[],
  links: readonly RecordLink[] = [],
  listed: Readonly<Record<string, readonly ExternalDataItem[]>> = {},
): Plan =>
  planRelease({
    connectionId: 'acme',
    intent: { way: 'release', about: 'unlink', detailIds: [77], items },
    states,
    links,
    listed,
  });

const actions = ({ operations }: Plan): string[] =>
  operations.map(({ action, recordId }) => `${action} ${recordId}`);
const cleared = ({ operations }: Plan): string[] =>
  operations.flatMap((operation) =>
    operation.action === 'clear_external_data'
      ? operation.items.map(({ itemType, itemId }) => `${itemType}/${itemId}`)
      : [],
  );

describe.each<[ReleaseItem['target'], string]>([
  ['commitment', 'delete it there first'],
  ['commitment_change_order', 'delete it there first'],
  ['prime_contract_change_order', 'delete it there first'],
  ['payment_application', 'void it there first'],
  ['company_level_direct_cost', 'void it there first'],
  ['cost_code', 'remove it there first'],
  ['cost_type_assignment', 'remove it there first'],
])('%s', (target, undo) => {
  test.each<[ReleaseState, string | null]>([
    ['absent', null],
    ['void', null],
    ['active', `Commitment SC-008 still exists in the ERP; ${undo}.`],
    ['inactive', `Commitment SC-008 still exists in the ERP (inactive); ${undo}.`],
    [
      'foreign',
      `Commitment SC-008 has the origin_id "${target}|1|77", which is not one of ours: another integration may own it. Nothing was changed.`,
    ],
  ])('%s in the ERP', (state, reason) => {
    const result = plan([item({ target, originId: `${target}|1|77` })], [state]);
    expect(result.leftOut.map((left) => left.reason)).toEqual(reason === null ? [] : [reason]);
    // Procore deletes its cost codes itself.
    expect(result.operations).toHaveLength(reason === null && target !== 'cost_code' ? 1 : 0);
  });
});

describe('an origin_id without its type', () => {
  const code = (originId: string): ReleaseItem =>
    item({ target: 'cost_code', itemType: 'cost_code', originId, label: 'cost code 23-050' });
  const others = '800003DD-1600977189|800005FA-1477351439';

  test('of which the ERP knows nothing is not one of ours: it may not be deleted', () => {
    const result = plan([code(others)], ['absent']);
    expect(result.leftOut).toMatchObject([
      { reason: expect.stringContaining(`origin_id "${others}", which is not one of ours`) as string },
    ]);
  });

  test('is ours where our link says so', () => {
    const link = linkOf('commitment', 71, '1|77', { state: 'unlinked' });
    expect(plan([item({ originId: '1|77' })], ['absent'], [link]).leftOut).toEqual([]);
    expect(plan([item({ originId: '1|77' })], ['absent']).leftOut).toHaveLength(1);
  });

  test('of a pair: the sentence names the one that is not ours', () => {
    const assignment = {
      costCodeOriginId: 'cost_code|1|7',
      lineItemTypeOriginId: others,
      jobCostId: null,
    };
    const pair = item({ target: 'cost_type_assignment', originId: null, label: 'pair', assignment });
    expect(plan([pair], ['absent']).leftOut[0]?.reason).toContain(`the origin_id "${others}", which`);
    expect(plan([pair], ['foreign']).leftOut[0]?.reason).toContain(`the origin_id "${others}", which`);
  });
});

test('without an answer of the ERP nothing is let go', () => {
  const result = plan([item()], []);
  expect(result.operations).toEqual([]);
  expect(result.leftOut).toMatchObject([{ recordId: 'commitment/71' }]);
});

test('items are independent: each gets its own answer, in its own place', () => {
  const items = [1, 2, 3].map((procoreId) => item({ procoreId, label: `commitment ${procoreId}` }));
  const result = plan(items, ['active', 'absent', 'void']);
  expect(actions(result)).toEqual(['clear_external_data commitment/2', 'clear_external_data commitment/3']);
  expect(result.operations.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(result.leftOut.map(({ recordId }) => recordId)).toEqual(['commitment/1']);
  expect(result.subject).toBe('commitment 1, commitment 2, commitment 3');
});

describe('what is let go', () => {
  const base = recordOf({}, [
    lineOf('commitment_line', '1', {}, { erpKey: '1|a', procoreId: 5001 }),
    lineOf('commitment_line', '2', {}, { erpKey: '1|b', procoreId: null }),
  ]);
  const link = linkOf('commitment', 71, '1|77', { generation: 4, erp: base, erpRevision: 'r' });

  test('the record, the lines of the event, of the link and of the listing; each once', () => {
    const lines = [
      { itemType: 'line_item', procoreId: 5001 },
      { itemType: 'markup', procoreId: 5001 },
    ];
    const listed: Record<string, ExternalDataItem[]> = {
      0: [
        { itemType: 'line_item', itemId: 5001, line: null },
        { itemType: 'line_item', itemId: 5009, line: null },
      ],
      1: [{ itemType: 'line_item', itemId: 6666, line: null }],
    };
    expect(cleared(plan([item({ lines })], ['absent'], [link], listed))).toEqual([
      'work_order_contract/71',
      'line_item/5001',
      'markup/5001',
      'line_item/5009',
    ]);
  });

  test('a contract whose type the event does not tell: as Procore listed it; unasked, nothing is untied', () => {
    const asked = item({ itemType: null });
    const listed: Record<string, ExternalDataItem[]> = {
      0: [
        { itemType: 'purchase_order_contract', itemId: 71, line: null },
        { itemType: 'line_item', itemId: 5009, line: null },
      ],
    };
    expect(cleared(plan([asked], ['absent'], [], listed))).toEqual([
      'purchase_order_contract/71',
      'line_item/5009',
    ]);
    const unasked = plan([asked], ['absent']);
    expect(unasked.operations).toEqual([]);
    expect(unasked.leftOut.map(({ reason }) => reason)).toEqual([
      'Commitment SC-008: Procore does not say which type of contract it is, nor in which project. Nothing was changed.',
    ]);
  });

  test('the link moves on, and remembers what was there', () => {
    const [operation] = plan([item()], ['absent'], [link]).operations;
    expect(operation).toMatchObject({
      side: 'procore',
      erpKey: '1|77',
      generation: 5,
      changes: [{ field: 'origin_id', old: 'commitment|1|77', new: null }],
    });
    expect(operation && linkMovedBy(operation)).toEqual({ ...link, state: 'unlinked', generation: 5 });
  });

  test.each<RecordLink>([
    { ...link, state: 'unlinked' },
    { ...link, procoreId: 5 },
    { ...link, kind: 'requisition' },
  ])('a link that is not its own stays: %#', (other) => {
    const [operation] = plan([item()], ['absent'], [other]).operations;
    expect(operation).toMatchObject({ link: null, erpKey: null, generation: 1 });
    expect(cleared(plan([item()], ['absent'], [other]))).toEqual(['work_order_contract/71']);
  });

  test('asked again, it is the same plan', () => {
    expect(plan([item()], ['absent'], [link])).toEqual(plan([item()], ['absent'], [structuredClone(link)]));
  });

  test('remembered lines are those with an id and an item type', () => {
    expect(rememberedLines(item(), link)).toEqual([
      { itemType: 'line_item', itemId: 5001, line: { kind: 'commitment_line', number: '1' } },
    ]);
    expect(rememberedLines(item(), null)).toEqual([]);
    expect(rememberedLines(item(), linkOf('commitment', 71, '1|77'))).toEqual([]);
    const codes = recordOf({}, [lineOf('cost_type_assignment', 'x', {}, { procoreId: 3, erpKey: '1|1' })]);
    expect(rememberedLines(item({ target: 'project' }), linkOf('project', 9, '1|1', { erp: codes }))).toEqual(
      [],
    );
    expect(rememberedLines(item({ target: 'cost_code' }), link)).toEqual([]);
  });
});

describe('a cost type assignment', () => {
  const assignment = (jobCostId: number | null) =>
    item({
      target: 'cost_type_assignment',
      itemType: null,
      procoreId: 44,
      originId: null,
      subJobId: 6,
      label: 'cost type 1|4 of cost code 1|101',
      lines: [],
      assignment: {
        costCodeOriginId: 'cost_code|1|101',
        lineItemTypeOriginId: 'line_item_type|1|4',
        jobCostId,
      },
    });

  test('goes after the job cost that refers to it', () => {
    const { operations } = plan([assignment(91)], ['absent']);
    const place = { projectId: 9, subJobId: 6 };
    expect(operations).toMatchObject([
      { action: 'delete', resource: 'job_cost', id: 91, place },
      { action: 'delete', resource: 'cost_type_assignment', id: 44, place },
    ] satisfies Partial<DeleteRow>[]);
    expect(new Set(operations.map(({ operationKey }) => operationKey)).size).toBe(2);
  });

  test('goes alone where there is no job cost', () => {
    expect(plan([assignment(null)], ['void']).operations).toHaveLength(1);
  });
});

test('a payment is untied by a call of its own', () => {
  const payment = item({ target: 'invoice_payment', itemType: 'invoice_payment', procoreId: 12, lines: [] });
  expect(plan([payment], ['void']).operations).toMatchObject([
    { action: 'unlink_payment', id: 12 },
  ] satisfies Partial<UnlinkPayment>[]);
  expect(plan([payment], ['active']).leftOut[0]?.reason).toMatch(/void it there first/);
});

test('a long origin_id of somebody else does not fill the message', () => {
  const reason = plan([item({ originId: 'x'.repeat(5000) })], ['foreign']).leftOut[0]?.reason ?? '';
  expect(reason.length).toBeLessThan(300);
});

test('plans tell the policy which kinds and projects they are about, each once', () => {
  const items = [
    item(),
    item({ procoreId: 72 }),
    item({ target: 'cost_code', procoreId: 501, projectId: 10 }),
    item({ target: 'company_level_direct_cost', procoreId: 5, projectId: null }),
  ];
  expect(plan(items, ['absent', 'active', 'absent', 'void']).facts).toEqual({
    kinds: ['commitment', 'project', 'company_level_direct_cost'],
    projects: [9, 10],
    amount: null,
    dates: [],
    flags: {},
  });
});
