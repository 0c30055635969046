import { isTiebackError, TiebackError } from '../../../domain/base/errors';
import { contentHash } from '../../../domain/base/identity';
import { isNegative } from '../../../domain/base/money';
import type { Employee } from '../../../domain/payroll/employee';
import type { PayLine } from '../../../domain/payroll/line';
import { isAsExpected } from '../../../domain/payroll/line-hash';
import type { PayPeriod } from '../../../domain/payroll/period';
import type { PayBatchResult, PayBatchWrite, PayCodes, PayrollCapability } from '../../contract/payroll';
import { payRecordId } from '../../contract/payroll';
import type { Drop } from '../drop';
import { decode } from '../encoding';
import { access, constants, readdir, readFile, unlessGone } from '../folder';
import { sha256 } from '../keys';
import type { CardMisfit } from './document';
import { writeCards } from './document';
import { readEmployees } from './employees';
import type { HandedCards } from './entries';
import { periodsOf } from './periods';
import type { PayrollFiles } from './settings';

/** Another worker may be faster so many times. */
const MOST_TRIES = 100;
const NAME = 'erp.payroll.write';

/** Timecards through the drop folder: a batch is a file, and what became of its lines comes back in another. */
export class FilePayroll implements PayrollCapability {
  readonly can;

  constructor(
    private readonly files: PayrollFiles,
    private readonly drop: Drop,
  ) {
    this.can = files.negatives === undefined ? {} : { negatives: files.negatives };
  }

  async *employees(pageSize: number): AsyncIterable<readonly Employee[]> {
    const all = await readEmployees(this.drop.folder, this.drop.settings.company, this.files.employees);
    for (let from = 0; from < all.length; from += pageSize) yield all.slice(from, from + pageSize);
  }

  async codes(): Promise<PayCodes> {
    const { earnCodes, classes, departments, shifts, payGroups } = this.files;
    return {
      earnCodes: earnCodes.map((code) => ({ ...code, isActive: true })),
      classes,
      departments,
      shifts,
      payGroups: payGroups.map(({ code, name }) => ({ code, name })),
    };
  }

  async periods(from: string): Promise<readonly PayPeriod[]> {
    const today = new Date().toISOString().slice(0, 10);
    return this.files.payGroups.flatMap((group) => periodsOf(group, from, today));
  }

  async lines(period: PayBatchWrite['period']) {
    await this.drop.refresh();
    const lines = this.drop.state.timecards.lines(period);
    if (this.tellsPosted || (await this.stateOf(period)) !== 'closed') return lines;
    // Nobody will say so: what was accepted is paid with its period.
    return lines.map((line) => (line.state === 'accepted' ? { ...line, state: 'posted' as const } : line));
  }

  /** The answers of the ERP have a word for posted lines. */
  private get tellsPosted(): boolean {
    return this.files.answers.columns.some(({ values }) => values?.['posted'] !== undefined);
  }

  private async stateOf({ group, end, run }: PayBatchWrite['period']): Promise<PayPeriod['state'] | null> {
    const periods = await this.periods(end);
    return periods.find((one) => one.group === group && one.end === end && one.run === run)?.state ?? null;
  }

  async write(batch: PayBatchWrite): Promise<PayBatchResult> {
    if (batch.lines.length === 0 && batch.expected === null) throw new RangeError('a new batch has lines');
    const { drop } = this;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await drop.refresh();
      const known = drop.state.timecards.operation(drop.connectionId, batch.operationKey);
      if (known !== undefined) {
        await this.handOver();
        return this.answer('already_written', known.erpKey);
      }
      const sequence = drop.log.next;
      const prepared = await this.prepare(batch, sequence);
      if ('outcome' in prepared) return prepared;
      // Whoever committed before us and died is finished first, so that files come in order.
      await drop.log.publish(NAME);
      const { entry, bytes } = prepared;
      const hasChecksum = this.files.outgoing.checksum === 'sidecar';
      if (!(await drop.log.append(NAME, sequence, entry, { bytes, hasChecksum }))) continue;
      await this.handOver();
      return this.answer('written', entry.erpKey);
    }
    throw new TiebackError('ERP_BUSY', { reason: 'other workers write all the time' });
  }

  private answer(outcome: 'written' | 'already_written', name: string): PayBatchResult {
    const { timecards } = this.drop.state;
    const batch = timecards.batch(name);
    return { outcome, batch: name, lines: batch === undefined ? [] : timecards.linesOf(batch) };
  }

  /** The file and its entry, or what keeps it from being handed over. */
  private async prepare(
    batch: PayBatchWrite,
    sequence: number,
  ): Promise<PayBatchResult | { readonly entry: HandedCards; readonly bytes: Buffer }> {
    const { files, drop } = this;
    const { period, lines, operationKey, planHash, generation } = batch;
    const closed = await this.whyClosed(period);
    if (closed !== null) return { outcome: 'not_open', reason: closed };
    const recordId = payRecordId(batch);
    const head = drop.state.timecards.ofRecord(drop.connectionId, recordId).at(-1);
    const turnedAway = await this.turnAway(batch, head);
    if (turnedAway !== null) return turnedAway;
    const problems = this.problems(batch, head);
    const file = files.outgoing.file
      .replace('{group}', period.group)
      .replace('{end}', period.end)
      .replace('{sequence}', String(sequence).padStart(8, '0'));
    const bytes =
      problems.length > 0
        ? problems
        : writeCards(files.outgoing, lines, { sequence, ...period }, drop.references);
    if (!Buffer.isBuffer(bytes)) return { outcome: 'refused', problems: bytes };
    const entry: HandedCards = {
      type: 'timecards',
      connection: drop.connectionId,
      kind: 'pay_batch',
      ...{ operationKey, recordId, generation, planHash, period, lines, file },
      targetRevision: contentHash(lines),
      erpKey: batch.expected === null || head === undefined ? `PR-${sequence}` : head.erpKey,
      writtenAt: new Date().toISOString(),
      sha256: sha256(bytes),
      content: decode(bytes, files.outgoing.encoding) ?? '',
    };
    return { entry, bytes };
  }

  private async whyClosed(period: PayBatchWrite['period']): Promise<string | null> {
    const { group, end, run } = period;
    const state = await this.stateOf(period);
    const name = `pay period of group ${group} that ends on ${end}`;
    if (state === null) return `there is no ${name} (run ${run})`;
    return state === 'open' ? null : `the ${name} is ${state}`;
  }

  private async turnAway(
    batch: PayBatchWrite,
    head: HandedCards | undefined,
  ): Promise<PayBatchResult | null> {
    const { state } = this.drop;
    const name = head?.erpKey ?? '';
    const current = state.timecards.batch(name);
    const lines = current === undefined ? [] : state.timecards.linesOf(current);
    if (head !== undefined && head.generation >= batch.generation)
      return { outcome: 'changed', batch: name, lines };
    const by = await this.whoHolds();
    if (by !== null) return { outcome: 'in_use', batch: name, by };
    if (batch.expected === null) return null;
    if (current === undefined || !isAsExpected(lines, batch.expected))
      return { outcome: 'changed', batch: name, lines };
    if (lines.some((line) => line.state === 'posted')) return { outcome: 'changed', batch: name, lines };
    const isReplaced = this.files.outgoing.again === 'replaces' && batch.lines.length > 0;
    const why =
      batch.lines.length === 0
        ? 'an empty file takes nothing back'
        : 'a second file would be added to the first one';
    return isReplaced
      ? null
      : {
          outcome: 'not_open',
          reason: `batch ${name} was handed over: ${why}, so a clerk must take it back`,
        };
  }

  /** The first line of `out/HOLD` or `out/HOLD.payroll`. */
  private async whoHolds(): Promise<string | null> {
    const { folder } = this.drop;
    const text = await folder.call('erp.hold', async () => {
      await access(folder.path('out'), constants.W_OK);
      const [name] = (await readdir(folder.path('out'))).filter((one) =>
        ['HOLD', 'HOLD.payroll'].includes(one),
      );
      return name === undefined
        ? null
        : ((await unlessGone(readFile(folder.path('out', name), 'utf8'))) ?? null);
    });
    return text === null ? null : text.split('\n')[0]?.trim() || 'somebody';
  }

  private problems({ lines, expected }: PayBatchWrite, head: HandedCards | undefined): readonly CardMisfit[] {
    const own = expected === null ? undefined : head?.erpKey;
    const seen = new Set<string>();
    return lines.flatMap((line) => {
      const reason = this.problemOf(line, own, seen);
      seen.add(line.key);
      return reason === null ? [] : [{ key: line.key, reason }];
    });
  }

  private problemOf(line: PayLine, own: string | undefined, seen: ReadonlySet<string>): string | null {
    const { earnCodes, classes, departments, shifts } = this.files;
    const there = this.drop.state.timecards.holding(line.key)?.entry.erpKey;
    if (seen.has(line.key)) return 'the line is there twice';
    if (there !== undefined && there !== own)
      return `it was handed over already (${there}): written twice it would be paid twice`;
    if (!earnCodes.some(({ code }) => code === line.earnCode))
      return `there is no earn code ${line.earnCode}`;
    if (line.class !== null && !classes.some((one) => one.craft === line.craft && one.class === line.class))
      return `there is no craft and class ${line.craft ?? ''} ${line.class}`;
    if (line.department !== null && !departments.some(({ code }) => code === line.department))
      return `there is no department ${line.department}`;
    if (line.shift !== null && !shifts.includes(line.shift)) return `there is no shift ${line.shift}`;
    return isNegative(line.hours) && !this.can.negatives ? 'negative hours are not taken here' : null;
  }

  /** What is in the ledger will be handed over, whatever stands in its way now. */
  private async handOver(): Promise<void> {
    const { log } = this.drop;
    try {
      await log.refresh();
      await log.publish(NAME);
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      const reason = `the file is in the ledger, and is not handed over yet: ${error.message}`;
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason }, { cause: error });
    }
  }
}
