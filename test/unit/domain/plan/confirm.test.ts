import type { Kind } from '../../../../src/domain/kinds';
import { KINDS } from '../../../../src/domain/kinds';
import type { CanonicalRecord, KnownRecord, RecordLine } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { planExport } from '../../../../src/domain/plan/export';
import type { AppliedOperation, WrittenRecord } from '../../../../src/domain/plan/export/confirm';
import { linksAfter, writtenRecords } from '../../../../src/domain/plan/export/confirm';
import type { SetExternalData } from '../../../../src/domain/plan/operation';
import { isErpWrite, isTie } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { recordIdOfPending } from '../../../../src/domain/plan/references';
import { syncRevisionOf } from '../../../../src/domain/plan/sync';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import {
  budget,
  columnsFor,
  commitment,
  exportOf,
  heldCommitment,
  heldLine,
  job,
  known,
  lineOf,
  linkOf,
  recordOf,
  ref,
  standardCode,
} from '../records';

const planned = (
  drafts: readonly RecordDraft[],
  own: KnownRecord | null = null,
  links: readonly RecordLink[] = [],
): Plan => {
  const result = planExport({
    connectionId: 'acme',
    intent: exportOf(...drafts),
    corrections: {},
    columns: columnsFor(drafts[0]?.kind ?? 'commitment'),
    sides: drafts.map(() => ({ own, same: [], similar: [], ledgerHead: null })),
    states: [],
    links,
  });
  if (result.kind !== 'plan') throw new Error(JSON.stringify(result));
  return result.plan;
};

const tieIn = ({ operations }: Plan): SetExternalData => {
  const found = operations.find(isTie);
  if (!found) throw new Error('Procore is told nothing');
  return found;
};

/** What the apply step leaves: the ERP took every write, and each line has a key now. */
const appliedTo = (plan: Plan, keyOf: (recordId: string) => string): readonly AppliedOperation[] =>
  plan.operations.map((operation): AppliedOperation => {
    const { operationKey, recordId } = operation;
    if (!isErpWrite(operation)) return { operationKey, state: 'planned', erpKey: null, record: null };
    const erpKey = keyOf(recordId);
    const fields = Object.entries(operation.record.fields).map(([field, value]) => {
      const pending = typeof value === 'string' ? recordIdOfPending(value) : null;
      return [field, pending === null ? value : keyOf(pending)] as const;
    });
    const lines = operation.record.lines.map((line) => ({
      ...line,
      erpKey: `${erpKey}-${line.number}`,
      // The ERP knows nothing of the ids in Procore.
      procoreId: null,
    }));
    return { operationKey, state: 'written', erpKey, record: { fields: Object.fromEntries(fields), lines } };
  });

const linesOf = ({ lines }: CanonicalRecord): string[] =>
  lines.map(({ number, erpKey, procoreId }) => `${number} ${erpKey ?? '-'} ${procoreId ?? '-'}`);

describe('the ERP records that a plan ended at', () => {
  test('a new record: as it was read back, its lines with their ids in Procore', () => {
    const plan = planned([commitment()]);
    const [written, ...more] = writtenRecords(
      plan,
      appliedTo(plan, () => '1|77'),
      [],
    );
    expect(more).toEqual([]);
    expect(written).toMatchObject({ recordId: 'commitment/71', erpKey: '1|77', followUps: [] });
    expect(written && linesOf(written.record)).toEqual(['1 1|77-1 5001', '2 1|77-2 5002']);
  });

  test('a record that is only tied: as the apply step found it', () => {
    const plan = planned([commitment()], heldCommitment());
    const tie = tieIn(plan);
    const row: AppliedOperation = {
      operationKey: tie.operationKey,
      state: 'written',
      erpKey: '1|77',
      record: heldCommitment().record,
    };
    const [written] = writtenRecords(plan, [row], []);
    expect(written && linesOf(written.record)).toEqual(['1 1|77-1 5001', '2 1|77-2 5002']);
  });

  test.each<[string, (row: AppliedOperation) => AppliedOperation]>([
    ['refused by the ERP', (row) => ({ ...row, state: 'refused' })],
    ['not written yet', (row) => ({ ...row, state: 'planned', record: null, erpKey: null })],
    ['without a key', (row) => ({ ...row, erpKey: null })],
  ])('a record that is %s is none of them', (_name, change) => {
    const plan = planned([commitment()]);
    const rows = appliedTo(plan, () => '1|77').map(change);
    expect(writtenRecords(plan, rows, [])).toEqual([]);
    expect(writtenRecords(plan, [], [])).toEqual([]);
  });

  test('one refused record of a batch stops none of the others', () => {
    const plan = planned([standardCode(1, '23'), standardCode(2, '26')]);
    const rows = appliedTo(plan, (recordId) => `1|${recordId.slice(-1)}`).map((row) =>
      row.erpKey === '1|1' ? { ...row, state: 'refused' as const } : row,
    );
    expect(writtenRecords(plan, rows, []).map(({ recordId }) => recordId)).toEqual(['standard_cost_code/2']);
  });

  test('what follows the tie of a job is told of the record as it is now', () => {
    const plan = planned([job()]);
    const [written] = writtenRecords(
      plan,
      appliedTo(plan, () => '1|1024'),
      [],
    );
    expect(written?.followUps).toMatchObject([{ resource: 'cost_type_assignment', record: written?.record }]);
    expect(written && linesOf(written.record)).toEqual([
      '23-050 1|1024-23-050 501',
      '23-050/1|4 1|1024-23-050/1|4 -',
    ]);
  });
});

describe('budgets that grow', () => {
  const movements = (key: string, ...numbers: readonly string[]): RecordLine[] =>
    numbers.map((number) =>
      lineOf(
        'budget_line',
        number,
        { amount: '1' },
        { erpKey: `${key}-${number}`, procoreId: Number(number) },
      ),
    );
  const heldBudget = (key: string, ...numbers: readonly string[]): KnownRecord =>
    known(key, recordOf({ job: '1|1024' }, movements(key, ...numbers)));
  const linked = (key: string, ...numbers: readonly string[]): RecordLink =>
    linkOf('budget', 31, key, { id: `L${key}`, generation: 2, erp: heldBudget(key, ...numbers).record });
  const confirmed = (
    numbers: readonly number[],
    own: KnownRecord | null,
    links: readonly RecordLink[],
    key: string,
  ): { readonly written: WrittenRecord; readonly links: readonly RecordLink[] } => {
    const plan = planned([budget(numbers.map((number) => [number, '1.00']))], own, links);
    const rows = appliedTo(plan, () => key);
    const [written] = writtenRecords(plan, rows, links);
    if (!written) throw new Error('nothing was written');
    const moved = linksAfter(written, links, 9);
    const keys = new Set(moved.map(({ erpKey }) => erpKey));
    return { written, links: [...links.filter(({ erpKey }) => !keys.has(erpKey)), ...moved] };
  };

  test('the shadow holds every movement that was ever written, each with the key of its own ERP record', () => {
    const { written } = confirmed([1, 2, 3], heldBudget('1|5', '1', '2'), [linked('1|5', '1', '2')], '1|6');
    expect(linesOf(written.record)).toEqual(['1 1|5-1 1', '2 1|5-2 2', '3 1|6-3 3']);
  });

  test('the third export knows the first, though the second is what it is linked to', () => {
    const second = confirmed([1, 2], heldBudget('1|5', '1'), [linked('1|5', '1')], '1|6');
    const third = confirmed([1, 2, 3], heldBudget('1|6', '2'), second.links, '1|7');
    expect(linesOf(third.written.record)).toEqual(['1 1|5-1 1', '2 1|6-2 2', '3 1|7-3 3']);
    expect(third.links.map(({ erpKey, state }) => `${erpKey} ${state}`)).toEqual([
      '1|5 unlinked',
      '1|6 unlinked',
      '1|7 linked',
    ]);
  });

  test('what was in an ERP record that is gone is not remembered as written: it can be exported again', () => {
    // The budget of movements 1 and 2 was deleted in the ERP; only 1 comes again, with 3.
    const second = confirmed([1, 3], null, [linked('1|5', '1', '2')], '1|6');
    expect(linesOf(second.written.record)).toEqual(['1 1|6-1 1', '3 1|6-3 3']);
    const plan = planned(
      [
        budget([
          [1, '1.00'],
          [2, '1.00'],
          [3, '1.00'],
        ]),
      ],
      heldBudget('1|6', '1', '3'),
      second.links,
    );
    expect(plan.operations.find(isErpWrite)?.record.lines.map(({ number }) => number)).toEqual(['2']);
  });
});

describe('how the links stand once a record is tied', () => {
  const writtenTo = (draft: RecordDraft, erpKey: string): WrittenRecord => {
    const plan = planned([draft]);
    const [written] = writtenRecords(
      plan,
      appliedTo(plan, () => erpKey),
      [],
    );
    if (!written) throw new Error('nothing was written');
    return written;
  };

  test('both shadows: what Procore sent, and what the ERP holds', () => {
    const written = writtenTo(commitment(), '1|77');
    expect(linksAfter(written, [], 9)).toEqual([
      {
        kind: 'commitment',
        erpKey: '1|77',
        procoreId: 71,
        state: 'linked',
        generation: 1,
        procore: written.tie.sent,
        erp: written.record,
        erpRevision: syncRevisionOf('commitment', written.record),
        projectId: 9,
      },
    ]);
    // Procore knows no accounting date; the ERP was given one.
    expect(written.tie.sent.fields['accountingDate']).toBeNull();
    expect(written.record.fields['accountingDate']).toBe('2026-03-31');
    expect(written.tie.sent.lines.map(({ procoreId }) => procoreId)).toEqual([5001, 5002]);
  });

  test('Procore’s shadow names records of the same request by the keys they got', () => {
    const parent = ref('standard_cost_code', 1, null, 'standard cost code 23');
    const plan = planned([standardCode(1, '23'), standardCode(2, '23-050', parent)]);
    const rows = appliedTo(plan, (recordId) => `1|${recordId.slice(-1)}`);
    const links = writtenRecords(plan, rows, []).flatMap((written) => linksAfter(written, [], null));
    expect(links.map(({ erpKey, procore }) => [erpKey, procore?.fields['parent']])).toEqual([
      ['1|1', null],
      ['1|2', '1|1'],
    ]);
    expect(links.every((link) => !('projectId' in link))).toBe(true);
  });

  test('the link of the ERP record moves on, and keeps its identity', () => {
    const staged = linkOf('commitment', null, '1|77', { id: 'L1', state: 'staged', generation: 6 });
    expect(linksAfter(writtenTo(commitment(), '1|77'), [staged], 9)).toMatchObject([
      { id: 'L1', state: 'linked', procoreId: 71, generation: 7 },
    ]);
  });

  test('a write that went further than the link gives its generation', () => {
    const written = writtenTo(commitment(), '1|77');
    const later = { ...written, tie: { ...written.tie, generation: 9 } };
    expect(linksAfter(later, [linkOf('commitment', 71, '1|77', { generation: 2 })], 9)).toMatchObject([
      { generation: 9 },
    ]);
  });

  test.each(KINDS)('one record, one partner: another %s it was tied to is let go', (kind: Kind) => {
    const written = writtenTo(commitment(), '1|78');
    const tie: SetExternalData = { ...written.tie, kind, procoreId: 71 };
    const links = [
      linkOf(kind, 71, '1|77', { id: 'L1', generation: 4 }),
      linkOf(kind, 72, '1|79', { id: 'L2' }),
      linkOf(kind === 'vendor' ? 'project' : 'vendor', 71, '1|80', { id: 'L3' }),
    ];
    const moved = linksAfter({ ...written, tie }, links, null);
    expect(moved.map(({ erpKey, state, generation }) => [erpKey, state, generation])).toEqual([
      ['1|77', 'unlinked', 5],
      ['1|78', 'linked', 1],
    ]);
    expect(moved[0]).toMatchObject({ id: 'L1' });
  });

  test.each<LinkState>(['unlinked', 'merged', 'staged', 'archived'])(
    'a link of it that is %s is not in force, and stays as it is',
    (state) => {
      const links = [linkOf('commitment', 71, '1|70', { state })];
      expect(linksAfter(writtenTo(commitment(), '1|77'), links, 9)).toHaveLength(1);
    },
  );

  test('the ERP changed nothing since: a sync has nothing to say', () => {
    const held = recordOf({ code: 'SC-008' }, [heldLine('1', '101', '100.00')]);
    const written = { ...writtenTo(commitment(), '1|77'), record: held };
    const [link] = linksAfter(written, [], 9);
    expect(link?.erpRevision).toBe(syncRevisionOf('commitment', held));
  });
});
