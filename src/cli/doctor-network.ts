import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config, Environment, ProcoreAppConfig } from '../config/load';
import { extraCertificates } from '../config/load';
import { proxyFor } from '../procore/client/proxy';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok, skipped, warning } from './findings';
import { plural } from './format';
import type { Fault } from './reach';
import { portOf, wayIsFree } from './reach';

/** The ways out of this machine: proxies, certificates of a CA of one's own, and the hosts of Procore. */
export async function checkNetwork(
  { apps }: Pick<Config, 'apps'>,
  env: Environment | undefined,
): Promise<readonly Finding[]> {
  const trusted = extraCertificates(env);
  const hosts = await Promise.all(hostsOf(apps).map(({ url, key }) => checkWay(url, key, trusted)));
  return [...hosts, ...checkExtraCertificates(trusted)];
}

interface Host {
  readonly url: URL;
  readonly key: string;
}

/** Each host once, with the key that names it. */
function hostsOf(apps: readonly ProcoreAppConfig[]): readonly Host[] {
  const all = apps.flatMap(({ name, apiUrl, loginUrl }) => [
    { url: new URL(apiUrl), key: `procoreApps.${name}.apiUrl` },
    { url: new URL(loginUrl), key: `procoreApps.${name}.loginUrl` },
  ]);
  return all.filter(({ url }, index) => all.findIndex((other) => other.url.origin === url.origin) === index);
}

async function checkWay(target: URL, key: string, trusted: string | undefined): Promise<Finding> {
  const name = target.host;
  let proxy: URL | null;
  try {
    proxy = proxyFor(target.href);
  } catch (error) {
    return failed(name, reasonOf(error), 'Set HTTPS_PROXY to http://host:port, for the daemon and here.');
  }
  const through = proxy === null ? 'directly' : `through the proxy ${proxy.host}`;
  const fault = await wayIsFree({ target, proxy });
  if (fault === null) return ok(name, `${target.host} is reached ${through}`);
  return faultFinding(fault, { target, proxy, key, trusted });
}

interface Where {
  readonly target: URL;
  readonly proxy: URL | null;
  readonly key: string;
  /** What NODE_EXTRA_CA_CERTS names. */
  readonly trusted: string | undefined;
}

/** The environment of the daemon is that of its service. */
const BOTH = 'Set it for the daemon (systemd: `Environment=` or `EnvironmentFile=`) and for this command.';

function faultFinding(fault: Fault, { target, proxy, key, trusted }: Where): Finding {
  const name = target.host;
  const host = `${target.hostname}:${portOf(target)}`;
  switch (fault.at) {
    case 'server':
      return failed(
        name,
        `cannot be reached ${proxy === null ? 'directly' : `behind the proxy ${proxy.host}`}: ${fault.reason}`,
        /^(ENOTFOUND|EAI_AGAIN)$/.test(fault.code)
          ? `No name server knows it. Check ${key} and DNS; where the way out is a proxy, set HTTPS_PROXY=http://host:port. ${BOTH}`
          : `Let this machine reach ${host} in the firewall; where the way out is a proxy, set HTTPS_PROXY=http://host:port. ${BOTH}`,
      );
    case 'proxy':
      // Without a scheme an address is read as that of the URL.
      if (proxy?.protocol === 'https:' && /^(EPROTO|ERR_SSL)/.test(fault.code))
        return failed(
          name,
          `the proxy ${proxy.host} does not speak TLS itself: ${fault.reason.split('\n')[0] ?? ''}`,
          `Set HTTPS_PROXY=http://${proxy.host}, with http:// in front. ${BOTH}`,
        );
      return failed(
        name,
        `the proxy ${proxy?.host ?? ''} on the way cannot be reached: ${fault.reason}`,
        `Check HTTPS_PROXY. Where there is a way without it, take it out, or add NO_PROXY=${target.hostname}. ${BOTH}`,
      );
    case 'tunnel':
      return tunnelFinding(name, host, fault, proxy);
    case 'certificate':
      return certificateFinding(name, fault, { key, trusted });
  }
}

function tunnelFinding(
  name: string,
  host: string,
  { status, wants }: Extract<Fault, { at: 'tunnel' }>,
  proxy: URL | null,
): Finding {
  const address = proxy?.host ?? '';
  if (status !== 407)
    return failed(
      name,
      `the proxy ${address} refuses the way (${status})`,
      `Ask those who run the proxy to let this machine through to ${host}.`,
    );
  const offered = wants.length === 0 ? '' : `; it offers ${wants.join(', ')}`;
  const detail =
    proxy?.username === ''
      ? `the proxy ${address} wants to know who asks (407)${offered}`
      : `the proxy ${address} does not accept the user and password of HTTPS_PROXY (407)${offered}`;
  const canSignIn = wants.length === 0 || wants.some((scheme) => scheme.toLowerCase() === 'basic');
  return failed(
    name,
    detail,
    canSignIn
      ? `Set HTTPS_PROXY=http://user:password@${address}, special characters percent-encoded, in a file that only the service reads. ${BOTH}`
      : `Tieback can sign in with user and password (Basic) alone: ask those who run the proxy for that, or to let this machine through to ${host} by its address.`,
  );
}

const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

function certificateFinding(
  name: string,
  { code, issuer, names, validTo }: Extract<Fault, { at: 'certificate' }>,
  { key, trusted }: Pick<Where, 'key' | 'trusted'>,
): Finding {
  if (UNTRUSTED.test(code)) {
    const detail = `its certificate is of "${issuer}", whom this machine does not trust (${code}): something on the way may read TLS`;
    const pem = `Ask those who run the network for the certificate of their CA as PEM`;
    return failed(
      name,
      detail,
      trusted === undefined
        ? `${pem}, and set NODE_EXTRA_CA_CERTS=/path/to/ca.pem. ${BOTH}`
        : `${pem}: ${trusted} (NODE_EXTRA_CA_CERTS) does not hold it. Add it there, and restart the daemon.`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return failed(
      name,
      `its certificate is ${code === 'CERT_HAS_EXPIRED' ? `valid until ${validTo} only` : 'not valid yet'} (${code}); it is of "${issuer}"`,
      'Check the clock of this machine (`timedatectl`). If it is right, those who run the server, or the proxy on the way, have to renew it.',
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return failed(
      name,
      `its certificate is for ${names || 'nobody'}, not for this name (${code})`,
      `Check ${key}, and what the name leads to in DNS: another server answers.`,
    );
  return failed(name, `its certificate is not good: ${code}; it is of "${issuer}"`, `Check ${key}.`);
}

/** Node itself warns at most, and goes on without what it cannot read. */
function checkExtraCertificates(file: string | undefined): readonly Finding[] {
  const name = 'NODE_EXTRA_CA_CERTS';
  if (file === undefined) return [skipped(name, 'not set: the CAs that come with Node are trusted')];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return [
      failed(
        name,
        `${file} cannot be read: ${reasonOf(error)}; Node goes on without it`,
        'Name a file that the service may read, or take the variable out.',
      ),
    ];
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...rest] = found.map((pem) => new X509Certificate(pem));
    if (first === undefined) throw new Error('it holds no "BEGIN CERTIFICATE"');
    const all = [first, ...rest];
    // Bundles of all the world's CAs always hold some that ended.
    if (all.every(({ validTo }) => Date.parse(validTo) < Date.now()))
      return [
        warning(
          name,
          `what ${file} holds has ended: ${all.map((one) => `${nameOf(one)} (${one.validTo})`).join(', ')}`,
          'Put the certificate of the CA that followed in its place.',
        ),
      ];
    return [
      ok(
        name,
        `${plural(found.length, 'certificate')} in ${file}: ${nameOf(first)}${rest.length > 0 ? ', ...' : ''}`,
      ),
    ];
  } catch (error) {
    return [
      failed(
        name,
        `${file} is no file of certificates in PEM: ${reasonOf(error)}; Node goes on without it`,
        `Convert it: \`openssl x509 -inform der -in ${file} -out ca.pem\`, and name that file.`,
      ),
    ];
  }
}

const nameOf = ({ subject }: X509Certificate): string => /(?:^|\n)CN=(.*)/.exec(subject)?.[1] ?? subject;
