import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { Secret } from '../domain/base/secret';

/** What to write where a secret is expected. */
export const SECRET_WANTED =
  'a secret is never written into the file: `{ env: NAME }` or `{ file: path }`, whose content it is';

const text = (what: string) => z.string({ error: what }).trim().min(1, what);

/** Who we are to the server. What a secret looks like differs: a source in the configuration file, the secret itself in settings that were read. */
const loginSchema = <S extends z.ZodType>(secret: S) => {
  const user = text('the name of the login');
  const clientId = text('the client id of the registration, a GUID');
  return z.discriminatedUnion(
    'type',
    [
      /** A login of the server itself. */
      z.strictObject({ type: z.literal('sql'), user, password: secret }),
      /** An account of a Windows domain (NTLM). */
      z.strictObject({
        type: z.literal('windows'),
        domain: text('the name of the Windows domain, such as ACME'),
        user,
        password: secret,
      }),
      /** An account of Microsoft Entra without a second factor. */
      z.strictObject({
        type: z.literal('entra-password'),
        user,
        password: secret,
        clientId,
        tenantId: text('the tenant id, a GUID or a domain').optional(),
      }),
      /** A registered application of Microsoft Entra. */
      z.strictObject({
        type: z.literal('entra-service-principal'),
        tenantId: text('the tenant id, a GUID or a domain'),
        clientId,
        clientSecret: secret,
      }),
      /** The managed identity of the machine. */
      z.strictObject({ type: z.literal('entra-managed-identity'), clientId: clientId.optional() }),
      /** Whatever Microsoft's library finds: environment, workload identity, managed identity, Azure CLI. */
      z.strictObject({ type: z.literal('entra-default'), clientId: clientId.optional() }),
    ],
    {
      error:
        'one of `sql`, `windows`, `entra-password`, `entra-service-principal`, `entra-managed-identity`, `entra-default`',
    },
  );
};

const seconds = (most: number) => z.int().min(1).max(most);

/** The keys with which a database on a SQL Server is reached. */
export const sqlServerShape = <S extends z.ZodType>(secret: S) => ({
  /** Name or address of the server, or of the listener of its availability group. */
  host: text('the name or address of the server, such as sql01.acme.example').refine(
    (host) => !/[\\,:/]/.test(host) || /^[0-9a-f:.]+$/i.test(host),
    'the name of the server alone: an instance and a port have keys of their own (`instance`, `port`)',
  ),
  /** TCP port. Without it 1433, or what SQL Server Browser says of the instance. */
  port: z.int().min(1).max(65_535).optional(),
  /** Named instance, found through SQL Server Browser (UDP 1434). */
  instance: text('the name of the instance, such as PROD').optional(),
  database: text('the name of the database'),
  login: loginSchema(secret),
  /** `true`: TLS from the login on (TDS 7). `strict`: TLS from the first byte (TDS 8, SQL Server 2022). `false`: everything in clear. */
  encrypt: z.union([z.boolean(), z.literal('strict')], { error: 'true, false or strict' }).default(true),
  /** Accept a certificate that cannot be verified. */
  trustServerCertificate: z.boolean().default(false),
  /** File (PEM) of the authority that issued the server's certificate, beside those that Node trusts. */
  caFile: text('a file')
    .refine(isAbsolute, 'a path from the root, such as /etc/tieback/sql-ca.pem')
    .optional(),
  /** Name in the certificate, where it is another one than `host`. */
  hostNameInCertificate: text('a name of a host').optional(),
  /** Try all addresses of the name at once: for an availability group over several subnets. */
  multiSubnetFailover: z.boolean().default(false),
  /** Most connections held open. */
  poolSize: z.int().min(1).max(100).default(10),
  /** How long to wait for a connection, in seconds. */
  connectSeconds: seconds(120).default(15),
  /** How long a statement may take before it is cancelled, in seconds. */
  requestSeconds: seconds(600).default(30),
  /** How long a statement waits for somebody else's lock, in seconds. */
  lockSeconds: seconds(300).default(10),
});

/** Issues of keys that do not go together, for `superRefine`. */
export function refuseContradictions(
  {
    port,
    instance,
    encrypt,
    trustServerCertificate,
    caFile,
  }: {
    readonly port?: number | undefined;
    readonly instance?: string | undefined;
    readonly encrypt: boolean | 'strict';
    readonly trustServerCertificate: boolean;
    readonly caFile?: string | undefined;
  },
  context: z.core.$RefinementCtx<unknown>,
): void {
  const issue = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  if (port !== undefined && instance !== undefined)
    issue(
      'instance',
      'SQL Server Browser says the port of an instance: leave out either `port` or `instance`',
    );
  if (encrypt === 'strict' && trustServerCertificate)
    issue(
      'trustServerCertificate',
      'with `encrypt: strict` the certificate is always verified; leave it out',
    );
  if (trustServerCertificate && caFile !== undefined)
    issue('caFile', 'with `trustServerCertificate: true` nobody looks at it; leave out one of the two');
}

/** The same for settings whose secrets were read, as those of an ERP adapter. */
export const sqlServerSettings = z
  .strictObject(sqlServerShape(z.instanceof(Secret, { error: SECRET_WANTED })))
  .superRefine(refuseContradictions);

/** How a database on a SQL Server is reached. */
export type SqlServerSettings = z.infer<typeof sqlServerSettings>;
export type SqlServerLogin = SqlServerSettings['login'];

/** Server and database for people: `sql01\PROD/tieback`. */
export const sqlServerName = ({
  host,
  port,
  instance,
  database,
}: Pick<SqlServerSettings, 'host' | 'port' | 'instance' | 'database'>): string =>
  `${host}${instance === undefined ? `:${port ?? DEFAULT_PORT}` : `\\${instance}`}/${database}`;

export const DEFAULT_PORT = 1433;
