import fc from 'fast-check';
import type { FieldValue } from '../../../../src/domain/kinds/record';
import type {
  FieldMerge,
  FieldSide,
  FieldVerdict,
  Fitting,
} from '../../../../src/domain/reconcile/merge-field';
import type { SideName } from '../../../../src/domain/reconcile/side-record';
import { mergeField } from '../../../../src/domain/reconcile/merge-field';
import { OWNERS } from '../../../../src/domain/reconcile/ownership';

/** Procore keeps everything; the ERP keeps capitals, and at most eight of them. */
const fitErp = (value: FieldValue): Fitting => {
  if (typeof value !== 'string') return { value };
  return value.length > 8 ? { problem: 'too long' } : { value: value.toUpperCase() };
};
const fit = { erp: fitErp, procore: (value: FieldValue): Fitting => ({ value }) };

const side = (
  now: FieldSide['now'],
  shadow: FieldSide['shadow'],
  changedAt: string | null = null,
): FieldSide => ({
  now,
  shadow,
  changedAt,
});
const merge = (more: Partial<FieldMerge>): FieldMerge => ({
  owner: 'ask',
  procore: side('a', 'a'),
  erp: side('A', 'A'),
  fit,
  isClearable: false,
  skewMs: 60_000,
  ...more,
});

const [NOON, LATER] = ['2026-11-30T12:00:00.000Z', '2026-11-30T12:10:00.000Z'];

/** The rows of the truth table: what was, what is, who owns, what follows. */
test.each<[string, Partial<FieldMerge>, FieldVerdict]>([
  ['F1 neither moved, alike', {}, { kind: 'none' }],
  [
    'F2 neither moved, unequal, owned: the owner heals',
    { owner: 'erp', procore: side('b', 'b') },
    { kind: 'write', to: 'procore', value: 'A', lost: null },
  ],
  [
    'F2 neither moved, nothing was ever entered at its owner: nothing is erased',
    { owner: 'procore', isClearable: true, procore: side('', ''), erp: side('A', 'A') },
    { kind: 'drift', pair: { procore: '', erp: 'A' } },
  ],
  [
    'F2 neither moved, unequal, nobody owns it: drift',
    { procore: side('b', 'b') },
    { kind: 'drift', pair: { procore: 'b', erp: 'A' } },
  ],
  [
    'F3 Procore moved and may write',
    { procore: side('b', 'a') },
    { kind: 'write', to: 'erp', value: 'B', lost: null },
  ],
  [
    'F3 the ERP moved and may write',
    { erp: side('B', 'A') },
    { kind: 'write', to: 'procore', value: 'B', lost: null },
  ],
  [
    'F4 Procore moved what the ERP owns: put back',
    { owner: 'erp', procore: side('b', 'a') },
    { kind: 'write', to: 'procore', value: 'A', lost: 'b' },
  ],
  [
    'F5 both moved alike',
    { procore: side('b', 'a'), erp: side('B', 'A') },
    { kind: 'agreed', shadows: { procore: 'b', erp: 'B' } },
  ],
  [
    'F6 both moved: the owner wins, the loser is told',
    { owner: 'procore', procore: side('b', 'a'), erp: side('C', 'A') },
    { kind: 'write', to: 'erp', value: 'B', lost: 'C' },
  ],
  [
    'F6 both moved, last writer, far enough apart',
    { owner: 'last', procore: side('b', 'a', LATER), erp: side('C', 'A', NOON) },
    { kind: 'write', to: 'erp', value: 'B', lost: 'C' },
  ],
  [
    'F6 both moved, last writer, within the skew',
    { owner: 'last', skewMs: 600_000, procore: side('b', 'a', LATER), erp: side('C', 'A', NOON) },
    { kind: 'conflict', pair: { procore: 'b', erp: 'C' } },
  ],
  [
    'F6 both moved, last writer, one time is not known',
    { owner: 'last', procore: side('b', 'a', LATER), erp: side('C', 'A') },
    { kind: 'conflict', pair: { procore: 'b', erp: 'C' } },
  ],
  [
    'F6 both moved, ask',
    { procore: side('b', 'a'), erp: side('C', 'A') },
    { kind: 'conflict', pair: { procore: 'b', erp: 'C' } },
  ],
  [
    'F7 Procore moved to what the ERP cannot hold',
    { procore: side('much too long', 'a') },
    { kind: 'unfit', to: 'erp', value: 'much too long', problem: 'too long' },
  ],
  [
    'F9 never compared, alike',
    { procore: side('a', undefined), erp: side('A', undefined) },
    { kind: 'agreed', shadows: { procore: 'a', erp: 'A' } },
  ],
  [
    'F10 never compared, one empty',
    { procore: side(null, undefined), erp: side('A', undefined) },
    { kind: 'write', to: 'procore', value: 'A', lost: null },
  ],
  [
    'F10 never compared, and the owner has nothing: nothing is emptied',
    { owner: 'erp', procore: side('a', undefined), erp: side(null, undefined) },
    { kind: 'drift', pair: { procore: 'a', erp: null } },
  ],
  [
    'F11 never compared, unequal, owned',
    { owner: 'erp', procore: side('b', undefined), erp: side('A', undefined) },
    { kind: 'write', to: 'procore', value: 'A', lost: 'b' },
  ],
  [
    'F11 never compared, unequal, nobody owns it',
    { procore: side('b', undefined), erp: side('A', undefined) },
    { kind: 'conflict', pair: { procore: 'b', erp: 'A' } },
  ],
  [
    'F12 emptied where that is not carried',
    { procore: side(null, 'a') },
    { kind: 'drift', pair: { procore: null, erp: 'A' } },
  ],
  [
    'F12 emptied where that is carried',
    { isClearable: true, procore: side(null, 'a') },
    { kind: 'write', to: 'erp', value: null, lost: null },
  ],
  [
    'F12 the answer does not name it',
    { procore: side(undefined, 'a'), erp: side('B', 'A') },
    { kind: 'none' },
  ],
  ['F13 back at the shadow', { procore: side('a', 'a') }, { kind: 'none' }],
  [
    'only watched',
    { owner: 'never', procore: side('b', 'a') },
    { kind: 'drift', pair: { procore: 'b', erp: 'A' } },
  ],
])('%s', (_row, given, verdict) => {
  expect(mergeField(merge(given))).toEqual(verdict);
});

const value = fc.constantFrom<FieldValue>(null, '', 'a', 'A', 'b', 'B', 'c', 'much too long', true, false);
/** What the ERP can hold. */
const held = value.filter((one) => {
  const fitted = fitErp(one);
  return 'value' in fitted && fitted.value === one;
});
const at = fc.constantFrom(null, NOON, LATER);
const anyMerge = fc.record({
  owner: fc.constantFrom(...OWNERS),
  procore: fc.record({ now: value, shadow: fc.option(value, { nil: undefined }), changedAt: at }),
  erp: fc.record({ now: held, shadow: fc.option(held, { nil: undefined }), changedAt: at }),
  fit: fc.constant(fit),
  isClearable: fc.boolean(),
  skewMs: fc.constantFrom(0, 3_600_000),
});

/** The two sides after the verdict was carried out and read back. */
function after(given: FieldMerge, verdict: FieldVerdict): FieldMerge {
  if (verdict.kind === 'agreed') {
    const { shadows } = verdict;
    return {
      ...given,
      procore: { ...given.procore, shadow: shadows.procore },
      erp: { ...given.erp, shadow: shadows.erp },
    };
  }
  if (verdict.kind !== 'write') return given;
  const { to, value: written } = verdict;
  const from: SideName = to === 'erp' ? 'procore' : 'erp';
  return {
    ...given,
    [to]: { ...given[to], now: written, shadow: written },
    [from]: { ...given[from], shadow: given[from].now },
  };
}

test('what was carried out leaves nothing to do', () => {
  fc.assert(
    fc.property(anyMerge, (given) => {
      const verdict = mergeField(given);
      if (verdict.kind !== 'write' && verdict.kind !== 'agreed') return;
      expect(mergeField(after(given, verdict))).toEqual({ kind: 'none' });
    }),
    { numRuns: 2_000 },
  );
});

test('what a person changed is overwritten only where the other side owns it, or both say when', () => {
  fc.assert(
    fc.property(anyMerge, (given) => {
      const verdict = mergeField(given);
      if (verdict.kind !== 'write' || verdict.lost === null) return;
      const from: SideName = verdict.to === 'erp' ? 'procore' : 'erp';
      expect([from, 'last']).toContain(given.owner);
    }),
    { numRuns: 2_000 },
  );
});

test('nothing is emptied unless that is carried', () => {
  fc.assert(
    fc.property(anyMerge, (given) => {
      const verdict = mergeField(given);
      if (verdict.kind === 'write' && (verdict.value === null || verdict.value === ''))
        expect(given.isClearable).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('what is only watched is never written', () => {
  fc.assert(
    fc.property(anyMerge, (given) => {
      expect(mergeField({ ...given, owner: 'never' }).kind).not.toBe('write');
    }),
  );
});
