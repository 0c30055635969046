import { wellFormed } from '../base/text';
import { requestNumber } from './id';
import type { ReadRequest } from './intent';

/** Long enough for the numbers of a big batch, short enough for a column. */
const MOST = 4000;

type Word = string | number | boolean | null | undefined;

/** What people search a request by: titles, numbers, names and ids of its records in lower case, a line each. `id`: of the request itself. */
export function searchTextOf(
  { eventName, intent, subject }: Pick<ReadRequest, 'eventName' | 'intent' | 'subject'>,
  id?: string,
): string {
  const words: Word[] = [subject, id === undefined ? null : requestNumber(id), eventName];
  switch (intent.way) {
    case 'export':
      for (const { label, procoreId, originId, fields, refs } of intent.records) {
        const { code, name, invoiceNumber, requisitionNumber } = fields;
        words.push(label, procoreId, originId, code, name, invoiceNumber, requisitionNumber);
        for (const ref of Object.values(refs)) words.push(ref?.label, ref?.originId, ref?.procoreId);
      }
      break;
    case 'release':
      for (const { label, procoreId, originId } of intent.items) words.push(label, procoreId, originId);
      break;
    case 'links':
      for (const { procoreId, originId, title } of intent.records) words.push(procoreId, originId, title);
      words.push(intent.label, intent.master?.originId, intent.master?.procoreId);
      break;
    case 'refresh':
      words.push(intent.label, intent.originId, intent.projectId, intent.subJobId);
      break;
    default:
      break;
  }
  return withWords(null, words);
}

/** The same with more words, as far as there is room; what is there already takes none. */
export function withWords(text: string | null, more: readonly Word[]): string {
  const lines = new Set(text === null ? [] : text.split('\n'));
  for (const word of more) {
    if (typeof word !== 'string' && typeof word !== 'number') continue;
    const line = wellFormed(String(word)).trim().toLowerCase().replace(/\s+/g, ' ');
    if (line !== '') lines.add(line);
  }
  return wellFormed([...lines].join('\n').slice(0, MOST));
}
