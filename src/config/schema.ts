import { definitionOf } from '../domain/kinds';
import { GRANTED } from '../domain/people/access';
import { NOTICE_TOPICS } from '../domain/notify/due';
import { DECIDED } from '../domain/request/connection-policy';
import { GRIDS } from '../domain/payroll/rounding';
import type { Grid } from '../domain/payroll/rounding';
import { mayOwn, OWNERS } from '../domain/reconcile/ownership';
import type { ReconciledKind } from '../domain/request/id';
import { RECONCILED_KINDS } from '../domain/request/id';
import { z } from 'zod';
import { isTimeZone } from '../domain/base/time-zone';
import type { CustomFields } from '../domain/kinds/custom-fields';
import { CUSTOM_FIELD_HOLDERS } from '../domain/kinds/custom-fields';
import { WEB_PAGES } from '../domain/request/web-link';
import { mappingSection } from './mapping';
import { rulesShape, withoutDoubles } from './rules';
import { refuseContradictions, SECRET_WANTED, sqlServerShape } from '../sql-server/settings';

/** A secret is never written into the configuration file: it comes from the environment or from a file. */
export const secret = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: SECRET_WANTED },
);
export type SecretSource = z.infer<typeof secret>;

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'use lower-case letters, digits and dashes (at most 41)');

const url = z.url({ protocol: /^https?$/, error: 'a full address such as https://api.procore.com' });

const words = z.string().trim().min(1).max(60);

const storeSection = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('better-sqlite3'),
    /** Database file; relative to `dataDir`. */
    file: z.string().min(1).default('tieback.db'),
    /** Daemon and `tieback provision` bring the tables up to date. `false`: only `tieback store migrate` does, or a DBA. */
    migrate: z.boolean().default(true),
  }),
  z
    .strictObject({
      type: z.literal('mssql'),
      ...sqlServerShape(secret),
      /** As above: with `false` the login needs no rights to create or change tables. */
      migrate: z.boolean().default(true),
    })
    .superRefine(refuseContradictions),
]);

const procoreApp = z.strictObject({
  /** API host of the environment, e.g. https://api.procore.com. */
  apiUrl: url,
  /** Login host of the environment, e.g. https://login.procore.com. Never derived from `apiUrl`. */
  loginUrl: url,
  /** Address under which people open Procore, for links; without it that of `apiUrl`, where it is known. */
  webUrl: url.optional(),
  /** Pages of the web application, where they are elsewhere than we think. */
  webPaths: z.partialRecord(z.enum(WEB_PAGES), z.string().startsWith('/')).default({}),
  clientId: z.string().min(1),
  clientSecret: secret,
  /** Paths that Procore does not publish; see docs/configuration.md. */
  paths: z.record(z.string(), z.string().startsWith('/')).default({}),
  detailCloseMethod: z.enum(['PATCH', 'PUT']).default('PATCH'),
  unlinkBy: z.enum(['external_data', 'status_management']).default('external_data'),
  /** Calls in flight at the same time. */
  concurrency: z.int().min(1).max(50).default(6),
  /** Names of the fields of an invoice payment that Procore does not publish; without a name the value is not sent. */
  invoicePaymentFields: z
    .partialRecord(z.enum(['amount', 'date', 'method']), z.string().regex(/^[a-z_]{1,60}$/))
    .default({}),
  /** Longest wait for a rate window inside one step, in seconds; a longer one is left to Temporal. */
  maxInlineWaitSeconds: z.number().min(0).max(110).default(15),
});

const approver = z.strictObject({
  id: z.string().trim().min(1).max(150),
  procoreUserId: z.int().positive().optional(),
  /** What the person may decide about: records, payroll. Left out: everything. */
  decides: z.array(z.enum(DECIDED)).min(1).optional(),
  /** Procore projects whose requests the person decides about, and nothing else: no links, conflicts or payroll. Left out: everything. */
  projects: z.array(z.int().positive()).min(1).optional(),
});

/** Somebody who is told what waits for people. */
const receiver = z.strictObject({
  /** Short name, for `tieback notify test`. */
  name,
  /** An address of e-mail, or a channel of Teams or Slack: its webhook is a secret. */
  to: z.union(
    [
      z.email({ error: 'an e-mail address, or a channel such as { kind: slack, url: { env: NAME } }' }),
      z.strictObject({ kind: z.enum(['teams', 'slack']), url: secret }),
    ],
    {
      error: 'an e-mail address, or { kind: teams or slack, url: { env: NAME } }',
    },
  ),
  /** Whose it is: of what needs somebody, only what needs this person. */
  person: z.string().trim().min(1).max(150).optional(),
  /** Left out: all. */
  connections: z.array(name).min(1).optional(),
  /** `needs_me`: waits for a decision or a correction. `stuck`, `late`: see docs/operator-guide.md. `digest`: once a day. `escalation`: waits for too long. */
  topics: z.array(z.enum(NOTICE_TOPICS)).min(1).default(['needs_me', 'digest']),
  /** Time of the digest by the clocks of `timeZone`. */
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of the day such as "07:00"')
    .default('07:00'),
  /** Left out: that of the machine. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'a time zone by its IANA name, such as America/Los_Angeles')
    .optional(),
  /** What waits for so many hours is told as an escalation. */
  after: z.int().min(1).max(8760).default(24),
});

/** Who is told, and the way there. */
const notify = z.strictObject({
  /** The mail server. */
  smtp: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(587),
      /** TLS from the first byte (mostly port 465). Otherwise STARTTLS, without which no password is sent. */
      secure: z.boolean().default(false),
      user: z.string().min(1).optional(),
      password: secret.optional(),
      /** Sender of all messages. */
      from: z.string().min(3),
    })
    .refine(
      ({ user, password }) => (user === undefined) === (password === undefined),
      'user and password belong together: give both or neither',
    )
    .optional(),
  /** Messages name amounts. */
  amounts: z.boolean().default(false),
  /** People and channels. */
  receivers: z
    .array(receiver)
    .min(1, 'an empty list would tell nobody; leave desk.notify out')
    .superRefine(withoutDoubles('receiver', ({ name: given }) => given)),
});
/** Who is let in to the Desk beside the approvers, and as what. */
const grant = z.strictObject({
  person: z.string().trim().min(1).max(150),
  /** `viewer` looks, `auditor` reads the log and its evidence, `admin` changes rules and who may what. */
  role: z.enum(GRANTED),
  /** Left out: all. */
  connections: z.array(name).min(1).optional(),
  /** Procore projects; left out: all, and what belongs to none. */
  projects: z.array(z.int().positive()).min(1).optional(),
});

/** The web page of finance: where it is, who is let in, and how they log in. */
const desk = z
  .strictObject({
    /** Address under which people open it, such as https://desk.acme.example: links, logins and passkeys are made for it. Left out: on this machine alone. */
    url: url.optional(),
    /** Who is let in beside the approvers of the connections. */
    grants: z.array(grant).default([]),
    /** The identity provider (OpenID Connect) where people log in. Left out: with passkeys (`tieback people invite`). */
    oidc: z
      .strictObject({
        issuer: url,
        clientId: z.string().min(1),
        clientSecret: secret,
        /** What is asked for beside `openid`. */
        scopes: z.array(z.string().regex(/^\S+$/)).default(['email', 'profile']),
        /** The claim that holds the e-mail address. */
        emailClaim: z.string().min(1).default('email'),
        /** Addresses count although the provider does not say that it verified them: all are given by the organisation itself. */
        trustEmail: z.boolean().default(false),
      })
      .optional(),
    session: z
      .strictObject({
        /** After so many minutes in which nothing was done people log in again. */
        idleMinutes: z.int().min(1).max(1440).default(30),
        /** After so many hours they do in any case. */
        absoluteHours: z.int().min(1).max(168).default(10),
      })
      .prefault({}),
    /** A person as whom everybody is let in who reaches the page: for a demo on one machine. */
    loginAs: z.string().trim().min(1).max(150).optional(),
    /** Tell browsers to come by HTTPS alone, for a year, to this host and those below it. */
    hsts: z.boolean().default(false),
    /** Who is told of what waits for people, by e-mail, Teams or Slack; left out: nobody. */
    notify: notify.optional(),
  })
  .prefault({});

/** Custom field of Procore → column of the ERP, by kind of record or line. */
const customFields = z
  .record(
    z.string(),
    z.record(
      z.string().regex(/^\w+$/, 'the name of the field in Procore, such as custom_field_598134'),
      z.string().regex(/^\w+$/, 'the name of a column as the ERP adapter offers it, such as udPermit'),
    ),
  )
  .superRefine((given, context) => {
    for (const [kind, fields] of Object.entries(given)) {
      const issue = (message: string, ...path: string[]): void =>
        context.addIssue({ code: 'custom', path: [kind, ...path], message });
      if (!(CUSTOM_FIELD_HOLDERS as readonly string[]).includes(kind))
        issue(
          `there are no custom fields of "${kind}"; there are those of ${CUSTOM_FIELD_HOLDERS.join(', ')}`,
        );
      const owners = new Map<string, string>();
      for (const [field, column] of Object.entries(fields)) {
        const owner = owners.get(column);
        if (owner !== undefined)
          issue(
            `the column "${column}" is that of ${owner} already; map one of the two to another column`,
            field,
          );
        owners.set(column, field);
      }
    }
  })
  .transform((given) => given as CustomFields);

/** In the order of their numbers. */
export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

const hoursText = z.string().regex(/^\d{1,3}(\.\d{1,2})?$/, 'hours such as "40" or "7.5"');

const connection = z.strictObject({
  procore: z.strictObject({
    /** Name under `procoreApps`. */
    app: name,
    companyId: z.int().positive(),
  }),
  /** The way into Procore: its ERP tool (by Procore's invitation), or its ordinary APIs alone. */
  door: z.enum(['erp_tool', 'open']).default('erp_tool'),
  /** With `door: open`: what is looked for in Procore, and how often the ERP is asked for changes. */
  openDoor: z
    .strictObject({
      /** `needed`: only companies that a commitment to be sent uses. */
      vendors: z.enum(['needed', 'all', 'none']).default('needed'),
      projects: z.enum(['active', 'none']).default('active'),
      commitments: z
        .strictObject({ statuses: z.array(z.string().min(1)).default(['Approved', 'Complete']) })
        .prefault({}),
      syncEveryMinutes: z.int().min(1).max(10_080).default(60),
    })
    .prefault({}),
  /** Zone in which moments of Procore (an approval, a payment) become dates, where its project names none: an IANA name. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'a time zone by its IANA name, such as America/Los_Angeles')
    .optional(),
  /** Custom fields of Procore that are written to columns of the ERP which its adapter offers. */
  customFields: customFields.prefault({}),
  /** Write to Procore although another integration owns records there; see `tieback census`. */
  acceptForeignOrigins: z.boolean().default(false),
  erp: z.strictObject({
    /** Name of the adapter; `tieback doctor` lists them. */
    adapter: z.string().min(1),
    /** What that adapter wants to know. */
    settings: z.record(z.string(), z.unknown()).default({}),
    /** Steps in the ERP at the same time; at most its connection pool. */
    slots: z.int().min(1).max(100).default(4),
  }),
  /** Who may approve, reject and correct. */
  approvers: z
    .array(approver)
    .superRefine(withoutDoubles('approver', ({ id }) => id.toLowerCase()))
    .superRefine(withoutDoubles('an approver with procoreUserId', ({ procoreUserId }) => procoreUserId))
    .default([]),
  ...rulesShape,
  /** How long a request may block its user in Procore, in hours; 0 = no limit. Without it 24; with `door: open` nobody is blocked: 0. */
  openDetailHours: z.number().min(0).max(8760).optional(),
  /** Seconds for which an approval given in the Finance Desk can be undone before anything is written. */
  undoSeconds: z.int().min(0).max(3600).default(10),
  poll: z
    .strictObject({
      /** Without it 60; with `door: open`, where a look costs calls for every project, 900. */
      everySeconds: z.int().min(10).max(86_400).optional(),
      /** How many request numbers below the newest are looked at again each time. */
      overlap: z.int().min(0).max(10_000).default(50),
    })
    .prefault({}),
  /** Once a day everything that the ERP holds is compared with what is linked: what was deleted there, and what its feed did not tell. */
  sweep: z
    .strictObject({
      /** Time of the day by the clocks of `timeZone`, such as 03:30; `never`: only `tieback sweep` does it. */
      at: z
        .string()
        .regex(/^(([01]\d|2[0-3]):[0-5]\d|never)$/, 'a time of the day such as "03:30", or never')
        .default('03:30'),
    })
    .prefault({}),
  /** How vendors, projects, sub jobs, codes and cost types of both sides are kept equal. */
  reconcile: z
    .strictObject({
      /** Kinds that are kept equal; an empty list: none, only requests are worked. */
      kinds: z
        .array(z.enum(RECONCILED_KINDS as [ReconciledKind, ...ReconciledKind[]]))
        .default([...RECONCILED_KINDS]),
      /** Time between two looks at a kind. */
      everySeconds: z.int().min(30).max(86_400).default(300),
      /** A kind whose sides were compared longer ago is late: `tieback doctor` and the health check say so, and why. */
      freshSeconds: z.int().min(60).max(604_800).default(900),
      /** Who owns which field, by kind, where it is not as docs/reconcile.md says: erp, procore, last, ask, never. */
      ownership: z
        .partialRecord(
          z.enum(RECONCILED_KINDS as [ReconciledKind, ...ReconciledKind[]]),
          z.strictObject({
            /** All fields that are not named. */
            all: z.enum(OWNERS),
            fields: z.record(z.string(), z.enum(OWNERS)).optional(),
          }),
        )
        .superRefine((given, context) => {
          for (const [kind, { fields = {} }] of Object.entries(given)) {
            const { fields: header, lines } = definitionOf(kind as ReconciledKind);
            const codes = Object.keys(lines.cost_code?.fields ?? {}).map((field) => `cost_code.${field}`);
            const known = [...Object.keys(header), ...(codes.length === 0 ? [] : ['cost_code', ...codes])];
            for (const [field, owner] of Object.entries(fields)) {
              const isKnown = known.includes(field);
              if (isKnown && mayOwn(owner, { kind: kind as ReconciledKind, field })) continue;
              const message = isKnown
                ? `Procore shows ${field} and takes none, because it is entered there by people alone: it may be procore or never`
                : `${kind} has no field "${field}"; fields: ${known.join(', ')}`;
              context.addIssue({ code: 'custom', path: [kind, 'fields', field], message });
            }
          }
        })
        .default({}),
      /**
       * `tieback links suggest vendor` compares tax ids as well: of companies without a partner, as hashes that are forgotten with the comparison. The login
       * of the ERP needs a right on a column that nothing else reads (`tieback sql erp`).
       */
      matchTaxIds: z.boolean().default(false),
      mapping: mappingSection,
    })
    .prefault({}),
  /** How timecards become payroll; left out: they do not. */
  payroll: z
    .strictObject({
      /** Pay groups whose periods are worked; left out: all of the ERP. */
      groups: z.array(z.string().min(1)).min(1).optional(),
      /** How often pay periods and timecards are looked at, in seconds. */
      everySeconds: z.int().min(5).max(86_400).default(300),
      /** A period for which the ERP names no cut-off is cut off so many days after its end: until then timecards are approved. */
      cutOffDays: z.int().min(0).max(31).default(2),
      /** Timecard entries of so many days back are looked at: what was paid longer ago is not corrected by itself. */
      lookBackDays: z.int().min(7).max(366).default(60),
      /** Closes entries in Procore (status `completed`) once the ERP has them. */
      complete: z.boolean().default(true),
      /** Statuses of timecard entries that are paid. */
      statuses: z
        .array(z.enum(['approved', 'completed']))
        .min(1)
        .default(['completed']),
      /** Rounding of an employee's day: off, five_minutes, tenth, quarter. */
      rounding: z.enum(Object.keys(GRIDS) as [Grid, ...Grid[]]).default('off'),
      /** First day of the workweek, by pay group of the ERP; `*`: of all others. */
      workweeks: z.record(z.string(), z.enum(WEEKDAYS)).default({ '*': 'sunday' }),
      /** Who splits hours into regular and overtime, by pay group; `*`: of all others. `field`: the time types do. `erp`: its own rules do. */
      overtimeOwners: z.record(z.string(), z.enum(['field', 'erp'])).default({ '*': 'field' }),
      /** What a split of the field is held against; left out: nothing. */
      overtime: z
        .strictObject({
          /** Hours of a workweek at once the rate, such as "40". */
          weeklyAfter: hoursText.nullable().default(null),
          /** Hours of a day at once the rate, such as "8". */
          dailyAfter: hoursText.nullable().default(null),
        })
        .optional(),
      /** What the field enters, in codes of payroll; keys are ids of Procore. */
      mapping: z
        .strictObject({
          /** Time types. */
          timeTypes: z
            .record(
              z.string(),
              z.strictObject({
                /** Earn code of the ERP. */
                earnCode: z.string(),
                /** What its hours are: worked, leave, allowance. */
                family: z.enum(['worked', 'leave', 'allowance']).default('worked'),
                /** Shift of the ERP whose hours these are. */
                shift: z.string().optional(),
                /** Costed to job and phase of the entry. Without it: leave is not, the others are. */
                isCosted: z.boolean().optional(),
                /** Of an allowance: the ERP has its rate. Without it the allowance is held. */
                paysUnits: z.literal(true).optional(),
                /** Of an allowance: it may be paid more than once a day. */
                isRepeatable: z.literal(true).optional(),
              }),
            )
            .default({}),
          /** Work classifications. */
          workClassifications: z
            .record(z.string(), z.strictObject({ craft: z.string(), class: z.string() }))
            .default({}),
          /** Cost types of the ERP by line item types. */
          costTypes: z.record(z.string(), z.string()).default({}),
          /** Departments by projects. */
          departments: z.record(z.string(), z.string()).default({}),
          /** Projects whose hours go on a certified payroll. */
          certifiedProjects: z.array(z.int().positive()).default([]),
          /** People of Procore that stand for machines. */
          equipment: z
            .record(
              z.string(),
              z.strictObject({
                /** Key of the machine in the ERP. */
                equipment: z.string(),
                /** Key of the employee that payroll wants for its hours. */
                standIn: z.string(),
                earnCode: z.string(),
              }),
            )
            .default({}),
        })
        .prefault({}),
    })
    .optional(),
  /** Leave it out to work outbound only: then requests are found by polling. */
  webhook: z
    .strictObject({
      /** Address under which Procore reaches this daemon, without path. */
      publicUrl: url,
      /** Value of the Authorization header that Procore sends. */
      authorization: secret,
      /** The previous value, while it is being changed. */
      previousAuthorization: secret.optional(),
      /** Marks our hooks among those of other integrations. */
      namespace: name.default('tieback'),
    })
    .optional(),
  /** How this ERP appears in Procore's ERP tool. */
  erpTool: z
    .strictObject({
      /** Marks the company as ours; Procore is not known to call it. Without it the webhook's `publicUrl`. */
      serviceUrl: url.optional(),
      /** Name shown everywhere; without it the name the adapter gives. */
      label: words.optional(),
      /** Name of the ERP number; without it "<label> ID". */
      idName: words.optional(),
      /** Name where there is little room; without it the label. */
      shortName: words.optional(),
    })
    .prefault({}),
  /** Records per page of a sync. */
  pageSize: z.int().min(1).max(1000).default(1000),
});

/** The configuration file. Unknown keys are errors: a typing mistake must not become a silent default. */
export const configSchema = z.strictObject({
  /** Folder of everything this daemon keeps; relative to the configuration file. */
  dataDir: z.string().min(1).default('data'),
  store: storeSection.prefault({ type: 'better-sqlite3' }),
  temporal: z
    .strictObject({
      /** host:port. Without it TEMPORAL_ADDRESS and the Temporal profile files are asked. */
      address: z.string().min(1).optional(),
      namespace: z.string().min(1).optional(),
      retentionDays: z.int().min(1).max(3650).default(30),
      /** Queue of workflows and store steps. One installation has a namespace to itself. */
      taskQueue: name.default('tieback'),
      /** Address of the Web UI, for links. */
      webUi: url.optional(),
      /**
       * Names of companies and documents are search attributes, which Temporal stores in the clear: then they find their requests in the Web UI.
       * `false`: numbers and ids alone.
       */
      searchNames: z.boolean().default(true),
      /** Encrypts what Temporal stores; the first key encrypts, all decrypt. Each secret is 32 bytes in base64. */
      payloadKeys: z
        .array(z.strictObject({ id: z.string().min(1), key: secret }))
        .superRefine(withoutDoubles('payload key', ({ id }) => id))
        .default([]),
    })
    .prefault({}),
  /** How the audit log is made proof against those who may write to our database. */
  audit: z
    .strictObject({
      /**
       * Sign every link of the log; the first key signs, all of them verify. Each secret is 32 bytes in base64; `tieback provision` makes the
       * file of a key that is not there yet.
       */
      keys: z.array(z.strictObject({ id: z.string().min(1).max(60), key: secret })).default([]),
      /** Least time between two anchors of the log outside our store, in minutes; 0 = every intake round in which something was logged. */
      anchorEveryMinutes: z.int().min(0).max(10_080).default(60),
      /** Anchors are appended to this file, a line of JSON each; relative to the configuration file. */
      anchorFile: z.string().min(1).optional(),
      /** Anchors are sent to this address of the auditor's (POST, JSON). */
      anchorUrl: url.optional(),
    })
    .prefault({}),
  /** How people show who they are when they decide. */
  people: z
    .strictObject({
      /**
       * With these the daemon signs what people decide and the tokens they show; all of them sign, so that keys can be changed. Each secret
       * is 32 bytes in base64; a file that is not there yet is made by the daemon or by `tieback provision`.
       */
      signingKeys: z
        .array(z.strictObject({ id: z.string().min(1).max(60), key: secret }))
        .min(1, 'an empty list would let nobody decide; leave it out for a key in dataDir')
        .superRefine(withoutDoubles('signing key', ({ id }) => id))
        .optional(),
      /** After how many days a personal token ends, where `tieback people add` is not told otherwise. */
      tokenDays: z.int().min(1).max(3650).default(90),
      /** Let accounts of this machine decide in the name of an approver with `--as`; the log names both. */
      breakGlass: z.boolean().default(false),
      /** Where `tieback login` keeps tokens, instead of the home of who logs in; relative to the configuration file. */
      credentialsFile: z.string().min(1).optional(),
    })
    .prefault({}),
  desk,
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8480),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['auto', 'json', 'pretty']).default('auto'),
    })
    .prefault({}),
  procoreApps: z.record(name, procoreApp),
  connections: z.record(name, connection),
});

export type ConfigFile = z.infer<typeof configSchema>;
