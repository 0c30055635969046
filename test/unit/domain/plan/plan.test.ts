import * as fc from 'fast-check';
import { WARNING_CODES } from '../../../../src/domain/base/warning';
import type { ErpWrite, Operation } from '../../../../src/domain/plan/operation';
import {
  isErpWrite,
  isForProcore,
  linkedRecords,
  linkOf,
  numbered,
} from '../../../../src/domain/plan/operation';
import type { PlanBody } from '../../../../src/domain/plan/plan';
import { NO_FACTS, planHash, sealPlan } from '../../../../src/domain/plan/plan';
import { body, operation, staging } from '../plans';
import { linkOf as linkBetween, recordOf } from '../records';
import { VENDOR } from '../vendors';

const base = planHash(body());
const changed = (more: Partial<ErpWrite>): string => planHash(body({ operations: [operation(more)] }));

test.each<[string, string]>([
  [
    'the side',
    planHash(
      body({ operations: [{ ...staging(), ...operation(), side: 'procore', action: 'stage', erpKey: '' }] }),
    ),
  ],
  ['the action', changed({ action: 'update' })],
  ['the record', changed({ recordId: 'vendor/2' })],
  ['the ERP record', changed({ erpKey: '1|10442' })],
  ['the company', changed({ procoreId: 2 })],
  ['a new value', changed({ changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt 2' }] })],
  ['an old value', changed({ changes: [{ field: 'name', label: 'Name', old: 'C', new: 'Cobalt' }] })],
  ['a field', changed({ changes: [{ field: 'city', label: 'Name', old: null, new: 'Cobalt' }] })],
  ['true instead of "true"', changed({ changes: [{ field: 'name', label: 'Name', old: null, new: true }] })],
  ['one field less', changed({ changes: [] })],
  ['one operation more', planHash(body({ operations: [operation(), operation({ recordId: 'vendor/2' })] }))],
  ['no operation', planHash(body({ operations: [] }))],
  ['a warning', planHash(body({ warnings: [{ code: 'possible_duplicate', text: 'Another warning' }] }))],
  ['another code', planHash(body({ warnings: [{ code: 'erp_keeps', text: 'Possible duplicate' }] }))],
  ['one warning less', planHash(body({ warnings: [] }))],
  ['the words for the target', changed({ target: 'something else' })],
  [
    'the label of a field',
    changed({ changes: [{ field: 'name', label: 'Firm', old: null, new: 'Cobalt' }] }),
  ],
  ['notes', planHash(body({ notes: [] }))],
  ['facts', planHash(body({ facts: NO_FACTS }))],
  [
    'what a key means',
    changed({ changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt', words: 'x' }] }),
  ],
  ['the subject', planHash(body({ subject: 'x' }))],
  ['what is unchanged', planHash(body({ unchanged: 5 }))],
  ['what is left out', planHash(body({ leftOut: [{ recordId: 'vendor/9', erpKey: null, reason: 'x' }] }))],
])('%s moves the hash', (_what, hash) => {
  expect(hash).not.toBe(base);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test.each<[string, string]>([
  ['the generation', changed({ generation: 7, operationKey: 'acme:vendor/1:7:r1' })],
  ['the revision', changed({ targetRevision: 'r2' })],
  ['the place in the list', changed({ seq: 9 })],
  ['the rest of the record', changed({ record: recordOf({ ...VENDOR, city: 'Tacoma' }) })],
])('%s does not move the hash', (_what, hash) => {
  expect(hash).toBe(base);
});

test('values cannot be shifted between fields or warnings without moving the hash', () => {
  const short = fc.record({ code: fc.constantFrom(...WARNING_CODES), text: fc.string({ maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(short, { maxLength: 3 }), fc.array(short, { maxLength: 3 }), (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(planHash(body({ warnings: a })) === planHash(body({ warnings: b }))).toBe(same);
    }),
  );
});

test('a sealed plan carries its hash', () => {
  expect(sealPlan(body())).toEqual({ ...body(), hash: base });
});

describe('operations', () => {
  const all: readonly Operation[] = [operation(), staging({ link: linkBetween('vendor', 7, '1|1') })];

  test('are told apart by the side they go to', () => {
    expect(all.map((one) => [isErpWrite(one), isForProcore(one)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('are numbered from one, in their order', () => {
    expect(numbered(all).map(({ seq, action }) => `${seq} ${action}`)).toEqual(['1 create', '2 stage']);
  });

  test('that move a link say which record others may wait for', () => {
    expect(all.map(linkOf)).toEqual([null, linkBetween('vendor', 7, '1|1')]);
    expect(linkedRecords(all)).toEqual(['vendor/7']);
    expect(
      linkedRecords([staging(), staging({ link: linkBetween('vendor', 7, '1|1', { state: 'unlinked' }) })]),
    ).toEqual([]);
  });
});

test('the hash of a plan does not depend on what it was made of, only on what it says', () => {
  const copy: PlanBody = structuredClone(body());
  expect(planHash(copy)).toBe(base);
});
