import { BlockList, isIP } from 'node:net';
import type { TemporalProxy } from '../temporal/connect';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy on the way to a gRPC server, by the rules of the gRPC library for Node: `grpc_proxy`, `https_proxy` and `http_proxy`, and
 * `no_grpc_proxy` and `no_proxy` for the way without one, all in lower case. Temporal's client follows them by itself; its workers, which
 * bring a library of their own, are told. Null: none.
 */
export function grpcProxy(address: string, env: Environment): TemporalProxy | null {
  const named = env['grpc_proxy'] || env['https_proxy'] || env['http_proxy'] || '';
  if (!URL.canParse(named)) return null;
  const { protocol, hostname, port, username, password } = new URL(named);
  if (protocol !== 'http:') return null;
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const exceptions = (env['no_grpc_proxy'] || env['no_proxy'] || '').split(',');
  if (exceptions.some((exception) => exception !== '' && isException(host, exception.trim()))) return null;
  const basicAuth = { username: decoded(username), password: decoded(password) };
  return {
    type: 'http-connect',
    targetHost: `${hostname}:${port || '80'}`,
    ...(username === '' ? {} : { basicAuth }),
  };
}

/** A percent sign that nobody encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The end of a name, or a network such as `10.0.0.0/8`. */
function isException(host: string, exception: string): boolean {
  if (host.endsWith(exception)) return true;
  const [network = '', bits] = exception.split('/');
  if (isIP(host) !== 4 || isIP(network) !== 4 || !/^([12]?\d|3[0-2])$/.test(bits ?? '')) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  return list.check(host, 'ipv4');
}
