import type { ListQuery, Stage } from './types';
import { STAGES } from './types';

/** The list as the address has it: everything is text, and what is not there is not asked. */
export type Search = Readonly<Record<string, string>>;

export const stageIn = ({ stage }: Search): Stage => STAGES.find((one) => one === stage) ?? 'needs_me';

/** What narrows the list, whichever stage is shown. */
export const FILTERS = [
  'q',
  'kind',
  'project',
  'vendor',
  'connection',
  'warnings',
  'mine',
  'held',
  'olderThanHours',
  'amountFrom',
  'amountTo',
] as const;
export type FilterName = (typeof FILTERS)[number];

const SORTS = ['age', 'amount', 'vendor', 'number'] as const;
export type Sort = (typeof SORTS)[number];

export const sortIn = ({ sort }: Search): Sort => SORTS.find((one) => one === sort) ?? 'age';
/** Of what is done, the newest comes first; of everything else what waits longest. */
export const isDescending = (search: Search): boolean =>
  search['direction'] === undefined ? stageIn(search) === 'done' : search['direction'] === 'desc';

/** The filters as the API takes them. */
export function filterQuery(
  search: Search,
): Omit<ListQuery, 'stage' | 'sort' | 'direction' | 'cursor' | 'take'> {
  const given = FILTERS.flatMap((name) => {
    const text = search[name]?.trim() ?? '';
    return text === '' ? [] : [[name, name === 'kind' || name === 'connection' ? text.split(',') : text]];
  });
  return Object.fromEntries(given) as ReturnType<typeof filterQuery>;
}

export const isFiltered = (search: Search): boolean => Object.keys(filterQuery(search)).length > 0;
