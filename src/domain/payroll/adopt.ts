import type { ProcoreId } from '../kinds/record';
import type { BatchPurpose, EntryWritten, KeptEntry, WrittenLine } from './books';
import { approvedBefore, countedRevision } from './books';
import { cellKey, cellOf, lineKey, placeOf, replacementKey, reversalKey } from './cell';
import type { PayrollRules } from './gather';
import { addHours, hundredthsOf } from './hours';
import type { Cell, KnownLine, PayLine } from './line';
import type { PayrollReferences } from './resolve';
import { truthOf } from './truth';

/** A batch that the ledger of the ERP says is ours. */
export interface OurBatch {
  readonly batch: string;
  /** `periodName` of the period that it is of. */
  readonly period: string;
  readonly purpose: BatchPurpose;
}

/** What rows are told from that carry our keys and that our books do not know. */
export interface AdoptionInput {
  readonly company: string;
  readonly rows: readonly KnownLine[];
  readonly written: readonly Pick<WrittenLine, 'line'>[];
  readonly kept: readonly KeptEntry[];
  readonly batches: readonly OurBatch[];
  readonly references: PayrollReferences;
  readonly rules: PayrollRules;
}

/** Lines that were written before our books were put back, as far as it can be told what they are. */
export interface Adoption {
  readonly lines: readonly (OurBatch & { readonly line: PayLine })[];
  readonly entries: readonly EntryWritten[];
  /** Rows with keys of ours of which nobody knows for which entries they are. */
  readonly unknown: readonly KnownLine[];
}

/** The revision of an entry of which is not known how it was when it was written: whatever it is now counts as an edit. */
const NOT_KNOWN = 'not known';
/** All combinations of so many entries of one person and day are tried. */
const MOST_TOGETHER = 10;
/** Pairs and triples of so many entries of one person are tried. */
const MOST_OF_PERSON = 24;

/**
 * Tells what rows with unknown keys of ours are. A key is a hash of cell, code and entries (`cell.ts`), so entries that are known now are tried until they
 * come to it: what was moved since is found all the same, as long as its row is as it was written.
 */
export function adoptionOf(input: AdoptionInput): Adoption {
  const known = new Set(input.written.map(({ line }) => line.key));
  const foreign = input.rows.filter(({ key }) => key !== null && !known.has(key));
  if (foreign.length === 0) return { lines: [], entries: [], unknown: [] };
  const look = new Adopter(input);
  const lines = new Map<string, OurBatch & { readonly line: PayLine }>();
  // Reversals and replacements are told by what they take back.
  for (const row of foreign) {
    const batch = input.batches.find((one) => one.batch === row.batch);
    const line = batch === undefined ? null : look.lineOf(row);
    if (batch !== undefined && line !== null) lines.set(row.id, { ...batch, line });
  }
  return {
    lines: [...lines.values()],
    entries: look.entriesOf([...lines.values()].map(({ line }) => line)),
    unknown: foreign.filter(({ id }) => !lines.has(id)),
  };
}

class Adopter {
  private readonly now: ReturnType<typeof truthOf>;
  private readonly entriesOfRows = new Map<string, readonly ProcoreId[]>();

  constructor(private readonly input: AdoptionInput) {
    const { kept, references, rules } = input;
    this.now = truthOf({
      entries: kept.map(({ entry }) => entry),
      approvedBefore: approvedBefore(kept),
      printed: new Map(),
      references,
      rules,
    });
    const lines = new Map(input.written.map(({ line }) => [line.key, line]));
    for (const { id, key } of input.rows) {
      const line = key === null ? undefined : lines.get(key);
      if (line !== undefined) this.entriesOfRows.set(id, line.entries);
    }
  }

  lineOf(row: KnownLine): PayLine | null {
    const found = this.ordinary(row) ?? this.reversal(row) ?? this.replacement(row);
    if (found !== null) this.entriesOfRows.set(row.id, found.entries);
    return found;
  }

  private ordinary(row: KnownLine): PayLine | null {
    for (const cell of this.cellsOf(row))
      for (const entries of this.together(row))
        for (const earnCode of this.codesOf(row))
          if (lineKey(cell, earnCode, entries) === row.key)
            return { ...this.asRow(row, cell, entries), earnCode };
    return null;
  }

  private reversal(row: KnownLine): PayLine | null {
    const target = this.input.rows.find(
      (one) => one.id !== row.id && reversalKey(this.input.company, one) === row.key,
    );
    if (target === undefined) return null;
    const entries = this.entriesOfRows.get(target.id) ?? this.lineOf(target)?.entries ?? [];
    return { ...this.asRow(row, cellOf(this.input.company, row), entries), leg: 'reversal' };
  }

  private replacement(row: KnownLine): PayLine | null {
    for (const cell of this.cellsOf(row)) {
      const posted = this.input.rows
        .filter((one) => one.id !== row.id && one.state === 'posted')
        .filter((one) => this.cellsOf(one).some((other) => cellKey(other) === cellKey(cell)))
        .sort((one, two) => Number(one.id) - Number(two.id));
      for (let count = 0; count <= posted.length; count += 1)
        for (const entries of this.together(row)) {
          const line = this.asRow(row, cell, entries);
          if (replacementKey(cell, line, posted.slice(0, count)) === row.key)
            return { ...line, leg: 'replacement' };
        }
    }
    return null;
  }

  /** Where a row may have been written: a shift that was left to the ERP is whatever it made of it. */
  private readonly cellsOf = (row: KnownLine): readonly Cell[] => {
    const cell = cellOf(this.input.company, row);
    return cell.shift === null ? [cell] : [{ ...cell, shift: null }, cell];
  };

  /** The ERP's overtime changes codes, and leaves the key. */
  private readonly codesOf = ({ earnCode }: KnownLine): readonly string[] => [
    earnCode,
    ...this.input.references.codes.earnCodes.map(({ code }) => code).filter((code) => code !== earnCode),
  ];

  /** Entries that may have been paid together in a row: those of its day as they are now, some of its person's that are elsewhere now, and each that is known alone. */
  private together(row: KnownLine): readonly (readonly ProcoreId[])[] {
    const { kept, references } = this.input;
    const alone = kept.map(({ entry }) => [entry.id]);
    const ofPerson = kept.filter(
      ({ entry: { person } }) => person !== null && references.people.get(person.id) === row.employee,
    );
    const idsOf = (some: readonly KeptEntry[]): readonly ProcoreId[] => some.map(({ entry }) => entry.id);
    const ofDay = idsOf(ofPerson.filter(({ entry }) => entry.date === row.date)).slice(0, MOST_TOGETHER);
    return [...subsetsOf(ofDay), ...alone, ...twosAndThrees(idsOf(ofPerson).slice(0, MOST_OF_PERSON))];
  }

  private asRow(row: KnownLine, cell: Cell, entries: readonly ProcoreId[]): PayLine {
    const made = this.input.rows.filter(({ madeFrom }) => madeFrom === row.id);
    return {
      ...placeOf(cell),
      key: row.key ?? '',
      earnCode: row.earnCode,
      department: row.department,
      hours: addHours([row, ...made].map(({ hours }) => hours)),
      entries,
    };
  }

  /** How entries were written: as they are now where their line is the same, otherwise that is not known. */
  entriesOf(lines: readonly PayLine[]): readonly EntryWritten[] {
    const { kept, rules } = this.input;
    const now = new Map(this.now.lines.map((line) => [line.key, line]));
    const found = new Map<ProcoreId, EntryWritten>();
    for (const line of lines) {
      const same = now.get(line.key);
      const isSame = same !== undefined && hundredthsOf(same.hours) === hundredthsOf(line.hours);
      for (const id of line.entries) {
        const one = kept.find(({ entry }) => entry.id === id);
        if (one === undefined || (found.has(id) && !isSame)) continue;
        found.set(id, {
          entryId: id,
          hours: isSame
            ? (this.now.hours.get(id) ?? 0)
            : line.entries.length === 1
              ? hundredthsOf(line.hours)
              : 0,
          revision: isSame ? countedRevision(one.entry, one.approved, rules) : NOT_KNOWN,
        });
      }
    }
    return [...found.values()];
  }
}

/** All combinations of one and more, the largest first: what is paid together is more likely than its parts. */
function subsetsOf(ids: readonly ProcoreId[]): readonly (readonly ProcoreId[])[] {
  const all: ProcoreId[][] = [];
  for (let mask = 1; mask < 1 << ids.length; mask += 1)
    all.push(ids.filter((_, index) => (mask & (1 << index)) !== 0));
  return all.sort((one, two) => two.length - one.length);
}

const twosAndThrees = (ids: readonly ProcoreId[]): readonly (readonly ProcoreId[])[] =>
  ids.flatMap((one, at) =>
    ids
      .slice(at + 1)
      .flatMap((two, next) => [[one, two], ...ids.slice(at + next + 2).map((three) => [one, two, three])]),
  );
