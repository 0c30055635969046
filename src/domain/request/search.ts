import { wellFormed } from '../base/text';
import type { ReadRequest } from './intent';

/** Long enough for the numbers of a big batch, short enough for a column. */
const MOST = 4000;

/** What people search a request by: titles, numbers, names and origin_ids of its records in lower case, a line each. */
export function searchTextOf({ intent, subject }: ReadRequest): string {
  const words = new Set<string>([subject]);
  const add = (...values: readonly (string | boolean | null | undefined)[]): void => {
    for (const value of values) if (typeof value === 'string' && value.trim() !== '') words.add(value.trim());
  };
  switch (intent.way) {
    case 'export':
      for (const { label, originId, fields, refs } of intent.records) {
        add(
          label,
          originId,
          fields['code'],
          fields['name'],
          fields['invoiceNumber'],
          fields['requisitionNumber'],
        );
        for (const ref of Object.values(refs)) add(ref?.label, ref?.originId);
      }
      break;
    case 'release':
      for (const { label, originId } of intent.items) add(label, originId);
      break;
    case 'links':
      for (const { originId, title } of intent.records) add(originId, title);
      add(intent.label, intent.master?.originId);
      break;
    case 'refresh':
      add(intent.label, intent.originId);
      break;
    default:
      break;
  }
  return wellFormed([...words].join('\n').toLowerCase().slice(0, MOST));
}
