import * as fc from 'fast-check';
import { revisionOf } from '../../../../src/domain/base/identity';
import type { Plan, PlannedOperation } from '../../../../src/domain/plan/plan';
import type { KnownVendor, VendorExportInput } from '../../../../src/domain/plan/vendor-export';
import { planVendorExport } from '../../../../src/domain/plan/vendor-export';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { Vendor } from '../../../../src/domain/kinds/vendor';
import { anyVendor, COLUMNS, exportOf, known, vendorOf } from '../vendors';

const PROCORE_ID = 98127745;

const input = (more: Partial<VendorExportInput> = {}): VendorExportInput => ({
  connectionId: 'acme',
  intent: exportOf(vendorOf()),
  corrections: {},
  columns: COLUMNS,
  candidates: [],
  link: null,
  candidateLinks: [],
  ledgerHead: null,
  ...more,
});

const link = (more: Partial<RecordLink<Vendor>> = {}): RecordLink<Vendor> => ({
  entity: 'vendor',
  erpKey: '1|10442',
  procoreId: PROCORE_ID,
  state: 'unlinked',
  generation: 3,
  base: null,
  baseRevision: null,
  ...more,
});

function planned(more: Partial<VendorExportInput> = {}): Plan<Vendor> {
  const result = planVendorExport(input(more));
  if (result.kind === 'refused') throw new Error(result.problems.join(' '));
  return result.plan;
}

function problems(more: Partial<VendorExportInput> = {}): readonly string[] {
  const result = planVendorExport(input(more));
  return result.kind === 'refused' ? result.problems : [];
}

const actions = ({ operations }: Plan<Vendor>): string[] =>
  operations.map(({ side, action }) => `${side} ${action}`);
const first = ({ operations }: Plan<Vendor>): PlannedOperation<Vendor> => {
  const [operation] = operations;
  if (!operation) throw new Error('the plan is empty');
  return operation;
};
const far = (key: string, more: Partial<Vendor> = {}): KnownVendor =>
  known(key, { name: `Other ${key}`, sortName: `O${key.slice(2)}`, email: null, phone: null, ...more });

test('a new vendor is created, then tied', () => {
  const plan = planned();
  expect(actions(plan)).toEqual(['erp create', 'procore set_external_data']);
  expect(plan).toMatchObject({
    subject: 'Cobalt Mechanical LLC',
    warnings: [],
    facts: { prequalified: true, authorizedBidder: false, codeGiven: true, corrected: false },
  });
  const [create, tie] = plan.operations;
  expect(create).toMatchObject({ generation: 1, record: vendorOf(), recordId: `vendor/${PROCORE_ID}` });
  expect(create?.operationKey).toBe(`acme:vendor/${PROCORE_ID}:1:${revisionOf(vendorOf())}`);
  expect(tie?.operationKey).toBe(`${create?.operationKey}:external_data`);
  expect(tie?.changes).toMatchObject([
    { field: 'origin_id', new: '(from the ERP)' },
    { field: 'origin_code', new: '10442' },
  ]);
});

test('without a number the ERP gives the next one, and the plan says so', () => {
  const plan = planned({ intent: exportOf(vendorOf({ code: null })) });
  expect(first(plan).changes).toContainEqual({
    field: 'code',
    label: 'Vendor number',
    old: null,
    new: '(next free number)',
  });
  expect(plan.facts).toMatchObject({ codeGiven: false });
});

test('corrections replace what Procore sent, and are a fact for the policy', () => {
  const plan = planned({ corrections: { city: 'Tacoma', sortName: null } });
  expect(first(plan).record).toMatchObject({ city: 'Tacoma', sortName: 'COBALTMECHANICA' });
  expect(plan.facts).toMatchObject({ corrected: true });
});

test('an inactive company that is exported becomes an active vendor', () => {
  expect(first(planned({ intent: exportOf(vendorOf({ isActive: false })) })).record?.isActive).toBe(true);
});

describe('the number is taken', () => {
  test('by another company: refused, with its owner', () => {
    expect(problems({ candidates: [known('1|10442', { name: 'Cobalt Electric' })] })).toEqual([
      'Vendor code 10442 is already used by "Cobalt Electric" in the ERP. Choose another code.',
    ]);
  });

  test('by another company, and other problems: all are told at once', () => {
    const wrong = vendorOf({ city: 'x'.repeat(31) });
    expect(
      problems({ intent: exportOf(wrong), candidates: [known('1|10442', { name: 'Cobalt Electric' })] }),
    ).toHaveLength(2);
  });

  test('by the same company: it is linked, nothing is created', () => {
    const there = known('1|10442', {
      name: 'COBALT MECHANICAL, L.L.C.',
      phone: '1',
      fax: '2',
      isActive: false,
    });
    const plan = planned({ candidates: [there] });
    expect(actions(plan)).toEqual(['procore set_external_data']);
    expect(first(plan)).toMatchObject({ erpKey: '1|10442', record: there.vendor });
    expect(plan.warnings).toEqual([
      'Vendor 10442 "COBALT MECHANICAL, L.L.C." is already in the ERP: it is linked, nothing is created.',
      'Vendor 10442 is inactive in the ERP.',
      'The ERP keeps its Name "COBALT MECHANICAL, L.L.C."; Procore has "Cobalt Mechanical LLC".',
      'The ERP keeps its Phone "1"; Procore has "2065550134".',
    ]);
  });

  test('by the same company, although the values of Procore do not fit the ERP: linking writes none of them', () => {
    const wrong = vendorOf({ city: 'x'.repeat(31) });
    expect(actions(planned({ intent: exportOf(wrong), candidates: [known('1|10442')] }))).toEqual([
      'procore set_external_data',
    ]);
  });

  test('by the same company, which is linked to another company of Procore: refused', () => {
    const candidateLinks = [link({ procoreId: 5, state: 'linked' })];
    expect(problems({ candidates: [known('1|10442')], candidateLinks })).toEqual([
      'Vendor 10442 is already linked to another Procore company (id 5).',
    ]);
  });

  test('by the same company, whose link to another company was undone: linked', () => {
    const candidateLinks = [link({ procoreId: 5, state: 'unlinked' })];
    expect(actions(planned({ candidates: [known('1|10442')], candidateLinks }))).toEqual([
      'procore set_external_data',
    ]);
  });
});

describe('the ERP record is ours already', () => {
  const own = known('1|10442');

  test.each<[string, Partial<VendorExportInput>]>([
    ['by an undone link', { link: link() }],
    ['by a link in force', { link: link({ state: 'linked' }) }],
    [
      'by a link, under another number than the form says',
      { link: link(), intent: exportOf(vendorOf({ code: '20000' })) },
    ],
    [
      'by a link, under another name',
      { link: link(), intent: exportOf(vendorOf({ name: 'Renamed', code: null })) },
    ],
    [
      'by the ledger, of another revision (an older store was restored)',
      { ledgerHead: { operationKey: 'acme:vendor/1:1:other', generation: 1, erpKey: '1|10442' } },
    ],
    [
      'by link and ledger, the link being ahead',
      { link: link(), ledgerHead: { operationKey: 'x', generation: 1, erpKey: '1|10001' } },
    ],
    [
      'by link and ledger, equally far',
      { link: link({ generation: 1 }), ledgerHead: { operationKey: 'x', generation: 1, erpKey: '1|10442' } },
    ],
  ])('%s: linked again, never a twin', (_name, more) => {
    const plan = planned({ candidates: [own], ...more });
    expect(actions(plan)).toEqual(['procore set_external_data']);
    expect(first(plan)).toMatchObject({ erpKey: '1|10442', record: own.vendor });
    expect(plan.warnings[0]).toBe(
      'Vendor 10442 "Cobalt Mechanical LLC" already belongs to this company: it is linked again, nothing is created.',
    );
  });

  test('the link is behind the ledger: the ledger knows better', () => {
    const ledgerHead = { operationKey: 'x', generation: 9, erpKey: '1|20000' };
    const plan = planned({ candidates: [own, far('1|20000')], link: link({ generation: 3 }), ledgerHead });
    expect(first(plan).erpKey).toBe('1|20000');
  });

  test('a crash between write and record: the very same plan again, so that its approval holds', () => {
    const before = planned();
    const ledgerHead = { operationKey: first(before).operationKey, generation: 1, erpKey: '1|10442' };
    const after = planned({ candidates: [own], ledgerHead });
    expect(after.hash).toBe(before.hash);
    expect(first(after).operationKey).toBe(first(before).operationKey);
  });

  test('somebody else holds it now: refused', () => {
    expect(
      problems({
        candidates: [own],
        link: link(),
        candidateLinks: [link({ procoreId: 5, state: 'linked' })],
      }),
    ).toEqual(['Vendor 10442 is already linked to another Procore company (id 5).']);
  });
});

describe('the ERP record is gone', () => {
  test('the ledger names one that was deleted: a new one, one generation further', () => {
    const ledgerHead = { operationKey: first(planned()).operationKey, generation: 1, erpKey: '1|10442' };
    const plan = planned({ ledgerHead });
    expect(actions(plan)).toEqual(['erp create', 'procore set_external_data']);
    expect(first(plan).generation).toBe(2);
  });

  test('the link names one that was deleted: a new one, one generation further', () => {
    expect(first(planned({ link: link({ generation: 4 }) })).generation).toBe(5);
  });
});

describe('sort names', () => {
  const sortNameOf = (plan: Plan<Vendor>): string | null => first(plan).record?.sortName ?? null;
  const owner = (sortName: string, key = '1|20000'): KnownVendor => far(key, { sortName });

  test('made of the name where there is none', () => {
    const made = (name: string): string | null =>
      sortNameOf(planned({ intent: exportOf(vendorOf({ name, sortName: null })) }));
    expect(made('Señal & Møller 24/7 A/S')).toBe('SENALMLLER247AS');
    expect(made('x')).toBe('X');
  });

  test('a name without letters: one must be entered', () => {
    expect(problems({ intent: exportOf(vendorOf({ name: '...', sortName: null })) })).toEqual([
      'No sort name can be made from the name; enter one.',
    ]);
  });

  test('taken: the next free suffix, with the owner in a warning', () => {
    const candidates = [owner('COBALT'), owner('cobalt2', '1|20001')];
    const plan = planned({ candidates });
    expect(sortNameOf(plan)).toBe('COBALT3');
    expect(plan.warnings).toEqual([
      'Sort name COBALT belongs to vendor 20000 "Other 1|20000"; COBALT3 is used.',
    ]);
  });

  test('taken, and as long as the column: the suffix takes the place of the end', () => {
    const long = 'S'.repeat(15);
    expect(
      sortNameOf(planned({ intent: exportOf(vendorOf({ sortName: long })), candidates: [owner(long)] })),
    ).toBe(`${'S'.repeat(14)}2`);
  });

  test('all taken: one must be entered', () => {
    const suffixed = Array.from({ length: 98 }, (_, index) =>
      owner(`COBALT${index + 2}`, `1|${30000 + index}`),
    );
    expect(problems({ candidates: [owner('COBALT'), ...suffixed] })).toEqual([
      'Sort name COBALT and its variants are all taken; enter another one.',
    ]);
  });

  test('an ERP that does not mind gets it as it is', () => {
    const columns = { ...COLUMNS, sortNameUnique: false };
    expect(sortNameOf(planned({ columns, candidates: [owner('COBALT')] }))).toBe('COBALT');
  });

  test('an ERP without sort names gets none', () => {
    const fields = Object.fromEntries(
      Object.entries(COLUMNS.fields).filter(([field]) => field !== 'sortName'),
    );
    expect(sortNameOf(planned({ columns: { ...COLUMNS, fields } }))).toBeNull();
  });
});

test('possible duplicates are warnings, with every reason', () => {
  const plan = planned({
    candidates: [
      far('1|20000', { name: 'cobalt mechanical inc', email: 'AP@Cobalt.example', phone: '(206) 555-0134' }),
      far('1|20001', { phone: '206 555 0134', isActive: false }),
      far('1|20002', { phone: null, email: null }),
    ],
  });
  expect(plan.warnings).toEqual([
    'Possible duplicate: vendor 20000 "cobalt mechanical inc" (same name, same e-mail, same phone).',
    'Possible duplicate: vendor 20001 "Other 1|20001" (same phone, inactive).',
  ]);
});

test('a company without phone is no duplicate of one without phone', () => {
  const intent = exportOf(vendorOf({ phone: null, email: null }));
  expect(planned({ intent, candidates: [far('1|20000')] }).warnings).toEqual([]);
});

describe('for any vendor and any ERP', () => {
  const world = fc.record({
    vendor: anyVendor,
    others: fc.uniqueArray(fc.integer({ min: 20000, max: 20020 }), { maxLength: 4 }),
    linkGeneration: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    ledgerGeneration: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    stillThere: fc.boolean(),
  });
  const build = (value: typeof world extends fc.Arbitrary<infer T> ? T : never): VendorExportInput =>
    input({
      intent: exportOf(value.vendor),
      candidates: [
        ...value.others.map((number) => far(`1|${number}`)),
        ...(value.stillThere ? [known('1|10442', { name: 'Own record' })] : []),
      ],
      link: value.linkGeneration === null ? null : link({ generation: value.linkGeneration }),
      ledgerHead:
        value.ledgerGeneration === null
          ? null
          : { operationKey: 'acme:other', generation: value.ledgerGeneration, erpKey: '1|10442' },
    });

  test('planning is a function of what was read: the same input gives the same plan', () => {
    fc.assert(
      fc.property(world, (value) => {
        expect(planVendorExport(build(value))).toEqual(planVendorExport(structuredClone(build(value))));
      }),
    );
  });

  test('a record that is ours and still there is never created again', () => {
    fc.assert(
      fc.property(world, (value) => {
        fc.pre(value.stillThere && (value.linkGeneration !== null || value.ledgerGeneration !== null));
        const result = planVendorExport(build(value));
        if (result.kind === 'plan') expect(actions(result.plan)).toEqual(['procore set_external_data']);
      }),
    );
  });

  test('what is created goes further than link and ledger, and is exactly what the changes say', () => {
    fc.assert(
      fc.property(world, (value) => {
        const result = planVendorExport(build(value));
        if (result.kind === 'refused') return expect(result.problems.length).toBeGreaterThan(0);
        const create = result.plan.operations.find(({ side }) => side === 'erp');
        if (!create) return;
        expect(create.generation).toBeGreaterThan(
          Math.max(value.linkGeneration ?? 0, value.ledgerGeneration ?? 0),
        );
        for (const { field, new: value } of create.changes) {
          if (value === '(next free number)') continue;
          expect(create.record?.[field as keyof Vendor]).toBe(value);
        }
      }),
    );
  });
});
