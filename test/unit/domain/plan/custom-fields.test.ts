import { definitionOf, KINDS } from '../../../../src/domain/kinds';
import { isCustomField } from '../../../../src/domain/kinds/custom-fields';
import type { CustomColumn } from '../../../../src/domain/kinds/custom-fields';
import type { CanonicalRecord, Fields, FieldValue } from '../../../../src/domain/kinds/record';
import { linksAfter, writtenRecords } from '../../../../src/domain/plan/export/confirm';
import type { ExportInput } from '../../../../src/domain/plan/export';
import { planExport } from '../../../../src/domain/plan/export';
import type { ErpWrite } from '../../../../src/domain/plan/operation';
import { isErpWrite } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planRefresh } from '../../../../src/domain/plan/refresh';
import type { ExportSide } from '../../../../src/domain/plan/snapshot';
import { planSync } from '../../../../src/domain/plan/sync';
import { correctable } from '../../../../src/domain/request/corrections';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import { columnsFor, commitment, exportOf, job, known, recordOf, rule } from '../records';
import { textsOf } from '../plans';

const NOTHING: ExportSide = { own: null, same: [], similar: [], ledgerHead: null };

const column = (label: string, type: CustomColumn['type'], more: Parameters<typeof rule>[0] = {}) => ({
  label,
  type,
  rule: rule({ maxLength: 20, ...more }),
});

const OFFERED = {
  fields: {
    udPermit: column('Permit number', 'text'),
    udBonded: column('Bonded', 'flag'),
    udStart: column('Start', 'date', { maxLength: 10 }),
    udClass: column('Class', 'text', { allowed: ['Yes', 'No'] }),
    udTons: column('Tons', 'quantity', { decimals: 1 }),
  },
  lines: { commitment_line: { udTonnage: column('Tonnage', 'quantity', { decimals: 3 }) } },
};

/** A commitment with these custom fields, which Procore calls by no name. */
const withCustom = (header: Fields, line: Fields = {}): RecordDraft => {
  const plain = commitment();
  const unnamed = (fields: Fields) => Object.fromEntries(Object.keys(fields).map((field) => [field, null]));
  return {
    ...plain,
    fields: { ...plain.fields, ...header },
    lines: plain.lines.map((one, index) =>
      index === 0 ? { ...one, fields: { ...one.fields, ...line } } : one,
    ),
    custom: { fields: unnamed(header), lines: { commitment_line: unnamed(line) }, unread: {} },
  };
};

const resultOf = (draft: RecordDraft, more: Partial<Omit<ExportInput, 'intent'>> = {}) =>
  planExport({
    connectionId: 'acme',
    intent: exportOf(draft),
    corrections: {},
    columns: { ...columnsFor(draft.kind), custom: OFFERED },
    sides: [NOTHING],
    states: [],
    links: [],
    ...more,
  });

function planned(draft: RecordDraft, more: Partial<Omit<ExportInput, 'intent'>> = {}): Plan {
  const result = resultOf(draft, more);
  if (result.kind === 'plan') return result.plan;
  throw new Error(JSON.stringify(result));
}

function write({ operations }: Plan): ErpWrite {
  const found = operations.find(isErpWrite);
  if (!found) throw new Error('nothing is written');
  return found;
}

const changesIn = (plan: Plan) => write(plan).changes.filter(({ field }) => field.includes('custom_'));

describe('a new record', () => {
  const draft = withCustom({ custom_udPermit: 'BP-1' }, { custom_udTonnage: '4.5' });

  test('shows its custom fields among its fields, by the label of the column', () => {
    expect(changesIn(planned(draft))).toEqual([
      { field: 'custom_udPermit', label: 'Permit number', old: null, new: 'BP-1' },
      { field: 'commitment_line[1].custom_udTonnage', label: 'Line 1 · Tonnage', old: null, new: '4.500' },
    ]);
    expect(write(planned(draft)).record.fields['custom_udPermit']).toBe('BP-1');
  });

  test('by the name that Procore gives them', () => {
    const custom = { fields: { custom_udPermit: 'Building permit' }, lines: {}, unread: {} };
    expect(changesIn(planned({ ...draft, custom, lines: commitment().lines }))).toMatchObject([
      { label: 'Building permit' },
    ]);
  });

  test('another value is another plan, another write', () => {
    const other = withCustom({ custom_udPermit: 'BP-2' }, { custom_udTonnage: '4.5' });
    expect(planned(other).hash).not.toBe(planned(draft).hash);
    expect(write(planned(other)).targetRevision).not.toBe(write(planned(draft)).targetRevision);
  });

  test('a person may correct them', () => {
    const fields = correctable(exportOf(draft));
    expect(fields).toContainEqual({
      name: 'custom_udPermit',
      label: 'udPermit',
      type: 'text',
      required: false,
    });
    const corrections = { custom_udPermit: 'BP-9', 'commitment_line[1].custom_udTonnage': '5' };
    expect(changesIn(planned(draft, { corrections })).map((change) => change.new)).toEqual(['BP-9', '5.000']);
  });

  test('what the ERP has is what the link remembers of it', () => {
    const plan = planned(draft);
    const { operationKey, record } = write(plan);
    const applied = [{ operationKey, state: 'written' as const, erpKey: '1|77', record }];
    const [written] = writtenRecords(plan, applied, []);
    if (!written) throw new Error('nothing was written');
    const [link] = linksAfter(written, [], null);
    expect(link?.erp?.fields['custom_udPermit']).toBe('BP-1');
    expect(link?.procore?.fields['custom_udPermit']).toBe('BP-1');
  });
});

describe('values are fitted to their columns', () => {
  test.each<[string, string, FieldValue, FieldValue]>([
    ['a number in a column of text', 'udPermit', '7', '7'],
    ['a yes in a column of text', 'udPermit', true, 'Yes'],
    ['a no in a list of the ERP', 'udClass', false, 'No'],
    ['a yes', 'udBonded', true, true],
    ['a choice that says yes', 'udBonded', 'yes', true],
    ['a date', 'udStart', '2026-03-31', '2026-03-31'],
    ['a number', 'udTons', '7', '7.0'],
  ])('%s', (_what, name, given, expected) => {
    expect(write(planned(withCustom({ [`custom_${name}`]: given }))).record.fields[`custom_${name}`]).toBe(
      expected,
    );
  });

  test('a number that is rounded is a warning', () => {
    const plan = planned(withCustom({ custom_udTons: '7.25' }));
    expect(textsOf(plan.warnings)).toEqual(['Tons 7.25 is written as 7.3: the ERP keeps 1 decimals.']);
  });

  test.each<[string, FieldValue, string]>([
    [
      'udPermit',
      'X'.repeat(21),
      `Permit number "${'X'.repeat(21)}" is 21 characters long; the ERP takes 20.`,
    ],
    ['udPermit', '株', 'Permit number "株" has characters the ERP cannot store: "株" (U+682A).'],
    ['udClass', 'Maybe', `Class "Maybe" is not in the ERP's list (Yes, No).`],
    ['udBonded', 'perhaps', 'Bonded "perhaps" is neither yes nor no.'],
    ['udStart', '31.03.2026', 'Start "31.03.2026" is not a date such as 2026-03-31.'],
    ['udStart', true, 'Start is a yes or no in Procore, for which the column has no place.'],
    ['udTons', 'heavy', 'Tons "heavy" is not a number.'],
    [
      'udGone',
      'X',
      'udGone: the ERP offers no column "udGone" for commitments (it offers udPermit, udBonded, udStart, udClass, udTons); map it to another one in customFields, or take it out there.',
    ],
  ])('%s %j is refused', (name, given, problem) => {
    expect(resultOf(withCustom({ [`custom_${name}`]: given }))).toEqual({
      kind: 'refused',
      problems: [problem],
    });
  });

  test('what could not be read is refused until a person corrects it', () => {
    const draft = withCustom({ custom_udPermit: null });
    const words = 'Custom field custom_field_7 is of the type "signature", which is not understood.';
    const unread = { custom_udPermit: words };
    const custom = { fields: { custom_udPermit: null }, lines: {}, unread };
    expect(resultOf({ ...draft, custom })).toEqual({ kind: 'refused', problems: [words] });
    const corrected = planned({ ...draft, custom }, { corrections: { custom_udPermit: 'BP-9' } });
    expect(write(corrected).record.fields['custom_udPermit']).toBe('BP-9');
    const emptied = planned({ ...draft, custom }, { corrections: { custom_udPermit: null } });
    expect(changesIn(emptied)).toEqual([]);
  });

  test('a column of lines that is not offered is named', () => {
    expect(resultOf(withCustom({}, { custom_udLot: 'X' }))).toMatchObject({
      problems: [
        expect.stringContaining(
          'the ERP offers no column "udLot" for lines of commitments (it offers udTonnage)',
        ),
      ],
    });
  });
});

describe('a record that is sent again', () => {
  const sent = (fields: Fields): RecordDraft => {
    const plain = job();
    const names = Object.fromEntries(Object.keys(fields).map((field) => [field, null]));
    return {
      ...plain,
      fields: { ...plain.fields, ...fields },
      custom: { fields: names, lines: {}, unread: {} },
    };
  };
  const columns = { ...columnsFor('project'), custom: OFFERED };
  const heldWith = (fields: Fields) => {
    const { record } = write(planned(sent({}), { columns }));
    const own = known('1|24', recordOf({ ...record.fields, ...fields }, record.lines));
    return { ...NOTHING, own, same: [own] };
  };
  const updateOf = (given: Fields, held: Fields): readonly unknown[] => {
    const plan = planned(sent(given), { columns, sides: [heldWith(held)] });
    return plan.operations
      .filter(isErpWrite)
      .flatMap(({ changes }) => changes.map((one) => [one.field, one.old, one.new]));
  };

  test('brings a custom field up to date, a yes or no too', () => {
    const held = { custom_udPermit: 'BP-1', custom_udBonded: true };
    expect(updateOf({ custom_udPermit: 'BP-2', custom_udBonded: false }, held)).toEqual([
      ['custom_udPermit', 'BP-1', 'BP-2'],
      ['custom_udBonded', true, false],
    ]);
  });

  test('an empty one empties nothing, and the same one is no change', () => {
    const held = { custom_udPermit: 'BP-1', custom_udBonded: true };
    expect(updateOf({ custom_udPermit: null, custom_udBonded: null }, held)).toEqual([]);
    expect(updateOf(held, held)).toEqual([]);
  });
});

test('an ERP record that is linked instead of written keeps its values, and the plan says which', () => {
  const draft = withCustom({ custom_udPermit: 'BP-1', custom_udBonded: true });
  const { record } = write(planned(draft));
  const own = known('1|77', {
    ...record,
    fields: { ...record.fields, custom_udPermit: 'BP-2', custom_udBonded: false },
  });
  const plan = planned(draft, { sides: [{ ...NOTHING, own, same: [own] }] });
  expect(plan.operations.some(isErpWrite)).toBe(false);
  expect(textsOf(plan.warnings).join(' ')).toContain(
    'The ERP keeps its Permit number "BP-2"; Procore has "BP-1". The ERP keeps its Bonded "no"; Procore has "yes".',
  );
});

test('no kind has a field that could be taken for a custom one', () => {
  const names = KINDS.flatMap((kind) => {
    const { fields, lines } = definitionOf(kind);
    return [fields, ...Object.values(lines).map((line) => line.fields)].flatMap((of) => Object.keys(of));
  });
  expect(names.filter(isCustomField)).toEqual([]);
});

describe('what comes from the ERP', () => {
  const erpJob = (custom: Fields): CanonicalRecord =>
    recordOf({ code: '1024-001', name: 'Eastgate', ...custom });

  test('a sync neither carries a mapped column nor takes its change for news', () => {
    const syncOf = (custom: Fields) =>
      planSync({
        connectionId: 'acme',
        kind: 'project',
        records: [known('1|24', erpJob(custom))],
        links: [],
        listId: null,
      });
    expect(syncOf({ custom_udPermit: 'BP-1' }).hash).toBe(syncOf({}).hash);
    expect(JSON.stringify(syncOf({ custom_udPermit: 'BP-1' }))).not.toContain('BP-1');
  });

  test('a refresh does not either', () => {
    const intent = {
      way: 'refresh' as const,
      kind: 'project' as const,
      originId: 'project|1|24',
      projectId: 9,
      subJobId: null,
      why: 'periodic' as const,
      label: 'Job 1024-001',
    };
    const plan = planRefresh({
      connectionId: 'acme',
      intent,
      known: known('1|24', erpJob({ custom_udPermit: 'BP-1' })),
      link: null,
      costTypes: [],
    });
    expect(plan.operations.length).toBeGreaterThan(0);
    expect(JSON.stringify(plan)).not.toContain('BP-1');
  });
});
