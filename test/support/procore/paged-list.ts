import type { Received, Reply } from './scripted-server';

export interface PagedListOptions {
  /** Rows per page at most, whatever is asked for. */
  readonly maxSize?: number;
  readonly link?: boolean;
  /** `Total` and `Per-Page`. */
  readonly totals?: boolean;
  readonly base: string;
}

/** Answers a list request as Procore does: the first two pages have no `prev`, the last one has no `next`. */
export function pageOf(
  rows: readonly unknown[],
  { query, path }: Received,
  options: PagedListOptions,
): Reply {
  const size = Math.min(Number(query.get('per_page') ?? 100), options.maxSize ?? 2_000);
  const number = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(rows.length / size));
  const link = (page: number, rel: string): string => {
    const target = new URLSearchParams(query);
    target.set('page', String(page));
    target.set('per_page', String(size));
    return `<${options.base}${path}?${target.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(1, 'first')] : []),
    ...(number > 2 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ];
  return {
    body: rows.slice((number - 1) * size, number * size),
    headers: {
      ...(options.link === false ? {} : { link: links.join(', ') }),
      ...(options.totals === false ? {} : { total: String(rows.length), 'per-page': String(size) }),
    },
  };
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
