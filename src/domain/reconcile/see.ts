/** Procore answers so many ids in one call, and so many rows on a page of a list. */
const IDS_A_CALL = 100;
const ROWS_A_PAGE = 2_000;

/**
 * Whether it takes fewer calls to read a whole list than to ask for some of its records by their ids. `known`: how many records the list has, as far as
 * we know. A list ends with a page that may be empty, and inactive records have one of their own.
 */
export const isListShorter = (ids: number, known: number): boolean =>
  Math.ceil(known / ROWS_A_PAGE) + 2 < Math.ceil(ids / IDS_A_CALL);
