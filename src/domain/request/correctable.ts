import type { Intent } from './intent';

/** What must be known of a request to say whether values of it can be corrected. */
interface Correctable {
  readonly way: Intent['way'] | null;
  /** The one record that it is about; null: none or several. */
  readonly recordId: string | null;
}

/** Values can be corrected of one record that Procore sent to the ERP: nothing else in a request is ours to change. */
export const isCorrectable = ({ way, recordId }: Correctable): boolean =>
  way === 'export' && recordId !== null;
