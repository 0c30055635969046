import { shorten, wellFormed } from '../base/text';
import type { ReadRequest } from './intent';
import { searchTextOf } from './search';

/** By what people find the workflow of a request in the Temporal Web UI. Small, because the server keeps it for every run. */
export interface Findable {
  /** Numbers and ids, each as it is written: `SC-2417-008`, `vendor|1|10442`, `10442`. */
  readonly numbers: readonly string[];
  /** Names, labels and numbers in one text; empty where names stay out of the server. */
  readonly text: string;
}

const MOST_NUMBERS = 20;
const LONGEST_NUMBER = 100;
/**
 * Bytes of a value as JSON. The server ends a run that sets one of more than 2 kB; the numbers of the ERP are added to those of the request.
 */
const MOST_OF_TEXT = 1_900;
const MOST_OF_NUMBERS = 900;

/** `named`: whether names of companies and documents may stand on the Temporal server in the clear. */
export function findableOf(read: ReadRequest, named: boolean): Findable {
  const text = named ? searchTextOf(read).replaceAll('\n', ' · ') : '';
  return { numbers: numbersIn(numbersOf(read)), text: wellFormed(beginning(text)) };
}

/** An `origin_id`, and the ERP's own number in it: the last part of `vendor|1|10442`. */
const known = (originId: string | null): readonly (string | null | undefined)[] => [
  originId,
  originId?.split('|').at(-1),
];

/** Numbers as they can be searched: each once, none too long, not too many. */
export function numbersIn(values: readonly (string | null | undefined)[]): readonly string[] {
  const numbers = new Set<string>();
  for (const value of values) {
    const number = shorten(wellFormed(value?.trim() ?? ''), LONGEST_NUMBER);
    const isFull = numbers.size === MOST_NUMBERS || sizeOf([...numbers, number]) > MOST_OF_NUMBERS;
    if (number !== '' && !isFull) numbers.add(number);
  }
  return [...numbers];
}

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** As much of a text as fits. */
function beginning(text: string): string {
  let shorter = text.slice(0, MOST_OF_TEXT);
  while (sizeOf(shorter) > MOST_OF_TEXT) shorter = shorter.slice(0, Math.floor(shorter.length * 0.9));
  return shorter;
}

function numbersOf({ intent }: ReadRequest): readonly (string | null | undefined)[] {
  switch (intent.way) {
    case 'export':
      return intent.records.flatMap(({ procoreId, originId, fields }) => [
        ...['code', 'invoiceNumber', 'requisitionNumber'].map((field) => textOr(fields[field])),
        ...known(originId),
        String(procoreId),
      ]);
    case 'release':
      return intent.items.flatMap(({ procoreId, originId }) => [...known(originId), String(procoreId)]);
    case 'links':
      return intent.records.flatMap(({ procoreId, originId }) => [
        ...known(originId),
        procoreId === null ? null : String(procoreId),
      ]);
    case 'refresh':
      return [...known(intent.originId), String(intent.subJobId ?? intent.projectId)];
    default:
      return [];
  }
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
