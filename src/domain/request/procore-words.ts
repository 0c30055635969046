import type { ErrorClass, ErrorCode, ErrorShape } from '../base/errors';
import { shorten } from '../base/text';
import type { Intent } from './intent';

/** What becomes of our own machinery is for accounting and IT, who read it in Tieback. */
const OF_CLASS: Readonly<Partial<Record<ErrorClass, string>>> = {
  transient: 'The ERP could not be reached.',
  unknown_outcome: 'The ERP could not be reached.',
  config: 'The connection between Procore and the ERP has to be set right first.',
  policy: 'Accounting has to settle this first.',
};

/** The same where Procore itself was away. */
const OF_PROCORE: typeof OF_CLASS = {
  ...OF_CLASS,
  transient: 'Procore did not answer the ERP integration for a while.',
  unknown_outcome: 'Procore did not answer the ERP integration for a while.',
};

const OF_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  ERP_RECORD_TAKEN: 'The ERP already has this record from another request.',
  STORE_UNFIT: 'A name or number in this record is too long, or ends with a blank.',
};

/** What people in Procore read of an error: what is wrong with the record, never how Tieback is operated. */
export const inProcore = ({ code, class: cause, message }: ErrorShape): string =>
  OF_CODE[code] ?? (code.startsWith('PROCORE_') ? OF_PROCORE[cause] : OF_CLASS[cause]) ?? message;

/** What the reader can do, by what the request is about. */
const WHAT_TO_DO: Readonly<Record<Intent['way'], string>> = {
  export: 'Correct the record and send it again, or ask accounting.',
  sync: 'Ask accounting to correct this in the ERP, then refresh again.',
  reconcile: 'Ask accounting.',
  payroll: 'Ask payroll.',
  release: 'Ask accounting, then try again.',
  refresh: 'Procore asks again by itself; if it lasts, ask accounting.',
  links: 'Ask accounting.',
  metadata: 'Ask accounting.',
  malformed: 'Send it again; if that does not help, ask accounting.',
  unsupported: 'Ask accounting to enter the record in the ERP by hand.',
};

/** Procore shows messages in a narrow column, in red. */
const LONGEST = 250;
const MOST = 20;

/** The messages of a detail that is closed as failed: what is wrong, bounded, and what the reader can do about it. */
export const failureInProcore = (way: Intent['way'], sentences: readonly string[]): readonly string[] => [
  ...bounded(sentences).map((sentence) => shorten(sentence, LONGEST)),
  WHAT_TO_DO[way],
];

/** A single sentence too many takes the place of its count; so what was bounded before stays as it is. */
const bounded = (sentences: readonly string[]): readonly string[] =>
  sentences.length <= MOST + 1
    ? sentences
    : [...sentences.slice(0, MOST), `... and ${sentences.length - MOST} more.`];
