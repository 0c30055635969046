import * as fc from 'fast-check';
import { revisionOf } from '../../../../src/domain/base/identity';
import type { RecordColumns } from '../../../../src/domain/kinds/fit-record';
import type { CanonicalRecord, Fields, FieldValue, KnownRecord } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import { planExport } from '../../../../src/domain/plan/export';
import type { ExportInput } from '../../../../src/domain/plan/export';
import type { LedgerHead } from '../../../../src/domain/plan/ledger-head';
import { ownKeyOf } from '../../../../src/domain/plan/ledger-head';
import type { ErpWrite, SetExternalData } from '../../../../src/domain/plan/operation';
import { isErpWrite, isTie } from '../../../../src/domain/plan/operation';
import type { Plan, Planned } from '../../../../src/domain/plan/plan';
import { exportOf, linkOf, recordOf } from '../records';
import { anyVendor, knownVendor, VENDOR, VENDOR_COLUMNS, vendorColumns, vendorDraft } from '../vendors';
import { textsOf } from '../plans';

const PROCORE_ID = 98127745;

interface Given {
  /** What the form in Procore says, where it is not the vendor that fits everywhere. */
  readonly fields?: Fields;
  /** Vendors of the ERP that were found: by link, ledger, number or likeness. */
  readonly found?: readonly KnownRecord[];
  readonly link?: RecordLink;
  readonly otherLinks?: readonly RecordLink[];
  readonly ledgerHead?: LedgerHead;
  readonly corrections?: Fields;
  readonly columns?: RecordColumns;
}

const inputOf = ({
  fields = {},
  found = [],
  link,
  otherLinks = [],
  ledgerHead,
  corrections = {},
  columns = VENDOR_COLUMNS,
}: Given): ExportInput => {
  const draft = vendorDraft(fields);
  const ownKey = ownKeyOf(link ?? null, ledgerHead ?? null);
  const others = found.filter(({ key }) => key !== ownKey);
  const code = { ...draft.fields, ...corrections }['code'];
  const isSame = ({ record }: KnownRecord): boolean => code !== null && record.fields['code'] === code;
  return {
    connectionId: 'acme',
    intent: exportOf(draft),
    corrections,
    columns,
    sides: [
      {
        own: found.find(({ key }) => key === ownKey) ?? null,
        same: others.filter(isSame),
        similar: others.filter((known) => !isSame(known)),
        ledgerHead: ledgerHead ?? null,
      },
    ],
    states: [],
    links: [...(link ? [link] : []), ...otherLinks],
  };
};

const resultOf = (given: Given = {}): Planned => planExport(inputOf(given));

function planned(given: Given = {}): Plan {
  const result = resultOf(given);
  if (result.kind === 'plan') return result.plan;
  throw new Error(JSON.stringify(result));
}

function problems(given: Given = {}): readonly string[] {
  const result = resultOf(given);
  return result.kind === 'refused' ? result.problems : [];
}

const undone = (more: Partial<RecordLink> = {}): RecordLink =>
  linkOf('vendor', PROCORE_ID, '1|10442', { state: 'unlinked', generation: 3, ...more });
const somebodyElses = (more: Partial<RecordLink> = {}): RecordLink => linkOf('vendor', 5, '1|10442', more);

const actions = ({ operations }: Plan): string[] => operations.map(({ side, action }) => `${side} ${action}`);
const created = ({ operations }: Plan): ErpWrite => {
  const found = operations.find(isErpWrite);
  if (!found) throw new Error('nothing is written to the ERP');
  return found;
};
const tied = ({ operations }: Plan): SetExternalData => {
  const found = operations.find(isTie);
  if (!found) throw new Error('Procore is told nothing');
  return found;
};
const writtenIn = (plan: Plan): CanonicalRecord['fields'] => created(plan).record.fields;
/** A vendor with nothing in common. */
const far = (key: string, more: Fields = {}): KnownRecord =>
  knownVendor(key, { name: `Other ${key}`, sortName: `O${key.slice(2)}`, email: null, phone: null, ...more });

const CREATE = ['erp create', 'procore set_external_data'];
const TIE = ['procore set_external_data'];

test('a new vendor is created, then tied', () => {
  const plan = planned();
  expect(actions(plan)).toEqual(CREATE);
  expect(plan).toMatchObject({
    subject: 'Vendor "Cobalt Mechanical LLC"',
    warnings: [],
    facts: {
      kinds: ['vendor'],
      projects: [],
      amount: null,
      dates: [],
      flags: { prequalified: true, authorizedBidder: false, codeGiven: true, corrected: false },
    },
  });
  expect(created(plan)).toMatchObject({
    generation: 1,
    record: recordOf(VENDOR),
    recordId: `vendor/${PROCORE_ID}`,
    target: 'Vendor "Cobalt Mechanical LLC" (new)',
    operationKey: `acme:vendor/${PROCORE_ID}:1:${revisionOf(recordOf(VENDOR))}`,
  });
  expect(tied(plan)).toMatchObject({
    operationKey: `${created(plan).operationKey}:external_data`,
    changes: [
      { field: 'origin_id', new: '(from the ERP)' },
      { field: 'origin_code', new: '10442' },
    ],
    items: [{ itemType: 'vendor', itemId: PROCORE_ID, line: null }],
  });
});

test('without a number the ERP gives the next one, and the plan says so on both sides', () => {
  const plan = planned({ fields: { code: null } });
  expect(created(plan).changes).toContainEqual({
    field: 'code',
    label: 'Vendor number',
    old: null,
    new: '(next free number)',
  });
  expect(created(plan).record.fields['code']).toBeNull();
  expect(tied(plan).changes).toContainEqual({
    field: 'origin_code',
    label: 'ERP number',
    old: null,
    new: '(next free number)',
  });
  expect(plan.facts.flags).toMatchObject({ codeGiven: false });
});

test('an ERP that gives out no numbers wants one', () => {
  const { assigned, ...code } = VENDOR_COLUMNS.fields['code'] ?? {};
  expect(assigned).toBe(true);
  const columns = { ...VENDOR_COLUMNS, fields: { ...VENDOR_COLUMNS.fields, code } } as RecordColumns;
  expect(problems({ fields: { code: null }, columns })).toEqual([
    'Vendor number is missing; the ERP requires it.',
  ]);
});

test('corrections replace what Procore sent, and are a fact for the policy', () => {
  const plan = planned({ corrections: { city: 'Tacoma', sortName: null } });
  expect(writtenIn(plan)).toMatchObject({ city: 'Tacoma', sortName: 'COBALTMECHANICA' });
  expect(plan.facts.flags).toMatchObject({ corrected: true });
});

test('a correction is what the ERP gets; Procore still holds what it sent', () => {
  const { sent } = tied(planned({ corrections: { city: 'Tacoma' } }));
  expect(sent.fields).toMatchObject({ city: 'Seattle' });
});

test('an inactive company that is exported becomes an active vendor', () => {
  const plan = planned({ fields: { isActive: false } });
  expect(writtenIn(plan)['isActive']).toBe(true);
  expect(created(plan).changes).toContainEqual({ field: 'isActive', label: 'Active', old: null, new: true });
  expect(tied(plan).sent.fields['isActive']).toBe(false);
});

describe('the number is taken', () => {
  const USED =
    'Vendor number 10442 is already used by vendor 10442 "Cobalt Electric" in the ERP. Choose another code.';
  const other = knownVendor('1|10442', { name: 'Cobalt Electric' });

  test('by another company: refused, with its owner', () => {
    expect(problems({ found: [other] })).toEqual([USED]);
  });

  test('by another company, and other problems: all are told at once', () => {
    expect(problems({ fields: { city: 'x'.repeat(31) }, found: [other] })).toEqual([
      expect.stringMatching(/^City "x+" is 31 characters long/),
      USED,
    ]);
  });

  test('by the same company: it is linked, nothing is created', () => {
    const there = knownVendor('1|10442', {
      name: 'COBALT MECHANICAL, L.L.C.',
      phone: '1',
      fax: '2',
      isActive: false,
    });
    const plan = planned({ found: [there] });
    expect(actions(plan)).toEqual(TIE);
    expect(tied(plan)).toMatchObject({
      erpKey: '1|10442',
      record: there.record,
      changes: [{ new: 'vendor|1|10442' }, { new: '10442' }],
    });
    expect(textsOf(plan.warnings)).toEqual([
      'Vendor 10442 "COBALT MECHANICAL, L.L.C." is already in the ERP: it is linked, nothing is created.',
      'Vendor 10442 "COBALT MECHANICAL, L.L.C." is inactive in the ERP.',
      'The ERP keeps its Name "COBALT MECHANICAL, L.L.C."; Procore has "Cobalt Mechanical LLC".',
      'The ERP keeps its Phone "1"; Procore has "2065550134".',
    ]);
  });

  test('by the same company, and there is a likely twin of it: told as well', () => {
    const twin = far('1|20000', { email: 'ap@cobalt.example' });
    expect(textsOf(planned({ found: [knownVendor('1|10442'), twin] }).warnings)).toEqual([
      'Vendor 10442 "Cobalt Mechanical LLC" is already in the ERP: it is linked, nothing is created.',
      'Possible duplicate: vendor 20000 "Other 1|20000" (same e-mail).',
    ]);
  });

  test('by the same company, although the values of Procore do not fit the ERP: linking writes none of them', () => {
    expect(actions(planned({ fields: { city: 'x'.repeat(31) }, found: [knownVendor('1|10442')] }))).toEqual(
      TIE,
    );
  });

  test('by the same company, which is linked to another company of Procore: refused', () => {
    expect(problems({ found: [knownVendor('1|10442')], otherLinks: [somebodyElses()] })).toEqual([
      'Vendor 10442 of the ERP is already linked to another record in Procore (id 5). Choose another code.',
    ]);
  });

  test('by the same company, whose link to another company was undone: linked', () => {
    const otherLinks = [somebodyElses({ state: 'unlinked' })];
    expect(actions(planned({ found: [knownVendor('1|10442')], otherLinks }))).toEqual(TIE);
  });

  test('by a vendor that is void: the number is free', () => {
    const void_ = { ...knownVendor('1|10442'), state: 'void' as const };
    expect(actions(planned({ found: [void_] }))).toEqual(CREATE);
  });
});

describe('the ERP record is ours already', () => {
  const own = knownVendor('1|10442');

  test.each<[string, Given]>([
    ['by an undone link', { link: undone() }],
    ['by a link in force', { link: undone({ state: 'linked' }) }],
    ['by a link, under another number than the form says', { link: undone(), fields: { code: '20000' } }],
    ['by a link, under another name', { link: undone(), fields: { name: 'Renamed', code: null } }],
    [
      'by the ledger, of another revision (an older store was restored)',
      { ledgerHead: { operationKey: 'acme:vendor/1:1:other', generation: 1, erpKey: '1|10442' } },
    ],
    [
      'by link and ledger, the link being ahead',
      { link: undone(), ledgerHead: { operationKey: 'x', generation: 1, erpKey: '1|10001' } },
    ],
    [
      'by link and ledger, equally far',
      {
        link: undone({ generation: 1 }),
        ledgerHead: { operationKey: 'x', generation: 1, erpKey: '1|10442' },
      },
    ],
  ])('%s: linked again, never a twin', (_name, more) => {
    const plan = planned({ found: [own], ...more });
    expect(actions(plan)).toEqual(TIE);
    expect(tied(plan)).toMatchObject({ erpKey: '1|10442', record: own.record });
    expect(plan.warnings[0]?.text).toBe(
      'Vendor "Cobalt Mechanical LLC" is already in the ERP as vendor 10442 "Cobalt Mechanical LLC": it is linked again, nothing is created.',
    );
  });

  test('the link is behind the ledger: the ledger knows better', () => {
    const ledgerHead = { operationKey: 'x', generation: 9, erpKey: '1|20000' };
    const plan = planned({ found: [own, far('1|20000')], link: undone(), ledgerHead });
    expect(tied(plan).erpKey).toBe('1|20000');
  });

  test('a crash between write and record: the very same plan again, so that its approval holds', () => {
    const before = planned();
    const ledgerHead = { operationKey: created(before).operationKey, generation: 1, erpKey: '1|10442' };
    expect(planned({ found: [own], ledgerHead })).toEqual(before);
  });

  test('the same crash, the ERP having given the number and the sort name having been taken', () => {
    const given = { fields: { code: null }, found: [far('1|20000', { sortName: 'COBALT' })] };
    const before = planned(given);
    const ledgerHead = { operationKey: created(before).operationKey, generation: 1, erpKey: '1|10500' };
    const written = knownVendor('1|10500', { sortName: 'COBALT2' });
    expect(planned({ ...given, found: [...given.found, written], ledgerHead })).toEqual(before);
  });

  test('somebody else holds it now: refused', () => {
    expect(problems({ found: [own], link: undone(), otherLinks: [somebodyElses()] })).toEqual([
      'Vendor 10442 of the ERP is already linked to another record in Procore (id 5). Choose another code.',
    ]);
  });
});

describe('the ERP record is gone', () => {
  test('the ledger names one that was deleted: a new one, one generation further', () => {
    const ledgerHead = { operationKey: created(planned()).operationKey, generation: 1, erpKey: '1|10442' };
    const plan = planned({ ledgerHead });
    expect(actions(plan)).toEqual(CREATE);
    expect(created(plan).generation).toBe(2);
  });

  test('the link names one that was deleted: a new one, one generation further', () => {
    expect(created(planned({ link: undone({ generation: 4 }) })).generation).toBe(5);
  });
});

describe('sort names', () => {
  const sortNameOf = (plan: Plan): FieldValue => writtenIn(plan)['sortName'] ?? null;
  const owner = (sortName: string, key = '1|20000'): KnownRecord => far(key, { sortName });

  test('made of the name where there is none', () => {
    const made = (name: string): FieldValue => sortNameOf(planned({ fields: { name, sortName: null } }));
    expect(made('Señal & Møller 24/7 A/S')).toBe('SENALMLLER247AS');
    expect(made('x')).toBe('X');
  });

  test('a name without letters: one must be entered', () => {
    expect(problems({ fields: { name: '...', sortName: null } })).toEqual([
      'No sort name can be made from the name; enter one.',
    ]);
  });

  test('taken: the next free suffix, with the owner in a warning', () => {
    const plan = planned({ found: [owner('COBALT'), owner('cobalt2', '1|20001')] });
    expect(sortNameOf(plan)).toBe('COBALT3');
    expect(textsOf(plan.warnings)).toEqual([
      'Sort name COBALT belongs to vendor 20000 "Other 1|20000"; COBALT3 is used.',
    ]);
  });

  test('taken, and as long as the column: the suffix takes the place of the end', () => {
    const long = 'S'.repeat(15);
    expect(sortNameOf(planned({ fields: { sortName: long }, found: [owner(long)] }))).toBe(
      `${'S'.repeat(14)}2`,
    );
  });

  test('all taken: one must be entered', () => {
    const suffixed = Array.from({ length: 98 }, (_, index) =>
      owner(`COBALT${index + 2}`, `1|${30000 + index}`),
    );
    expect(problems({ found: [owner('COBALT'), ...suffixed] })).toEqual([
      'Sort name COBALT and its variants are all taken; enter another one.',
    ]);
  });

  test('an ERP that does not mind gets it as it is', () => {
    const { unique, ...sortName } = VENDOR_COLUMNS.fields['sortName'] ?? {};
    expect(unique).toBe(true);
    const columns = { ...VENDOR_COLUMNS, fields: { ...VENDOR_COLUMNS.fields, sortName } } as RecordColumns;
    expect(sortNameOf(planned({ columns, found: [owner('COBALT')] }))).toBe('COBALT');
  });

  test('an ERP with a shorter column gets a shorter one', () => {
    const columns = vendorColumns('sortName', { maxLength: 4 });
    expect(sortNameOf(planned({ columns, fields: { sortName: null } }))).toBe('COBA');
  });

  test('an ERP without sort names gets none', () => {
    const fields = Object.fromEntries(
      Object.entries(VENDOR_COLUMNS.fields).filter(([field]) => field !== 'sortName'),
    );
    expect(sortNameOf(planned({ columns: { ...VENDOR_COLUMNS, fields } }))).toBeNull();
  });
});

test('possible duplicates are warnings, with every reason', () => {
  const plan = planned({
    found: [
      far('1|20000', { name: 'cobalt mechanical inc', email: 'AP@Cobalt.example', phone: '(206) 555-0134' }),
      far('1|20001', { phone: '206 555 0134', isActive: false }),
      far('1|20002', { phone: null, email: null }),
    ],
  });
  expect(textsOf(plan.warnings)).toEqual([
    'Possible duplicate: vendor 20000 "cobalt mechanical inc" (same name, same e-mail, same phone).',
    'Possible duplicate: vendor 20001 "Other 1|20001" (same phone, inactive).',
  ]);
});

test('a company without phone is no duplicate of one without phone', () => {
  expect(
    textsOf(planned({ fields: { phone: null, email: null }, found: [far('1|20000')] }).warnings),
  ).toEqual([]);
});

describe('for any vendor and any ERP', () => {
  interface AnyWorld {
    readonly vendor: Fields;
    readonly others: readonly number[];
    readonly linkGeneration: number | null;
    readonly ledgerGeneration: number | null;
    readonly isStillThere: boolean;
  }
  const world: fc.Arbitrary<AnyWorld> = fc.record({
    vendor: anyVendor,
    others: fc.uniqueArray(fc.integer({ min: 20000, max: 20020 }), { maxLength: 4 }),
    linkGeneration: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    ledgerGeneration: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    isStillThere: fc.boolean(),
  });
  const build = ({ vendor, others, linkGeneration, ledgerGeneration, isStillThere }: AnyWorld): ExportInput =>
    inputOf({
      fields: vendor,
      found: [
        ...others.map((number) => far(`1|${number}`)),
        ...(isStillThere ? [knownVendor('1|10442', { name: 'Own record' })] : []),
      ],
      ...(linkGeneration === null ? {} : { link: undone({ generation: linkGeneration }) }),
      ...(ledgerGeneration === null
        ? {}
        : { ledgerHead: { operationKey: 'acme:other', generation: ledgerGeneration, erpKey: '1|10442' } }),
    });

  test('planning is a function of what was read: the same input gives the same plan', () => {
    fc.assert(
      fc.property(world, (value) => {
        expect(planExport(build(value))).toEqual(planExport(structuredClone(build(value))));
      }),
    );
  });

  test('a record that is ours and still there is never created again', () => {
    fc.assert(
      fc.property(world, (value) => {
        fc.pre(value.isStillThere && (value.linkGeneration !== null || value.ledgerGeneration !== null));
        const result = planExport(build(value));
        if (result.kind === 'plan') expect(actions(result.plan)).toEqual(TIE);
      }),
    );
  });

  test('what is created goes further than link and ledger, and is exactly what the changes say', () => {
    fc.assert(
      fc.property(world, (value) => {
        const result = planExport(build(value));
        if (result.kind !== 'plan') {
          expect(result).toMatchObject({ kind: 'refused' });
          return;
        }
        const create = result.plan.operations.find(isErpWrite);
        if (!create) return;
        expect(create.generation).toBeGreaterThan(
          Math.max(value.linkGeneration ?? 0, value.ledgerGeneration ?? 0),
        );
        const said = new Map(create.changes.map(({ field, new: next }) => [field, next]));
        for (const [field, written] of Object.entries(create.record.fields)) {
          const next = said.get(field) ?? null;
          expect(next === '(next free number)' ? null : next).toBe(written);
        }
      }),
    );
  });
});
