/** Who may import whom (ARCHITECTURE.md): the table, and the check of a graph against it. */

/** One import, with both ends named from the root of the project. */
export interface Import {
  readonly file: string;
  /** As written: `../domain/errors`, `axios`. */
  readonly specifier: string;
  /** `src/domain/errors` for files of ours, else the package: `axios`, `node:fs`. */
  readonly target: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

interface Layer {
  /** Folders, files, packages (`@temporalio/*`, `node:*`); `type ` in front: types only. */
  readonly may: readonly string[];
  readonly rule: string;
}

/** Every folder of `src/` that is not free to import what it likes. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  domain: {
    may: ['src/domain', 'node:crypto', '@noble/curves', 'safe-stable-stringify', 'big.js'],
    rule: 'domain is pure: it imports itself, hashing, signatures and canonical JSON',
  },
  procore: {
    may: ['src/procore', 'src/domain', 'node:*', 'axios', 'axios-retry', 'entities', 'proxy-from-env', 'zod'],
    rule: 'procore imports domain and its HTTP client; never adapters, store or Temporal',
  },
  'erp-adapters': {
    may: [
      'src/erp-adapters',
      'src/domain',
      'src/sqlite',
      'src/sql-server',
      'node:*',
      'type better-sqlite3',
      'csv-parse',
      'csv-stringify',
      'yaml',
      'mssql',
      'typeorm',
      'zod',
      'async-mutex',
    ],
    rule: 'adapters import domain and database drivers; never procore, store or Temporal',
  },
  store: {
    may: [
      'src/store',
      'src/domain',
      'src/sqlite',
      'src/sql-server',
      'node:*',
      'typeorm',
      'type mssql',
      'async-mutex',
    ],
    rule: 'the store imports domain, TypeORM and the rooms of the two databases, nothing else',
  },
  sqlite: {
    may: ['src/sqlite', 'better-sqlite3', 'better-sqlite3-node22'],
    rule: 'sqlite picks the driver that fits Node, and knows nothing of us',
  },
  'sql-server': {
    may: ['src/sql-server', 'src/domain', 'node:*', 'mssql', 'zod'],
    rule: 'sql-server knows how to log in, what errors mean and what a server says of itself: it imports domain and the driver',
  },
  activities: {
    may: [
      'src/activities',
      'src/domain',
      'type src/procore',
      'type src/erp-adapters/contract',
      'type src/store',
      // A row of defaults, without I/O.
      'src/store/new-request',
      '@temporalio/activity',
    ],
    rule: 'activities import domain, and of procore, adapter contract and store the types only: they are handed their clients',
  },
  workflows: {
    may: [
      'src/workflows',
      'src/domain',
      'type src/activities',
      'src/temporal/search-attributes',
      '@temporalio/workflow',
    ],
    rule: 'workflows are deterministic: domain, @temporalio/workflow, types of activities; no I/O',
  },
  desk: {
    may: ['src/desk', 'src/domain', 'type src/store', 'node:timers/promises', 'type @temporalio/client'],
    rule: 'the desk imports domain, and of store and Temporal client the types only; never procore or adapters',
  },
  http: {
    may: [
      'src/http',
      'src/domain',
      'src/desk',
      'src/procore/webhooks',
      'type src/telemetry',
      'fastify',
      '@fastify/*',
      'fastify-type-provider-zod',
      'openid-client',
      'jose',
      '@simplewebauthn/server',
      'yazl',
      'zod',
      'node:*',
    ],
    rule: 'http imports desk, webhooks and domain; never store or adapters',
  },
  notify: {
    may: ['src/notify', 'src/domain', 'type src/store', 'type src/telemetry', 'node:*', 'nodemailer'],
    rule: 'notify tells people: it imports domain and its mail client, and of store and telemetry the types only',
  },
  temporal: {
    may: [
      'src/temporal',
      'src/domain',
      'src/telemetry',
      'type src/activities',
      'node:*',
      '@temporalio/*',
      'protobufjs',
      'safe-stable-stringify',
    ],
    rule: 'temporal imports domain, telemetry and the types of activities',
  },
  config: {
    may: [
      'src/config',
      'src/domain',
      'src/telemetry',
      'src/sql-server/settings',
      'type src/store',
      'type src/temporal',
      'node:*',
      '@temporalio/envconfig',
      'csv-parse',
      'yaml',
      'zod',
    ],
    rule: 'config imports domain, telemetry, and types of store and temporal',
  },
  reports: {
    may: ['src/reports', 'src/domain', 'csv-stringify', 'pdfkit', '@expo-google-fonts'],
    rule: 'reports are domain, shown: they import it, CSV and PDF, and nothing that reads',
  },
  telemetry: {
    may: ['src/telemetry', 'src/domain', 'node:*', 'winston', 'picocolors', 'safe-stable-stringify'],
    rule: 'telemetry imports domain and the logger',
  },
};

/** Files in `src/` itself (main, daemon, composition, provision) and the CLI put everything together. */
const FREE = ['src/cli'];
/** Shared by adapters, and no adapter. */
const SHARED_ADAPTER_FOLDERS = new Set(['sql']);
/** Which driver fits Node is no knowledge of the product. */
const FOR_EVERYBODY = ['src/sqlite'];
const SANDBOX_WITH_SRC = ['sandbox/demo', 'sandbox/temporal-server'];

/** Every broken rule, as `file imports specifier: rule`. */
export function violations(graph: readonly Import[]): string[] {
  return graph.flatMap((one) => {
    const broken = [
      layerRule(one),
      outsideRule(one),
      adapterRule(one),
      rootRule(one),
      sandboxRule(one),
      driverRule(one),
    ].filter((rule) => rule !== null);
    return broken.map((rule) => `${one.file} imports ${one.specifier}: ${rule}`);
  });
}

function layerRule({ file, target, typeOnly }: Import): string | null {
  const [top, folder, ...rest] = file.split('/');
  if (top !== 'src' || rest.length === 0 || within(file, FREE)) return null;
  const layer = LAYERS[folder ?? ''];
  if (!layer) return `src/${folder} has no row in the table of imports; add one`;
  const allowed = layer.may.some((entry) => {
    const types = entry.startsWith('type ');
    return (!types || typeOnly) && matches(target, types ? entry.slice('type '.length) : entry);
  });
  return allowed ? null : layer.rule;
}

function outsideRule({ file, target }: Import): string | null {
  const outside = within(target, ['sandbox', 'test', 'bench']);
  return within(file, ['src']) && outside ? 'the product never imports sandbox, test or bench' : null;
}

function adapterRule({ file, target }: Import): string | null {
  const from = adapterOf(file);
  const to = adapterOf(target);
  if (from === null || to === null || from === to || SHARED_ADAPTER_FOLDERS.has(to)) return null;
  return 'one folder of erp-adapters never imports another';
}

/** `sample` for `src/erp-adapters/sample/rules`; null for the registry and the contract, but not for the questions that it asks. */
function adapterOf(path: string): string | null {
  const [top, layer, folder, ...rest] = path.split('/');
  if (folder === 'contract') return rest[0] === 'conformance' ? 'conformance' : null;
  return top === 'src' && layer === 'erp-adapters' && rest.length > 0 ? (folder ?? null) : null;
}

function rootRule({ file, target }: Import): string | null {
  if (!['src/daemon', 'src/main'].includes(target) || !within(file, ['src'])) return null;
  const mayStart = target === 'src/daemon' && (within(file, FREE) || file === 'src/main.ts');
  return mayStart ? null : 'daemon and main are imported by nobody but the command line';
}

function sandboxRule({ file, target }: Import): string | null {
  if (!within(file, ['sandbox']) || !within(target, ['src']) || within(target, FOR_EVERYBODY)) return null;
  const free = SANDBOX_WITH_SRC.some((path) => file === `${path}.ts` || within(file, [path]));
  return free ? null : 'the stand-ins know nothing of the product';
}

/** The files of one folder as if they stood in another: whether an adapter among the tests would do among the adapters. */
export function movedTo(graph: readonly Import[], from: string, to: string): readonly Import[] {
  const moved = (path: string): string => (within(path, [from]) ? `${to}${path.slice(from.length)}` : path);
  return graph
    .filter(({ file }) => within(file, [from]))
    .map((one) => ({ ...one, file: moved(one.file), target: moved(one.target) }));
}

/** Another release of SQLite's driver is loaded on another Node: one file knows which. */
function driverRule({ file, target, typeOnly }: Import): string | null {
  if (typeOnly || !target.startsWith('better-sqlite3') || within(file, FOR_EVERYBODY)) return null;
  return 'SQLite is opened through src/sqlite, which picks the driver that fits Node';
}

const within = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

function matches(target: string, entry: string): boolean {
  if (entry.endsWith('*')) return target.startsWith(entry.slice(0, -1));
  return within(target, [entry]);
}

/** What runs when the files under `start` run: the files reached without types, and the packages they need. */
export function runtimeClosure(
  graph: readonly Import[],
  start: string,
): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set(graph.map(({ file }) => file).filter((file) => within(file, [start])));
  const packages = new Set<string>();
  for (const file of files) {
    for (const { target } of graph.filter((one) => one.file === file && !one.typeOnly)) {
      if (!target.startsWith('src/')) packages.add(target);
      else files.add(`${target}.ts`);
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** Every circle of files, each once, beginning with the file that is first by name. */
export function circles(graph: readonly Import[]): readonly string[] {
  const targets = new Map<string, Set<string>>();
  for (const { file, target } of graph) {
    targets.set(file, (targets.get(file) ?? new Set<string>()).add(`${target}.ts`));
  }
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.add(named(path.slice(at)));
    if (at >= 0 || done.has(file)) return;
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of [...targets.keys()].sort()) visit(file, []);
  return [...found].sort();
}

function named(circle: readonly string[]): string {
  const first = circle.indexOf([...circle].sort()[0] ?? '');
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  return [...turned, turned[0]].join(' → ');
}
