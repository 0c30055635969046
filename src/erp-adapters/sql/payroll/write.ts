import { isTiebackError } from '../../../domain/base/errors';
import { contentHash } from '../../../domain/base/identity';
import type { KnownLine, PayLine } from '../../../domain/payroll/line';
import { isAsExpected } from '../../../domain/payroll/line-hash';
import type { LedgerEntry } from '../../contract/adapter';
import type { PayBatchResult, PayBatchWrite } from '../../contract/payroll';
import { payRecordId } from '../../contract/payroll';
import { entryOf } from '../ledger';
import type { Surroundings } from '../model';
import { writerLock } from '../numbers';
import type { Outcome, Row, SqlSession, Statement } from '../session';
import { Asking, change, query } from '../session';
import { insertRows, scopeValues } from '../write-rows';
import type { SqlParts } from '../writer';
import { adoptable, idsAmong, isThere, namedLine, notOpen, undone } from './answers';
import { changeOf } from './change';
import type { LineProblem, NamedLine, There } from './checks';
import { lineProblems } from './checks';
import { batchName, knownLines } from './lines';
import { memoOf } from './memo';
import { askPeriod, onePeriod, periodBound } from './period';
import { askRows, textIn, textOf } from './rows';
import type { LineIds, LinePlace, PayRows, PayrollSpec, Selected } from './spec';
import { askTwins } from './twins';

/** So often it is tried which lines the ERP refuses: enough to find one among ten thousand, and a dozen among hundreds. */
const MOST_TRIES = 60;

/** What is known before the first row is written, of one moment. */
interface Seen extends Surroundings {
  readonly session: SqlSession;
  readonly entries: readonly LedgerEntry[];
  readonly period: Row | undefined;
  readonly batches: readonly Row[];
  readonly lines: readonly KnownLine[];
  /** Lines of any period that carry keys of these lines. */
  readonly twins: readonly KnownLine[];
  readonly named: readonly NamedLine[];
  readonly there: Omit<There, 'period'>;
}

/** The batch that is written to: null where it is opened first. */
interface Open {
  readonly row: Row;
  readonly held: readonly KnownLine[];
}

/**
 * Writes one batch of timecards as a whole: look, open it where it is new, write, commit. Lines, ledger entry and the release of the batch are one
 * transaction; nothing is validated or posted.
 */
export class PayBatchWriter {
  constructor(
    private readonly spec: PayrollSpec,
    private readonly parts: SqlParts,
  ) {}

  async write(batch: PayBatchWrite): Promise<PayBatchResult> {
    if (batch.lines.length === 0 && batch.expected === null) throw new RangeError('a new batch has lines');
    try {
      return await this.attempt(batch);
    } catch (error) {
      // Raised from inside the transaction, so it is rolled back.
      if (!isTiebackError(error) || error.code !== 'ERP_REFUSED') throw error;
      return { outcome: 'refused', problems: await this.culprits(batch, error.message) };
    }
  }

  private attempt(batch: PayBatchWrite, isTry = false): Promise<PayBatchResult> {
    return this.parts.database.transaction('erp.payroll.write', async (session) => {
      const outcome = await this.within(session, batch);
      return isTry ? { ...outcome, keep: false } : outcome;
    });
  }

  /**
   * The ERP says what is wrong, but not with which line: halves are tried, and undone, until the lines stand alone. Some may be left for the next time; what
   * can be known without the ERP's own triggers was looked at for all lines.
   */
  private async culprits(batch: PayBatchWrite, reason: string): Promise<readonly LineProblem[]> {
    const found: LineProblem[] = [];
    let tries = 0;
    const look = async (lines: readonly PayLine[], says: string): Promise<void> => {
      const [only] = lines;
      if (lines.length === 1 && only !== undefined) {
        found.push({ key: only.key, reason: says });
        return;
      }
      const half = Math.ceil(lines.length / 2);
      for (const some of [lines.slice(0, half), lines.slice(half)]) {
        if ((tries += 1) > MOST_TRIES) return;
        const refusal = await this.refusalOf({ ...batch, lines: some });
        if (refusal !== null) await look(some, refusal);
      }
    };
    await look(batch.lines, reason);
    return found.length > 0 ? found : batch.lines.map(({ key }) => ({ key, reason }));
  }

  private async refusalOf(batch: PayBatchWrite): Promise<string | null> {
    try {
      await this.attempt(batch, true);
      return null;
    } catch (error) {
      if (isTiebackError(error) && error.code === 'ERP_REFUSED') return error.message;
      throw error;
    }
  }

  private async within(session: SqlSession, batch: PayBatchWrite): Promise<Outcome<PayBatchResult>> {
    const seen = await this.look(session, batch);
    const known = seen.entries.find(({ operationKey }) => operationKey === batch.operationKey);
    if (known !== undefined) return undone(this.already(seen, known.erpKey));
    const newest = seen.entries.at(-1);
    if (newest !== undefined && newest.generation >= batch.generation)
      return undone({
        outcome: 'changed',
        batch: newest.erpKey,
        lines: linesIn(seen, newest.erpKey),
      });
    // Before the period is looked at: it may have been closed since.
    const adopted = adoptable(seen.lines, seen.twins, batch);
    if (adopted !== null) {
      // It was written, and the ledger lost: an ERP that was restored, or somebody's copy of it.
      await session.ask('ledger', [this.entryFor(batch, adopted)]);
      return { keep: true, value: this.already(seen, adopted) };
    }
    const answer = this.turnAway(seen, batch) ?? this.openIn(seen, batch);
    if ('outcome' in answer) return undone(answer);
    const value = await this.writeTo(seen, batch, answer);
    return { keep: value.outcome === 'written', value };
  }

  /** All that is to be known, in one round trip. */
  private async look(session: SqlSession, batch: PayBatchWrite): Promise<Seen> {
    const { spec } = this;
    const { scopes, ledger, catalogue, connection } = this.parts;
    const { dialect } = session;
    const lock = dialect.appLock(writerLock(connection));
    const { scope, value } = await scopes.ask(session, 'look', (scope, asking) => {
      const around = { scope, catalogue };
      const company = Number(scope.company);
      if (lock !== null) asking.add(query(`${lock.sql}; SELECT @got AS got`, lock.bound));
      const entries = asking.add(
        ledger.aboutOperation('pay_batch', {
          operationKey: batch.operationKey,
          recordId: payRecordId(batch),
        }),
      );
      const named = batch.lines.map((line) => namedLine(line, around));
      const period = asking.add(
        askRows(dialect, spec.periods, { company, ...periodBound(batch.period) }, { and: onePeriod(spec) }),
      );
      const ofPeriod = askPeriod(session, asking, spec, scope, batch.period, { held: true });
      const twins = askTwins(session, asking, spec, scope, batch.lines);
      const listed = (rows: PayRows<string>, key: Selected, of: keyof LineIds) =>
        asking.add(
          askRows(
            dialect,
            rows,
            { company, ids: JSON.stringify(idsAmong(named, of)) },
            { and: `${key.sql} ${dialect.inList('ids')}` },
          ),
        );
      const employees = listed(spec.employees, spec.employees.columns.number, 'employee');
      const jobs = listed(spec.jobs, spec.jobs.columns.id, 'job');
      const phases = listed(spec.phases, spec.phases.columns.id, 'phase');
      const all = [spec.earnCodes, spec.classes, spec.departments].map((rows) =>
        asking.add(askRows(dialect, rows, { company })),
      );
      const shifts = 'from' in spec.shifts ? asking.add(askRows(dialect, spec.shifts, { company })) : null;
      return () => {
        const read = ofPeriod();
        const [earnCodes = [], classes = [], departments = []] = all.map((take) => take());
        return {
          entries: entries().map(entryOf),
          period: period()[0],
          batches: read.batches,
          lines: knownLines(spec, around, read),
          twins: ofKeys(knownLines(spec, around, { ...twins(), batches: [], problems: [] }), batch),
          named,
          there: {
            employees: employees(),
            earnCodes,
            classes,
            departments,
            shifts: shifts?.().map((row) => textOf(row, 'code')) ?? (spec.shifts as readonly string[]),
            jobs: jobs(),
            phases: phases(),
          },
        };
      };
    });
    return { session, scope, catalogue, ...value };
  }

  /** What keeps the batch from being written, whichever it goes to. */
  private turnAway(seen: Seen, batch: PayBatchWrite): PayBatchResult | null {
    const { period: row } = seen;
    const { group, end } = batch.period;
    if (row === undefined)
      return notOpen(
        `there is no pay period of group ${group} that ends on ${end} (run ${batch.period.run})`,
      );
    const state = this.spec.periodStates[textOf(row, 'status')];
    if (state !== 'open')
      return notOpen(`the pay period of group ${group} that ends on ${end} is ${state ?? 'not open'}`);
    const none = batch.purpose === 'correction' ? (this.spec.noCorrections?.(row) ?? null) : null;
    if (none !== null) return notOpen(none);
    const dates = { begins: textOf(row, 'begins'), ends: textOf(row, 'ends'), group };
    const problems = lineProblems(this.spec, seen.named, { ...seen.there, period: dates }, batch.purpose);
    return problems.length === 0 ? null : { outcome: 'refused', problems };
  }

  /** The batch that it goes to, as far as it is there; otherwise what is answered. */
  private openIn(seen: Seen, batch: PayBatchWrite): PayBatchResult | Open | { readonly row: null } {
    const target = batch.expected === null ? null : (seen.entries.at(-1)?.erpKey ?? '');
    const others = seen.twins.filter((line) => line.batch !== target || line.state === 'posted');
    const twice =
      others.length === 0 ? null : ({ outcome: 'refused', problems: others.map(isThere) } as const);
    if (batch.expected === null || target === null) return twice ?? { row: null };
    const row = seen.batches.find((one) => batchName(this.spec, one) === target);
    const status = this.spec.batchStatuses[row === undefined ? '' : textOf(row, 'status')];
    const held = linesIn(seen, target);
    const changed = { outcome: 'changed', batch: target, lines: held } as const;
    if (row === undefined || status?.is === 'gone') return changed;
    const by = textIn(row['in_use_by']);
    if (by !== null && by !== this.us(seen)) return { outcome: 'in_use', batch: target, by };
    if (status?.is !== 'open') return notOpen(`batch ${target} ${status?.says ?? 'is not open'}`);
    if (!isAsExpected(held, batch.expected)) return changed;
    return twice ?? { row, held };
  }

  private us({ scope }: Seen): string | null {
    return textIn(scope.settings['Login']);
  }

  private async writeTo(
    seen: Seen,
    batch: PayBatchWrite,
    open: Open | { readonly row: null },
  ): Promise<PayBatchResult> {
    const { spec } = this;
    const { session, scope } = seen;
    const held = 'held' in open ? open.held : [];
    const { gone, added } = changeOf(held, batch.lines);
    const place = open.row === null ? await this.opened(seen, batch) : this.placeIn(seen, batch, open.row);
    if ('outcome' in place) return place;
    const name = batchName(spec, { month: place.month, batch: place.batch });
    const asking = new Asking();
    if (gone.length > 0) asking.add(this.deletion(seen, place, gone));
    const ids = new Map(seen.named.map(({ line, ids: of }) => [line.key, of]));
    const rows = added.map((line, index) => {
      const { values, made } = spec.rowOf(
        { ...line, ids: ids.get(line.key) as LineIds, memo: memoOf(line.key) },
        { ...place, sequence: place.sequence + index + 1 },
        scope,
      );
      return { values, made, more: scopeValues(scope) };
    });
    for (const statement of insertRows(session, spec.table, rows)) asking.add(statement);
    const release = open.row === null ? spec.release?.(scope, place) : undefined;
    if (release !== undefined) asking.add(change(...release));
    asking.add(this.entryFor(batch, name));
    const read = askPeriod(session, asking, spec, scope, batch.period);
    await asking.run(session, 'write');
    const lines = knownLines(spec, seen, read()).filter((line) => line.batch === name);
    return { outcome: 'written', batch: name, lines };
  }

  private async opened(seen: Seen, batch: PayBatchWrite): Promise<LinePlace | PayBatchResult> {
    const period = seen.period ?? {};
    const month = this.spec.month(period, seen.scope);
    if ('closed' in month) return notOpen(month.closed);
    const { period: of, purpose } = batch;
    const opening = { period: of, purpose, month: month.month };
    const number = await this.spec.open(seen.session, seen.scope, opening);
    return { ...opening, batch: number, sequence: 0, begins: textOf(period, 'begins') };
  }

  private placeIn(seen: Seen, { period, purpose }: PayBatchWrite, row: Row): LinePlace {
    return {
      period,
      purpose,
      month: String(row['month']),
      batch: Number(row['batch']),
      sequence: Number(row['last_sequence'] ?? 0),
      begins: textOf(seen.period ?? {}, 'begins'),
    };
  }

  /** Of this batch alone, whatever the ids are. */
  private deletion({ session, scope }: Seen, { month, batch }: LinePlace, ids: readonly string[]): Statement {
    return change(
      `DELETE FROM ${this.spec.table} WHERE Co = @company AND Mth = @month AND BatchId = @batch AND ${this.spec.lineKey} ${session.dialect.inList('ids')}`,
      { company: Number(scope.company), month, batch, ids: JSON.stringify(ids) },
    );
  }

  private entryFor(batch: PayBatchWrite, name: string): Statement {
    const { operationKey, planHash, generation, lines } = batch;
    return this.parts.ledger.add([
      {
        operationKey,
        kind: 'pay_batch',
        recordId: payRecordId(batch),
        generation,
        targetRevision: contentHash(lines),
        planHash,
        erpKey: name,
        writtenAt: new Date().toISOString(),
      },
    ]);
  }

  private already(seen: Seen, name: string): PayBatchResult {
    return { outcome: 'already_written', batch: name, lines: linesIn(seen, name) };
  }
}

/** Those that carry a key of this batch. */
const ofKeys = (lines: readonly KnownLine[], batch: PayBatchWrite): readonly KnownLine[] => {
  const keys = new Set(batch.lines.map(({ key }) => key));
  return lines.filter(({ key }) => key !== null && keys.has(key));
};

const linesIn = ({ lines }: Seen, batch: string): readonly KnownLine[] =>
  lines.filter((line) => line.batch === batch);
