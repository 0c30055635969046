/** What a schema has against a value, as the schema library tells it. */
export interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

/** One problem with a file that people write: where, and in a sentence what is wrong. */
export interface IssueWords {
  readonly path: readonly (string | number)[];
  readonly words: string;
}

/** An issue in words for people: an unknown key is a problem at that key, and what is not there is called missing. `root` is what was looked at. */
export function issueWords({ code, path, message, keys }: Issue, root: unknown): readonly IssueWords[] {
  const place = path.filter((part) => typeof part !== 'symbol');
  if (code === 'unrecognized_keys' && keys !== undefined)
    return keys.map((key) => ({
      path: [...place, key],
      words: 'there is no such key here; check the spelling',
    }));
  const [, expected, received] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (isMissing(root, place))
    return [{ path: place, words: `it is missing${expected === undefined ? `: ${message}` : ''}` }];
  const words =
    expected === undefined || received === undefined
      ? message
      : `${nameOf(expected)} is expected, not ${nameOf(received)}`;
  return [{ path: place, words }];
}

/** `sqlServer.host: it is missing`; without a place, `whole` names it. */
export const issueLines = (issues: readonly Issue[], root: unknown, whole: string): readonly string[] =>
  issues.flatMap((issue) =>
    issueWords(issue, root).map(({ path, words }) => `${path.join('.') || whole}: ${words}`),
  );

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
  null: 'nothing',
};

const nameOf = (type: string): string => NAMES[type] ?? type;

/** There is a section for it, and it is not in there. */
const isMissing = (root: unknown, path: readonly (string | number)[]): boolean => {
  const section = valueAt(root, path.slice(0, -1));
  return (
    path.length > 0 && typeof section === 'object' && section !== null && valueAt(root, path) === undefined
  );
};

const valueAt = (root: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    root,
  );
