/** How our key stands in the memo of a line, where people see it: they may write behind it. */
const PREFIX = 'Tieback ';

export const memoOf = (key: string): string => `${PREFIX}${key}`;

/** Our key in a memo; null: it is none of ours. */
export const keyInMemo = (memo: string | null): string | null =>
  /^Tieback (\S+)/.exec(memo ?? '')?.[1] ?? null;

/** Keys stand in memos: no blank, and not longer than these take. */
export const isMemoKey = (key: string): boolean => /^\S{1,100}$/.test(key);
