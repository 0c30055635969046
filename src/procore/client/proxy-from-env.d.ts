declare module 'proxy-from-env' {
  /** Address of the proxy that the environment (`*_PROXY`, `NO_PROXY`) wants for this URL; empty: none. */
  export function getProxyForUrl(url: string): string;
}
