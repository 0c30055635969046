import { isDeepStrictEqual } from 'node:util';
import type { KnownLine, PayLine } from '../../../domain/payroll/line';
import type { ErpAdapter } from '../adapter';
import type { Io } from '../definition';
import type { PayBatchResult, PayBatchWrite, PayrollCapability } from '../payroll';
import type { ConformanceKit } from './kit';
import { ensure, QuestionSkipped, withAdapter } from './kit';
import type { PayrollStage } from './payroll-stage';
import type { Tags } from './room';

type PayPeople = NonNullable<PayrollStage['people']>;
type WrittenBatch = Extract<PayBatchResult, { readonly outcome: 'written' | 'already_written' }>;

/** Payroll of one open adapter, for as long as one question is asked. */
export class PayrollRoom {
  private constructor(
    private readonly kit: ConformanceKit,
    private readonly tags: Tags,
    readonly adapter: ErpAdapter,
    readonly payroll: PayrollCapability,
  ) {}

  static use<T>(
    { kit, tags, io }: { readonly kit: ConformanceKit; readonly tags: Tags; readonly io?: Io },
    see: (room: PayrollRoom) => Promise<T>,
  ): Promise<T> {
    return withAdapter(kit, io === undefined ? {} : { io }, (adapter) => {
      if (adapter.payroll === undefined) throw new QuestionSkipped('this adapter keeps no payroll');
      return see(new PayrollRoom(kit, tags, adapter, adapter.payroll));
    });
  }

  /** The same room through an adapter of its own, whose calls go through this hook. */
  beside<T>(io: Io, see: (room: PayrollRoom) => Promise<T>): Promise<T> {
    return PayrollRoom.use({ kit: this.kit, tags: this.tags, io }, see);
  }

  get stage(): PayrollStage {
    if (this.kit.payroll === undefined) throw new QuestionSkipped('there are no sample lines');
    return this.kit.payroll;
  }

  get people(): PayPeople {
    const { people } = this.stage;
    if (people === undefined) throw new QuestionSkipped('nobody is here to play the payroll clerk');
    return people;
  }

  tag(): string {
    return this.tags.next();
  }

  /** A new batch of this many sample lines. */
  async batch(count = 2, more: Partial<PayBatchWrite> = {}): Promise<PayBatchWrite> {
    const tag = this.tag();
    return this.batchOf(await this.stage.lines(tag, count), more);
  }

  batchOf(lines: readonly PayLine[], more: Partial<PayBatchWrite> = {}): PayBatchWrite {
    generation += 1;
    return {
      operationKey: `conformance:pay_batch:${this.tag()}`,
      planHash: 'conformance',
      generation,
      period: this.stage.period,
      purpose: 'period',
      lines,
      expected: null,
      ...more,
    };
  }

  async written(batch: PayBatchWrite): Promise<WrittenBatch> {
    const result = await this.payroll.write(batch);
    ensure(isWritten(result), `it was answered ${sayResult(result)}`);
    return result;
  }

  /** Lines in the ERP that carry keys of this batch. */
  async there({ lines, period }: PayBatchWrite): Promise<readonly KnownLine[]> {
    const keys = new Set(lines.map(({ key }) => key));
    return (await this.payroll.lines(period)).filter(({ key }) => key !== null && keys.has(key));
  }
}

/** A test company is asked again and again: later generations are higher ones. */
let generation = Math.floor(Date.now() / 1000) % 1_000_000_000;

export const isWritten = (result: PayBatchResult): result is WrittenBatch =>
  result.outcome === 'written' || result.outcome === 'already_written';

export function sayResult(result: PayBatchResult): string {
  if (result.outcome === 'refused')
    return `refused: ${result.problems.map(({ key, reason }) => `${key}: ${reason}`).join(', ')}`;
  return result.outcome === 'not_open' ? `not open: ${result.reason}` : `${result.outcome} (${result.batch})`;
}

const SENT = [
  ...([
    'employee',
    'date',
    'job',
    'phase',
    'earnCode',
    'family',
    'craft',
    'class',
    'certified',
    'equipment',
  ] as const),
  'hours',
] as const;

/** What lines in the ERP say otherwise than they were sent; each line is there once. */
export function unlike(sent: readonly PayLine[], there: readonly KnownLine[]): readonly string[] {
  return sent.flatMap((line) => {
    const found = there.filter(({ key }) => key === line.key);
    const [only] = found;
    if (only === undefined || found.length > 1) return [`${line.key} is there ${found.length} times`];
    return SENT.flatMap((field) =>
      isDeepStrictEqual(only[field], line[field])
        ? []
        : [`${field} of ${line.key} is ${String(only[field])}, not ${String(line[field])}`],
    );
  });
}
