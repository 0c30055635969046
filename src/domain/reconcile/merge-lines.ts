import { contentHash, erpKeyOfOriginId } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import { fitRecord } from '../kinds/fit-record';
import type { Fields, FieldValue, ProcoreId, RecordLine } from '../kinds/record';
import { lineKeyOf, linesOf } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { ConflictDecision } from './conflict';
import type { Fitting, Pair } from './merge-field';
import type { FieldWrite, MergedRecord, MergeRules, OpenField } from './merge-record';
import { mergeInto, nothingMerged } from './merge-record';
import type { Owner } from './ownership';
import { ownerOf } from './ownership';
import type { SideLine } from './side-record';

/** Both sides' cost codes of one job. */
export interface CodesMerge {
  readonly kind: Kind;
  /** Its shadows are what each side is compared with. */
  readonly link: Pick<RecordLink, 'procore' | 'erp'>;
  readonly erp: readonly RecordLine[];
  readonly procore: readonly SideLine[];
  /** By field (`fieldOf`), what a person chose about a conflict. */
  readonly decisions: ReadonlyMap<string, ConflictDecision>;
  readonly rules: MergeRules;
}

/** A code that one side gets. */
export interface CodeWrite {
  /** As it is written there; `number` is that of the ERP. */
  readonly line: RecordLine;
  /** What is new about it; none: it is tied alone. */
  readonly writes: readonly FieldWrite[];
}

export interface MergedCodes {
  readonly toProcore: readonly CodeWrite[];
  readonly toErp: readonly CodeWrite[];
  readonly conflicts: readonly {
    readonly field: string;
    readonly pair: Pair;
    readonly fits: OpenField['fits'];
    readonly agreed: Pair;
    readonly rule: Owner;
  }[];
  /** Why somebody must look, in sentences. */
  readonly problems: readonly string[];
  /** What somebody entered where it does not count, in sentences. */
  readonly notes: readonly string[];
  /** The codes of the ERP with the ids that they have in Procore. */
  readonly codes: readonly RecordLine[];
  /** Numbers of codes that somebody must look at first: nothing may hang on them meanwhile. */
  readonly held: ReadonlySet<string>;
  /** How each side's codes stand once everything is written as planned. */
  readonly shadows: { readonly procore: readonly RecordLine[]; readonly erp: readonly RecordLine[] };
}

/** What is merged of a code. Whether it is active is the ERP's own: an inactive one is not told, and never taken from Procore. */
const MERGED = ['code', 'name'] as const;

/** How a field of a code is called among the fields of its record. */
export const fieldOf = ({ kind, number }: Pick<RecordLine, 'kind' | 'number'>, field: string): string =>
  `${kind}[${number}].${field}`;

/**
 * Merges the cost codes of two sides, each with its own shadows. A code is known by its key in the ERP and its id in Procore: another number is a
 * rename. One that only the ERP has comes to Procore; one that only Procore has comes to the ERP where the ownership of codes says so, else somebody
 * must look. Nothing is ever taken away. Pure, and the order of lines does not matter.
 */
export function mergeCodes(merge: CodesMerge): MergedCodes {
  const here = linesOf({ fields: {}, lines: merge.erp }, 'cost_code').toSorted(byLineKey);
  const there = merge.procore.filter(({ kind }) => kind === 'cost_code').toSorted(byLineKey);
  const matched = matchCodes(merge, here, there);
  const merging = new Merge(merge);
  for (const line of here)
    merging.code(line, matched.partners.get(line) ?? null, matched.doubts.get(line) ?? null);
  const taken = new Set(matched.partners.values());
  merging.leftInProcore(
    there.filter((line) => !taken.has(line)),
    there,
  );
  return merging.result();
}

const byLineKey = (
  a: Pick<RecordLine, 'kind' | 'number' | 'procoreId'>,
  b: Pick<RecordLine, 'kind' | 'number' | 'procoreId'>,
): number => {
  const [one, two] = [lineKeyOf(a), lineKeyOf(b)];
  return one < two ? -1 : one > two ? 1 : (a.procoreId ?? 0) - (b.procoreId ?? 0);
};

const codesOf = (side: RecordLink['erp']): readonly RecordLine[] =>
  side === null ? [] : linesOf(side, 'cost_code');

/** Hash of the codes that Procore shows, whatever their order. */
export const codesRevisionOf = (lines: readonly SideLine[]): string =>
  contentHash(lines.filter(({ kind }) => kind === 'cost_code').toSorted(byLineKey));

/**
 * Whether Procore's codes are others than when both sides were compared last: neither as its shadow has them, nor as they were then (a conflict waits in
 * the shadow). What the shadow does not name has not moved.
 */
export function codesMoved(
  link: Pick<RecordLink, 'procore' | 'procoreLinesRevision'>,
  lines: readonly SideLine[],
): boolean {
  if (link.procoreLinesRevision === codesRevisionOf(lines)) return false;
  const live = lines.filter((line) => line.kind === 'cost_code' && isLive(line));
  const was = new Map(
    codesOf(link.procore)
      .filter(({ procoreId, fields }) => procoreId !== null && fields['isActive'] !== false)
      .map((line) => [line.procoreId, line]),
  );
  return live.length !== was.size || live.some((line) => hasMoved(was.get(line.procoreId), line));
}

const hasMoved = (before: RecordLine | undefined, { fields }: SideLine): boolean =>
  before === undefined ||
  MERGED.some((field) => {
    const [then, now] = [before.fields[field], fields[field]];
    return then !== undefined && now !== undefined && then !== now;
  });

interface Matched {
  readonly partners: ReadonlyMap<RecordLine, SideLine>;
  /** Codes of the ERP that may not be told, because Procore has their number otherwise; in sentences. */
  readonly doubts: ReadonlyMap<RecordLine, string>;
}

const isLive = ({ fields }: SideLine): boolean => fields['isActive'] !== false;
const erpKeyIn = ({ originId }: SideLine): string | null =>
  originId === null ? null : erpKeyOfOriginId('cost_code', originId);

/** Numbers that people take for one: whatever their blanks and capitals. */
const alike = (number: string): string => number.replace(/\s+/g, '').toUpperCase();

/** By `origin_id`, by what our link remembers, else by number where that is one code on each side. */
function matchCodes({ link }: CodesMerge, here: readonly RecordLine[], there: readonly SideLine[]): Matched {
  const partners = new Map<RecordLine, SideLine>();
  const doubts = new Map<RecordLine, string>();
  const byKey = grouped(there, (line) => erpKeyIn(line));
  const byId = new Map(there.map((line) => [line.procoreId, line]));
  const remembered = new Map(
    [...codesOf(link.procore), ...codesOf(link.erp)].flatMap(({ erpKey, procoreId }) =>
      erpKey === null || procoreId === null ? [] : [[erpKey, procoreId] as const],
    ),
  );
  for (const line of here) {
    const claims = byKey.get(line.erpKey ?? '') ?? [];
    const [first] = [...claims.filter(isLive), ...claims];
    const known = byId.get(remembered.get(line.erpKey ?? '') ?? null);
    if (claims.filter(isLive).length > 1) {
      const numbers = claims.map(({ number }) => number).join(', ');
      doubts.set(line, `Cost code ${line.number} of the ERP is tied to several of Procore (${numbers}).`);
    } else if (first !== undefined) partners.set(line, first);
    else if (known?.originId === null) partners.set(line, known);
  }
  const taken = new Set(partners.values());
  const left = here.filter((line) => !partners.has(line) && !doubts.has(line));
  const free = grouped(
    there.filter((line) => isLive(line) && !taken.has(line)),
    ({ number }) => alike(number),
  );
  const wanted = grouped(left, ({ number }) => alike(number));
  for (const line of left) {
    const same = free.get(alike(line.number)) ?? [];
    const exact = same.filter(({ number }) => number === line.number);
    const [only, second] =
      exact.length > 0 ? exact : (wanted.get(alike(line.number)) ?? []).length > 1 ? [] : same;
    if (only === undefined) continue;
    if (second !== undefined)
      doubts.set(line, `Cost code ${line.number} of the ERP may be one of several in Procore.`);
    else if (only.originId !== null)
      doubts.set(line, `Cost code ${line.number} is in Procore already, tied to ${only.originId}.`);
    else partners.set(line, only);
  }
  return { partners, doubts };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** So many codes are named in a sentence. */
const SAMPLE = 5;

class Merge {
  private readonly toProcore: CodeWrite[] = [];
  private readonly toErp: CodeWrite[] = [];
  private readonly conflicts: MergedCodes['conflicts'][number][] = [];
  private readonly problems: string[] = [];
  private readonly notes: string[] = [];
  private readonly codes: RecordLine[] = [];
  private readonly procore: RecordLine[] = [];
  private readonly erp: RecordLine[] = [];
  private readonly goneThere: string[] = [];
  private readonly held = new Set<string>();
  private readonly wasHere: ReadonlyMap<string | null, RecordLine>;
  private readonly wasThere: ReadonlyMap<ProcoreId | null, RecordLine>;
  private readonly toldOf: ReadonlyMap<string | null, RecordLine>;

  constructor(private readonly merge: CodesMerge) {
    const { erp, procore } = merge.link;
    const named = ({ erpKey }: RecordLine): boolean => erpKey !== null;
    this.wasHere = new Map(
      codesOf(erp)
        .filter(named)
        .map((line) => [line.erpKey, line]),
    );
    this.wasThere = new Map(codesOf(procore).map((line) => [line.procoreId, line]));
    this.toldOf = new Map(
      codesOf(procore)
        .filter(named)
        .map((line) => [line.erpKey, line]),
    );
  }

  result(): MergedCodes {
    const { toProcore, toErp, conflicts, notes, codes, procore, erp, goneThere, held } = this;
    const taken =
      goneThere.length === 0
        ? []
        : [
            `Cost code${goneThere.length === 1 ? '' : 's'} ${sampleOf(goneThere)} of the ERP ${goneThere.length === 1 ? 'is' : 'are'} not in Procore any more: add ${goneThere.length === 1 ? 'it' : 'them'} there under the same number, or make ${goneThere.length === 1 ? 'it' : 'them'} inactive in the ERP.`,
          ];
    const problems = [...this.problems, ...taken];
    return { toProcore, toErp, conflicts, problems, notes, codes, held, shadows: { procore, erp } };
  }

  /** One code of the ERP, and its partner in Procore. */
  code(line: RecordLine, partner: SideLine | null, doubt: string | null): void {
    const before = this.wasHere.get(line.erpKey);
    const told =
      (partner === null ? undefined : this.wasThere.get(partner.procoreId)) ?? this.toldOf.get(line.erpKey);
    const isActive = line.fields['isActive'] !== false;
    const isThere = partner !== null && isLive(partner);
    const procoreId = partner?.procoreId ?? told?.procoreId ?? null;
    const own = { ...line, procoreId };
    this.codes.push(own);
    // What it is called is compared again when it is active again.
    const asBefore = { ...before?.fields, isActive: line.fields['isActive'] ?? null };
    if (doubt !== null) {
      this.held.add(line.number);
      this.problems.push(doubt);
      return;
    }
    if (!isActive) {
      this.erp.push({ ...own, fields: asBefore });
      if (partner !== null) {
        const { fields } = partner;
        const same = Object.entries(fields).filter(
          ([field, value]) => field === 'isActive' || told === undefined || told.fields[field] === value,
        );
        this.procore.push({ ...own, number: partner.number, fields: Object.fromEntries(same) });
        if (isThere && partner.originId === null)
          this.problems.push(`Cost code ${line.number} of Procore is inactive in the ERP.`);
      } else if (told !== undefined) this.procore.push(gone(told));
      return;
    }
    if (isThere) {
      this.both(own, partner, before, told);
      return;
    }
    // It was there when both sides were compared last, and nobody made it inactive here: somebody took it away.
    if (told !== undefined && told.procoreId !== null && before?.fields['isActive'] !== false) {
      this.held.add(line.number);
      this.goneThere.push(line.number);
      this.erp.push(own);
      this.procore.push(gone(told));
      return;
    }
    const writes = MERGED.map((field): FieldWrite => ({
      field,
      old: null,
      value: line.fields[field] ?? null,
      lost: null,
    }));
    this.toProcore.push({ line: own, writes });
    this.erp.push(own);
    this.procore.push(own);
  }

  private both(
    line: RecordLine,
    partner: SideLine,
    before: RecordLine | undefined,
    told: RecordLine | undefined,
  ): void {
    const { kind, rules, decisions } = this.merge;
    const merged = nothingMerged();
    for (const field of MERGED) {
      const [procore, erp] = [partner.fields[field], line.fields[field] ?? null];
      if (procore === undefined) continue;
      const shadows = { procore: told?.fields[field], erp: before?.fields[field] };
      mergeInto(merged, {
        field,
        decision: decisions.get(fieldOf(line, field)),
        owner: ownerOf({ kind, line: 'cost_code', field }, rules.ownership),
        procore: { now: procore, shadow: shadows.procore, changedAt: null },
        erp: { now: erp, shadow: shadows.erp, changedAt: null },
        fit: { procore: (value) => ({ value }), erp: (value) => this.fitErp(line, field, value) },
        // Both were settled, each in its own way.
        isAltered:
          shadows.procore !== undefined && shadows.erp !== undefined && shadows.procore !== shadows.erp,
        isClearable: false,
        skewMs: rules.skewMs,
      });
    }
    this.settle(line, partner, merged, { before, told });
  }

  private settle(
    line: RecordLine,
    partner: SideLine,
    merged: MergedRecord,
    { before, told }: { readonly before: RecordLine | undefined; readonly told: RecordLine | undefined },
  ): void {
    const { toProcore, toErp, conflicts, drifts, unfit } = merged;
    const isTied = erpKeyIn(partner) === line.erpKey;
    const now: Fields = { ...partner.fields, ...valuesOf(toProcore) };
    if (toProcore.length > 0 || !isTied) {
      const fields = { ...line.fields, code: now['code'] ?? null, name: now['name'] ?? null };
      this.toProcore.push({ line: { ...line, fields }, writes: toProcore });
    }
    if (toErp.length > 0) this.toErp.push({ line: { ...line, fields: valuesOf(toErp) }, writes: toErp });
    for (const { field, lost, value } of toProcore)
      if (lost !== null) this.notes.push(lostWords(line, field, lost, 'Procore', value));
    for (const { field, lost, value } of toErp)
      if (lost !== null) this.notes.push(lostWords(line, field, lost, 'the ERP', value));
    for (const { field, pair } of drifts)
      this.notes.push(
        `Cost code ${line.number}: ${field} is "${String(pair.procore ?? '')}" in Procore and "${String(pair.erp ?? '')}" in the ERP, and stays so.`,
      );
    for (const { field, value, problem } of unfit)
      this.problems.push(
        `Cost code ${line.number}: ${field} "${String(value ?? '')}" of Procore cannot be kept in the ERP: ${problem}.`,
      );
    for (const { field, pair, rule, fits } of conflicts)
      this.conflicts.push({
        field: fieldOf(line, field),
        pair,
        fits,
        agreed: { procore: told?.fields[field] ?? null, erp: before?.fields[field] ?? null },
        rule,
      });
    const open = new Set([...conflicts, ...unfit].map(({ field }) => field));
    const waiting = (was: Fields | undefined, is: Fields): Fields =>
      Object.fromEntries(
        Object.entries(is).flatMap(([field, value]) =>
          !open.has(field) ? [[field, value]] : was?.[field] === undefined ? [] : [[field, was[field]]],
        ),
      );
    this.erp.push({ ...line, fields: waiting(before?.fields, { ...line.fields, ...valuesOf(toErp) }) });
    this.procore.push({ ...line, number: partner.number, fields: waiting(told?.fields, now) });
  }

  /** Codes of Procore that belong to none of the ERP. Those that other codes hang below are their headings. */
  leftInProcore(left: readonly SideLine[], all: readonly SideLine[]): void {
    const { kind, rules } = this.merge;
    const owner = ownerOf({ kind, line: 'cost_code', field: 'code' }, rules.ownership);
    const held: string[] = [];
    const orphaned: string[] = [];
    for (const line of left.filter(isLive)) {
      const { number, procoreId, fields, originId } = line;
      this.procore.push({ kind: 'cost_code', number, procoreId, erpKey: null, fields });
      if (originId !== null) {
        // What another integration tied is none of ours.
        if (erpKeyIn(line) !== null) orphaned.push(number);
        continue;
      }
      if (owner === 'never' || all.some((other) => isLive(other) && other.number.startsWith(`${number}-`)))
        continue;
      if (owner === 'erp') held.push(number);
      else this.born(line);
    }
    if (held.length > 0)
      this.problems.push(
        `${codesWords(held)} in Procore alone: codes are born in the ERP. Add ${held.length === 1 ? 'it' : 'them'} to the job there, or take ${held.length === 1 ? 'it' : 'them'} from the project.`,
      );
    if (orphaned.length > 0)
      this.problems.push(`${codesWords(orphaned)} in Procore and not in the ERP any more.`);
  }

  private born({ number, procoreId, fields }: SideLine): void {
    const name = fields['name'] ?? null;
    const line = { kind: 'cost_code', number, erpKey: null, procoreId } as const;
    const given: Fields = { code: number, name, isActive: true };
    const fitted = this.fitted({ ...line, fields: given });
    if ('problem' in fitted) {
      this.problems.push(`Cost code ${number} of Procore cannot be added to the ERP: ${fitted.problem}.`);
      return;
    }
    const writes = MERGED.map((field): FieldWrite => ({
      field,
      old: null,
      value: given[field] ?? null,
      lost: null,
    }));
    this.toErp.push({ line: { ...line, fields: fitted.fields }, writes });
  }

  private fitErp(line: RecordLine, field: (typeof MERGED)[number], value: FieldValue): Fitting {
    const { kind, rules } = this.merge;
    const isErps = ownerOf({ kind, line: 'cost_code', field }, rules.ownership) === 'erp';
    // Procore's way to write the number, where it may have one.
    if (field === 'code' && !isErps && alike(String(value ?? '')) === alike(line.number))
      return { value: line.number };
    if (field === 'code') return { problem: 'there a code is known by its number, which is changed there' };
    const fitted = this.fitted({ ...line, fields: { ...line.fields, [field]: value } });
    return 'problem' in fitted ? fitted : { value: fitted.fields[field] ?? null };
  }

  private fitted(line: RecordLine): { readonly fields: Fields } | { readonly problem: string } {
    const { kind, rules } = this.merge;
    if (rules.columns === null)
      return { problem: `${definitionOf(kind).plural} of this ERP cannot be written` };
    const { record, problems } = fitRecord(kind, { fields: {}, lines: [line] }, rules.columns, {
      ...definitionOf(kind),
      fields: {},
    });
    const [problem] = problems;
    return problem === undefined ? { fields: record.lines[0]?.fields ?? {} } : { problem };
  }
}

/** As Procore's shadow has a code that is not there (any more). */
const gone = (line: RecordLine): RecordLine => ({ ...line, fields: { ...line.fields, isActive: false } });

const valuesOf = (writes: readonly FieldWrite[]): Fields =>
  Object.fromEntries(writes.map(({ field, value }) => [field, value]));

const sampleOf = (numbers: readonly string[]): string => {
  const more = numbers.length - SAMPLE;
  return `${numbers.slice(0, SAMPLE).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const codesWords = (numbers: readonly string[]): string =>
  numbers.length === 1 ? `Cost code ${sampleOf(numbers)} is` : `Cost codes ${sampleOf(numbers)} are`;

const lostWords = (
  { number }: RecordLine,
  field: string,
  lost: FieldValue,
  where: string,
  value: FieldValue,
): string =>
  `Cost code ${number}: ${field} "${String(lost)}" in ${where} gives way to "${String(value ?? '')}".`;
