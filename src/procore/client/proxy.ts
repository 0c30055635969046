import { getProxyForUrl } from 'proxy-from-env';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** The environment names a proxy by something that is no address. The message does not repeat it: it may hold a password. */
export class ProxyAddressError extends Error {
  override readonly name = 'ProxyAddressError';
}

/**
 * The proxy on the way to a URL, as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` of the process say, in upper or lower case; null: none.
 * This machine itself is never reached through one. Throws `ProxyAddressError`.
 */
export function proxyFor(url: string): URL | null {
  if (LOOPBACK.test(new URL(url).hostname)) return null;
  const address = getProxyForUrl(url);
  if (address === '') return null;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy !== null && /^https?:$/.test(proxy.protocol)) return proxy;
  throw new ProxyAddressError(
    'The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) is no address such as http://proxy.acme.example:3128',
  );
}

/** User and password in the address of a proxy; null: none. */
export function proxyCredentials({
  username,
  password,
}: URL): { readonly username: string; readonly password: string } | null {
  if (username === '') return null;
  return { username: decoded(username), password: decoded(password) };
}

/** A percent sign that nobody encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
