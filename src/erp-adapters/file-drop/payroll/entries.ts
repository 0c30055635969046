import type { PayLine } from '../../../domain/payroll/line';
import type { LedgerEntry } from '../../contract/adapter';
import type { PayBatchWrite } from '../../contract/payroll';

/** A file of timecards that was handed over: all lines of a batch, and its bytes as text. */
export interface HandedCards extends LedgerEntry<'pay_batch'> {
  readonly type: 'timecards';
  readonly connection: string;
  readonly period: PayBatchWrite['period'];
  readonly lines: readonly PayLine[];
  readonly file: string;
  readonly sha256: string;
  readonly content: string;
}

export const CARD_VERDICTS = ['accepted', 'rejected', 'posted'] as const;

/** What the ERP said of one line. */
export interface CardAnswer {
  /** Sequence number of the file that it answers for. */
  readonly document: number;
  readonly key: string;
  readonly verdict: (typeof CARD_VERDICTS)[number];
  readonly words: string | null;
}

/** A file of such answers. */
export interface CardsAnswered {
  readonly type: 'timecard_answers';
  readonly file: string;
  readonly sha256: string;
  readonly readAt: string;
  readonly answers: readonly CardAnswer[];
}
