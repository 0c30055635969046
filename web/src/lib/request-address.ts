import type { RequestAddress } from './queries';

/** Where the page of a request is: its id is a source and a name. */
export function addressOf({
  connectionId,
  id,
}: {
  readonly connectionId: string;
  readonly id: string;
}): RequestAddress {
  const at = id.indexOf('/');
  return { connection: connectionId, source: id.slice(0, at), name: id.slice(at + 1) };
}
