import { createHash } from 'node:crypto';

/** Ids that we make for records whose number the ERP gives out: `TB-17`. */
const OURS = /^TB-\d+$/;

const encoded = (part: string): string => {
  const plain = encodeURIComponent(part).replace(/~/g, '%7E');
  return OURS.test(plain) ? `%54${plain.slice(1)}` : plain;
};

/** Key of a record that is known by its number. */
export const keyOfNumber = (company: string, number: readonly string[]): string =>
  `${company}|${number.map(encoded).join('~')}`;

/** Key of a record that we handed over before it had a number: for life. */
export const keyOfOurs = (company: string, sequence: number): string => `${company}|TB-${sequence}`;

/** Key of a line: the record, the kind of line and its number. */
export const keyOfLine = (recordKey: string, kind: string, number: string): string =>
  `${recordKey}~${kind}~${encoded(number)}`;

/** The part of a key after the company, as files carry it. */
export const idOf = (key: string): string => key.slice(key.indexOf('|') + 1);

/** What a document is called by in files: 16 hexadecimal digits of its operation key. */
export const referenceOf = (operationKey: string): string => sha256(operationKey).slice(0, 16);

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
