import type { PAY_WARNINGS } from '../base/warning';
import type { ProcoreId } from '../kinds/record';

/** Codes of what a plan of a period warns of. */
export type PayWarningCode = keyof typeof PAY_WARNINGS;

export interface PayWarning {
  readonly code: PayWarningCode;
  /** One sentence for people. */
  readonly text: string;
  /** The entries that it is about, ascending. */
  readonly entries: readonly ProcoreId[];
}

export const payWarning = (
  code: PayWarningCode,
  text: string,
  entries: readonly ProcoreId[] = [],
): PayWarning => ({ code, text, entries: [...entries].sort((one, two) => one - two) });
