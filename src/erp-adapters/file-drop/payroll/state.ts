import type { KnownLine, PayLine } from '../../../domain/payroll/line';
import { periodName } from '../../../domain/payroll/period';
import type { PayBatchWrite } from '../../contract/payroll';
import type { LogEntry } from '../log';
import type { CardAnswer, HandedCards } from './entries';

/** A batch as it was handed over last. */
export interface CardBatch {
  readonly entry: HandedCards & { readonly sequence: number };
  readonly answers: ReadonlyMap<string, CardAnswer>;
}

/** What the log comes to of timecards. A file that was handed over again begins without answers: all of it is imported anew. */
export class CardState {
  private readonly byName = new Map<string, CardBatch>();
  private readonly byOperation = new Map<string, HandedCards>();
  private readonly bySequence = new Map<number, CardBatch['entry']>();

  apply(entry: LogEntry): void {
    if (entry.type === 'timecards') {
      this.byName.set(entry.erpKey, { entry, answers: new Map() });
      this.byOperation.set(entry.operationKey, entry);
      this.bySequence.set(entry.sequence, entry);
    } else if (entry.type === 'timecard_answers') for (const answer of entry.answers) this.hear(answer);
  }

  clear(): void {
    for (const map of [this.byName, this.byOperation, this.bySequence]) map.clear();
  }

  batch(name: string): CardBatch | undefined {
    return this.byName.get(name);
  }

  operation(connection: string, operationKey: string): HandedCards | undefined {
    const entry = this.byOperation.get(operationKey);
    return entry?.connection === connection ? entry : undefined;
  }

  /** What was handed over for a record, newest last. */
  ofRecord(connection: string, recordId: string): readonly HandedCards[] {
    return [...this.bySequence.values()].filter(
      (entry) => entry.connection === connection && entry.recordId === recordId,
    );
  }

  /** The file with this number. */
  document(sequence: number): CardBatch['entry'] | undefined {
    return this.bySequence.get(sequence);
  }

  /** The batch that holds a line with this key now. */
  holding(key: string): CardBatch | undefined {
    return [...this.byName.values()].find(({ entry }) => entry.lines.some((line) => line.key === key));
  }

  linesOf({ entry, answers }: CardBatch): readonly KnownLine[] {
    return entry.lines.map((line) => knownLine(line, entry.erpKey, answers.get(line.key)));
  }

  lines(period: PayBatchWrite['period']): readonly KnownLine[] {
    return [...this.byName.values()].flatMap((batch) =>
      periodName(batch.entry.period) === periodName(period) ? this.linesOf(batch) : [],
    );
  }

  /** An answer to a file that was replaced since says nothing of the new one. */
  private hear(answer: CardAnswer): void {
    const name = this.bySequence.get(answer.document)?.erpKey ?? '';
    const batch = this.byName.get(name);
    if (batch?.entry.sequence !== answer.document) return;
    this.byName.set(name, { ...batch, answers: new Map(batch.answers).set(answer.key, answer) });
  }
}

const knownLine = (line: PayLine, batch: string, answer: CardAnswer | undefined): KnownLine => ({
  id: `${batch}#${line.key}`,
  key: line.key,
  employee: line.employee,
  date: line.date,
  job: line.job,
  phase: line.phase,
  earnCode: line.earnCode,
  family: line.family,
  craft: line.craft,
  class: line.class,
  shift: line.shift,
  department: line.department,
  certified: line.certified,
  equipment: line.equipment,
  hours: line.hours,
  state: answer?.verdict ?? 'batch',
  madeFrom: null,
  problems: answer?.verdict === 'rejected' ? [answer.words ?? ''] : [],
  batch,
});
