import type { FastifyRequest } from 'fastify';
import { DeskRefusal } from '../../desk/refusal';

const CHANGES_NOTHING: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * What another page has a browser send carries our cookie, but names another origin; it cannot be JSON without asking first. What changes nothing may come
 * from anywhere: a link in a message. Throws `DeskRefusal` `FOREIGN_ORIGIN`, `NOT_JSON`.
 */
export function assertSameOrigin({ method, headers }: FastifyRequest, url: string): void {
  if (CHANGES_NOTHING.includes(method)) return;
  const { origin, 'sec-fetch-site': site, 'content-type': type = '' } = headers;
  const isForeign = origin !== url || (site !== undefined && site !== 'same-origin');
  if (isForeign)
    throw new DeskRefusal(
      'FOREIGN_ORIGIN',
      `This did not come from the Desk at ${url}, but from ${origin === undefined || origin === url ? 'elsewhere' : origin}.`,
      `Open the Desk at ${url} (desk.url).`,
    );
  if (method !== 'DELETE' && !/^application\/json\s*(;|$)/i.test(type))
    throw new DeskRefusal('NOT_JSON', 'What changes something is sent as application/json.');
}

/** A path of ours to go on to after the login; anything else becomes the first page. */
export function pathWithin(given: unknown): string {
  const here = 'http://desk.invalid';
  if (typeof given !== 'string' || !given.startsWith('/') || !URL.canParse(given, here)) return '/';
  const { origin, pathname, search, hash } = new URL(given, here);
  // Of `/.//elsewhere` a path that begins with two slashes is left: another host.
  return origin === here && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
