/**
 * What SQL Server and its driver mean by an error: one table, for our store and for the ERPs that live there. Numbers are those of
 * `sys.messages` (Microsoft, "Database Engine events and errors"); codes those of the driver.
 */

/** How an error is met. */
export type SqlServerClass =
  /** The server undid the whole transaction, or could not begin it: it may go through in a moment. */
  | 'undone'
  /** The server cannot be worked with right now: away, starting, full. Nothing was written. */
  | 'unreachable'
  /** A rule of the database says no to these values. */
  | 'refused'
  /** Set up wrongly, and the same tomorrow. */
  | 'config';

/** An error in our words. */
export interface SqlServerTrouble {
  readonly class: SqlServerClass;
  /** For people; what the server or a trigger of it said is in it, word for word. */
  readonly says: string;
  /** Number of the error that matters; null: it came from the driver. */
  readonly number: number | null;
}

type Row = readonly [numbers: readonly number[], of: SqlServerClass, sentence: string];

/** `{words}`: what the server said. */
const NUMBERS: readonly Row[] = [
  [[1205], 'undone', 'the server chose this transaction to resolve a deadlock'],
  [[1222], 'undone', 'somebody else held a lock for too long'],
  [[3960, 3961, 3952], 'undone', 'the rows were changed by somebody else meanwhile'],
  [[41302, 41305, 41325, 41301], 'undone', 'the rows were changed by somebody else meanwhile'],
  [[10928, 10929, 49918, 49919, 49920], 'undone', 'the server has too much to do: {words}'],
  [[701, 8645, 8651, 8628], 'undone', 'the server has no memory left for this: {words}'],
  [[2601, 2627], 'refused', 'there is one with this key already: {words}'],
  [[8152, 2628], 'refused', 'a value is too long for its column: {words}'],
  [[547], 'refused', 'it does not go with other records: {words}'],
  [[515], 'refused', 'a value is missing: {words}'],
  [[245, 8114, 241, 242, 295, 8169, 9420], 'refused', 'a value is of another type than its column: {words}'],
  [[220, 232, 8115], 'refused', 'a number is too large for its column: {words}'],
  [[512, 8134, 3701], 'refused', '{words}'],
  [[229, 230, 262, 300, 297, 916, 15151, 15247], 'config', 'the login lacks a right: {words}'],
  [
    [18456, 18452, 18470, 18486, 18487, 18488, 4064, 4060, 4062, 40532],
    'config',
    'the server does not let us in: {words}',
  ],
  [
    [207, 208, 2812, 201, 8144, 8145, 4902, 4121, 11501],
    'config',
    'the database is not as the adapter expects it: {words}',
  ],
  [
    [102, 156, 319, 137, 195, 2715, 448, 468, 8003, 414],
    'config',
    'the server does not take the statement: {words}',
  ],
  [[3906, 3908, 978], 'config', 'the database is read-only: {words}'],
  [[924, 925, 5064], 'unreachable', 'the database is in single-user mode, and somebody else is in it'],
  [
    [921, 922, 927, 942, 945, 946, 976, 983, 988],
    'unreachable',
    'the database is being restored, recovered or moved: {words}',
  ],
  [[9002], 'unreachable', 'the log of the database is full: {words}'],
  [
    [1101, 1105, 3257, 9001, 823, 824, 825],
    'unreachable',
    'the disk of the database is full or damaged: {words}',
  ],
  [
    [6005, 596, 17142, 17197, 40613, 40197, 40501, 40540, 40143, 64, 233, 10053, 10054, 10060],
    'unreachable',
    'the server closed the connection: {words}',
  ],
  [[17809, 17810, 10935], 'unreachable', 'the server takes no more connections: {words}'],
];

const BY_NUMBER = new Map(
  NUMBERS.flatMap(([numbers, of, sentence]) => numbers.map((number) => [number, [of, sentence]] as const)),
);

/** A trigger, or a procedure, rolled the transaction back: what it said came before. */
const ROLLED_BACK = new Set([3609, 3616, 3998, 3930, 266, 3902, 3903]);

/** The driver has heard that the server undid the transaction. */
const ABORTED = 'EABORT';

/** Codes of the driver and of the operating system that mean that the connection is not there, or not there any more. */
const CONNECTION = new Set([
  // Of a request, without a number: the server did not say it; the answer broke off.
  'EREQUEST',
  'ECLOSE',
  'EINVALIDSTATE',
  'ENETUNREACH',
  'ESOCKET',
  'ECONNCLOSED',
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTOPEN',
  'ETIMEOUT',
  'ETIMEDOUT',
  'EINSTLOOKUP',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EPIPE',
  'ENOCONN',
  'ECANCEL',
  'EAI_AGAIN',
]);

const DRIVER_CONFIG = new Set(['ELOGIN', 'EFEDAUTH', 'EDRIVER', 'ECLEARTEXT', 'ECAFILE', 'EENCRYPT', 'ETDS']);

/** Codes of Node and OpenSSL for a certificate that does not hold. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|ERR_TLS_CERT)/;

interface DriverError {
  readonly code?: unknown;
  readonly number?: unknown;
  readonly message?: unknown;
  readonly precedingErrors?: unknown;
  readonly originalError?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly name?: unknown;
  readonly class?: unknown;
}

/** What an error means; null where neither server nor driver made it. */
export function sqlServerTrouble(error: unknown): SqlServerTrouble | null {
  const all = [...precedingOf(error), error].map(partsOf).filter((part) => part !== null);
  const said = all.filter(({ number }) => number !== null && !ROLLED_BACK.has(number));
  // What a trigger or a rule says comes first; that the transaction is gone is only what follows from it.
  const telling = said.find(({ number }) => number !== null && number >= 50_000) ?? said[0];
  if (telling !== undefined)
    return byNumber(
      telling,
      said.map(({ words }) => words),
    );
  const last = all.at(-1);
  if (last === undefined) return null;
  const { codes, words, number } = last;
  if (number !== null || codes.includes(ABORTED)) return { class: 'undone', says: words, number };
  if (codes.some((code) => CERTIFICATE.test(code)))
    return {
      class: 'config',
      says: `the certificate of the server cannot be verified: ${words}; name its authority in caFile, or the name it was given in hostNameInCertificate`,
      number,
    };
  if (codes.some((code) => DRIVER_CONFIG.has(code))) return { class: 'config', says: words, number };
  return codes.some((code) => CONNECTION.has(code)) ? { class: 'unreachable', says: words, number } : null;
}

/** Whether that error, of a commit, leaves no doubt: the server itself says that nothing of the transaction is left. */
export function isSurelyUndone(error: unknown): boolean {
  const trouble = sqlServerTrouble(error);
  if (trouble === null || trouble.class === 'unreachable') return false;
  return trouble.number === null
    ? partsOf(error)?.codes.includes(ABORTED) === true
    : trouble.number >= 50_000 || BY_NUMBER.has(trouble.number) || ROLLED_BACK.has(trouble.number);
}

function byNumber({ number, words, severity }: Part, all: readonly string[]): SqlServerTrouble {
  const said = [...new Set(all)].join(' ');
  const known = BY_NUMBER.get(number ?? 0);
  if (known !== undefined) {
    const [of, sentence] = known;
    return { class: of, says: sentence.replace('{words}', () => words), number };
  }
  // Raised by a trigger or a procedure: its own words are for a person.
  if ((number ?? 0) >= 50_000) return { class: 'refused', says: said, number };
  // From 20 on the server closes the connection; from 17 on it lacks something.
  if (severity !== null && severity >= 17) return { class: 'unreachable', says: said, number };
  return { class: 'config', says: said, number };
}

interface Part {
  readonly number: number | null;
  /** Of the error and of what is behind it. */
  readonly codes: readonly string[];
  readonly severity: number | null;
  readonly words: string;
}

/** The pool had no connection to lend: its error has a name, and no code. */
const NO_CONNECTION_LEFT = 'TimeoutError';

function partsOf(error: unknown): Part | null {
  if (typeof error !== 'object' || error === null) return null;
  const { number, code, message, originalError, cause, errors, name, class: severity } = error as DriverError;
  const behind = [originalError, cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]
    .map(partsOf)
    .filter((part) => part !== null);
  const words = wordsOf(message);
  const part: Part = {
    number: typeof number === 'number' ? number : (behind.find((one) => one.number !== null)?.number ?? null),
    codes: [
      ...(typeof code === 'string' ? [code] : []),
      ...(name === NO_CONNECTION_LEFT || error.constructor.name === NO_CONNECTION_LEFT ? ['ETIMEOUT'] : []),
      ...behind.flatMap((one) => one.codes),
    ],
    severity: typeof severity === 'number' ? severity : (behind[0]?.severity ?? null),
    words: words === '' ? (behind[0]?.words ?? 'no message') : words,
  };
  return part.number === null && part.codes.length === 0 ? null : part;
}

/** The server shows the beginning of a value that is too long: whose it is, nobody knows. */
const wordsOf = (message: unknown): string =>
  typeof message === 'string' ? message.replace(/\s*Truncated value: '[\s\S]*$/, '').trim() : '';

function precedingOf(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null) return [];
  const { precedingErrors } = error as DriverError;
  return Array.isArray(precedingErrors) ? precedingErrors : [];
}
