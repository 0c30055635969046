import { ok, type Call, type Reply } from './http-kit';

interface PageRules {
  defaultSize: number;
  maxSize: number;
}

const V1: PageRules = { defaultSize: 100, maxSize: 2000 };
const V2: PageRules = { defaultSize: 10, maxSize: 100 };

function page<T>(items: T[], call: Call, rules: PageRules): { items: T[]; headers: Record<string, string> } {
  const wanted = call.query.int('per_page') ?? rules.defaultSize;
  const size = Math.min(rules.maxSize, wanted >= 1 ? wanted : rules.defaultSize);
  const number = Math.max(1, call.query.int('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (target: number, rel: string): string => {
    const url = new URL(call.url);
    url.searchParams.set('page', String(target));
    url.searchParams.set('per_page', String(size));
    return `<${url.toString()}>; rel="${rel}"`;
  };
  // As observed: the second page has no prev, the last page no next.
  const links: string[] = [];
  if (number > 1) links.push(link(1, 'first'));
  if (number > 2) links.push(link(number - 1, 'prev'));
  if (number < last) links.push(link(number + 1, 'next'));
  if (number < last || last === 1) links.push(link(last, 'last'));
  return {
    items: items.slice((number - 1) * size, number * size),
    headers: { link: links.join(', '), total: String(items.length), 'per-page': String(size) },
  };
}

/** Procore guide "Pagination": bare array and the headers Link, Total and Per-Page. */
export function paginate<T>(items: T[], call: Call, view: (item: T) => unknown): Reply {
  const result = page(items, call, V1);
  return { ...ok(result.items.map(view)), headers: result.headers };
}

/** The same for v2 endpoints: smaller pages, `data` envelope. */
export function paginateV2<T>(items: T[], call: Call, view: (item: T) => unknown): Reply {
  const result = page(items, call, V2);
  return { ...ok({ data: result.items.map(view) }), headers: result.headers };
}
