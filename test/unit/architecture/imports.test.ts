import type { Import } from './import-rules';
import { circles, LAYERS, movedTo, runtimeClosure, violations } from './import-rules';
import { environmentReads, importGraph, sourceFiles } from './read-imports';

const src = sourceFiles('src');
const graph = importGraph([...src, ...sourceFiles('sandbox')]);
const everything = importGraph(['src', 'sandbox', 'bench', 'docs', 'test'].flatMap(sourceFiles));

test('everybody imports only what the table allows', () => {
  expect(violations(graph)).toEqual([]);
  expect(violations(everything.filter(({ target }) => target.startsWith('better-sqlite3')))).toEqual([]);
});

test('the adapter that the guide shows imports only what an adapter may', () => {
  const moved = movedTo(everything, 'test/support/ledgerline', 'src/erp-adapters/ledgerline');
  expect(moved.length).toBeGreaterThan(20);
  expect(violations(moved)).toEqual([]);
});

test('the graph is really there', () => {
  expect(graph.length).toBeGreaterThan(300);
  expect(graph).toContainEqual({
    file: 'src/activities/deps.ts',
    specifier: '../domain/base/errors',
    target: 'src/domain/base/errors',
    typeOnly: false,
  });
  expect(graph).toContainEqual({
    file: 'src/workflows/steps.ts',
    specifier: '../activities',
    target: 'src/activities/index',
    typeOnly: true,
  });
  // Every import of ours leads to a file.
  const paths = new Set([...src, ...sourceFiles('sandbox')].map(({ path }) => path));
  const lost = graph.filter(({ target }) => /^(src|sandbox)\//.test(target) && !paths.has(`${target}.ts`));
  expect(lost).toEqual([]);
});

test('every folder of src has a row, every row a folder', () => {
  const folders = new Set(
    src.map(({ path }) => path.split('/')).flatMap((p) => (p.length > 2 ? [p[1]] : [])),
  );
  folders.delete('cli');
  expect([...folders].sort()).toEqual(Object.keys(LAYERS).sort());
});

test('what runs inside a workflow reaches no I/O, not even through others', () => {
  const { files, packages } = runtimeClosure(graph, 'src/workflows');
  expect(packages.filter((name) => name.startsWith('node:'))).toEqual([]);
  expect(
    packages.filter(
      (name) => !/^(@temporalio\/(workflow|common)|@noble\/curves|safe-stable-stringify)/.test(name),
    ),
  ).toEqual([]);
  for (const file of files)
    expect(file).toMatch(/^src\/(workflows\/|domain\/|temporal\/search-attributes\.ts$)/);
});

test('no file reaches itself through its imports, types included', () => {
  expect(circles(graph.filter(({ file }) => file.startsWith('src/')))).toEqual([]);
});

test('the environment is read by config only', () => {
  const reads = src.flatMap(environmentReads).filter((place) => !place.startsWith('src/config/'));
  expect(reads).toEqual([]);
});

test('a circle is found, and named from its first file', () => {
  const one = (file: string, target: string): Import => ({ file, specifier: '', target, typeOnly: true });
  const round = [one('src/b.ts', 'src/c'), one('src/c.ts', 'src/a'), one('src/a.ts', 'src/b')];
  expect(circles(round)).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts']);
  expect(circles(round.slice(1))).toEqual([]);
});

describe('the check catches', () => {
  const one = (file: string, target: string, typeOnly = false): Import => ({
    file,
    specifier: `${target} as written`,
    target,
    typeOnly,
  });

  test.each<[string, Import, RegExp]>([
    ['domain with a database', one('src/domain/plan/plan.ts', 'typeorm'), /domain is pure/],
    ['domain with the file system', one('src/domain/plan/plan.ts', 'node:fs'), /domain is pure/],
    [
      'domain with a type of the store',
      one('src/domain/plan/plan.ts', 'src/store/rows', true),
      /domain is pure/,
    ],
    [
      'procore with an adapter',
      one('src/procore/http.ts', 'src/erp-adapters/contract/adapter'),
      /procore imports domain/,
    ],
    [
      'procore with a type of the store',
      one('src/procore/http.ts', 'src/store/rows', true),
      /procore imports/,
    ],
    ['procore with Temporal', one('src/procore/sync.ts', '@temporalio/activity'), /procore imports/],
    [
      'an adapter with procore',
      one('src/erp-adapters/sample/rules.ts', 'src/procore/port'),
      /adapters import/,
    ],
    [
      'an adapter with another',
      one('src/erp-adapters/sample/rules.ts', 'src/erp-adapters/vista/rules'),
      /never imports another/,
    ],
    [
      'an adapter with its own tests',
      one('src/erp-adapters/sample/rules.ts', 'src/erp-adapters/contract/conformance/kit'),
      /never imports another/,
    ],
    ['the store with an activity', one('src/store/store.ts', 'src/activities/deps'), /the store imports/],
    [
      'an activity with the store itself',
      one('src/activities/sync.ts', 'src/store/store'),
      /activities import/,
    ],
    [
      'an activity with the client itself',
      one('src/activities/sync.ts', 'src/procore/app'),
      /activities import/,
    ],
    [
      'an activity with a type of one adapter',
      one('src/activities/sync.ts', 'src/erp-adapters/sample/index', true),
      /activities import/,
    ],
    [
      'an activity with the configuration',
      one('src/activities/sync.ts', 'src/config/load', true),
      /activities import/,
    ],
    [
      'a workflow with an activity itself',
      one('src/workflows/intake.ts', 'src/activities/index'),
      /workflows are deterministic/,
    ],
    ['a workflow with node', one('src/workflows/intake.ts', 'node:crypto'), /workflows are deterministic/],
    [
      'a workflow with the rest of temporal',
      one('src/workflows/intake.ts', 'src/temporal/starter'),
      /workflows are deterministic/,
    ],
    ['the desk with the store itself', one('src/desk/dossier.ts', 'src/store/store'), /the desk imports/],
    ['the desk with procore', one('src/desk/decide.ts', 'src/procore/port', true), /the desk imports/],
    ['http with a type of the store', one('src/http/server.ts', 'src/store/store', true), /http imports/],
    ['http with an adapter', one('src/http/health.ts', 'src/erp-adapters/registry', true), /http imports/],
    ['http with the whole client', one('src/http/webhooks.ts', 'src/procore/app'), /http imports/],
    ['http with the logger itself', one('src/http/server.ts', 'src/telemetry/logger'), /http imports/],
    ['config with the store itself', one('src/config/load.ts', 'src/store/store'), /config imports/],
    [
      'temporal with activities themselves',
      one('src/temporal/workers.ts', 'src/activities/index'),
      /temporal imports/,
    ],
    ['a folder without a row', one('src/metrics/month.ts', 'src/domain/plan'), /src\/metrics has no row/],
    ['a report that reads files', one('src/reports/pdf.ts', 'node:fs'), /reports are domain, shown/],
    [
      'a report with an activity',
      one('src/reports/labor.ts', 'src/activities/payroll/labor', true),
      /reports are domain, shown/,
    ],
    ['the product with the sandbox', one('src/cli/demo.ts', 'sandbox/demo/main'), /never imports sandbox/],
    [
      'the product with a test',
      one('src/main.ts', 'test/support/world', true),
      /never imports sandbox, test or bench/,
    ],
    [
      'the product with a benchmark',
      one('src/daemon.ts', 'bench/main'),
      /never imports sandbox, test or bench/,
    ],
    [
      'provisioning with the daemon',
      one('src/provision.ts', 'src/daemon'),
      /imported by nobody but the command line/,
    ],
    ['the command line with main', one('src/cli/show.ts', 'src/main'), /imported by nobody/],
    [
      'a stand-in with the product',
      one('sandbox/procore-simulator/state.ts', 'src/domain/vendor', true),
      /know nothing of the product/,
    ],
    [
      'the sample ERP with the product',
      one('sandbox/sample-erp/company.ts', 'src/erp-adapters/contract/adapter'),
      /know nothing/,
    ],
    [
      'an adapter with a driver of its own choice',
      one('src/erp-adapters/sample/connection.ts', 'better-sqlite3'),
      /opened through src\/sqlite/,
    ],
    [
      'a test with a driver of its own choice',
      one('test/support/world.ts', 'better-sqlite3'),
      /opened through src\/sqlite/,
    ],
    ['sqlite with the store', one('src/sqlite/index.ts', 'src/store/store', true), /knows nothing of us/],
  ])('%s, and names file, import and rule', (_name, broken, rule) => {
    const found = violations([broken]);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toMatch(rule);
    for (const line of found)
      expect(line.startsWith(`${broken.file} imports ${broken.specifier}: `)).toBe(true);
  });

  test.each<[string, Import]>([
    ['main with the daemon', one('src/main.ts', 'src/daemon')],
    ['the command line with everything', one('src/cli/doctor.ts', 'src/erp-adapters/registry')],
    ['the registry with an adapter', one('src/erp-adapters/registry.ts', 'src/erp-adapters/sample/index')],
    ['an adapter with shared SQL tools', one('src/erp-adapters/vista/index.ts', 'src/erp-adapters/sql/pool')],
    ['an adapter with a driver', one('src/erp-adapters/vista/index.ts', 'mssql')],
    ['an activity with a type of the client', one('src/activities/deps.ts', 'src/procore/port', true)],
    [
      'a workflow with search attributes',
      one('src/workflows/erp-request.ts', 'src/temporal/search-attributes'),
    ],
    ['the demo with the product', one('sandbox/demo/installation.ts', 'src/erp-adapters/registry')],
    ['the sample ERP with the driver', one('sandbox/sample-erp/company.ts', 'src/sqlite/index')],
    ['an adapter with a type of the driver', one('src/erp-adapters/sample/rules.ts', 'better-sqlite3', true)],
    ['the launcher with the product', one('sandbox/temporal-server.ts', 'src/domain/errors')],
  ])('not: %s', (_name, fine) => {
    expect(violations([fine])).toEqual([]);
  });

  test('imports in every form, and tells types from values', () => {
    const text = `
      import a, { b } from './a';
      import type { c } from './c';
      import { type d } from './d';
      import { type e, f } from './e';
      import './g';
      export * from './h';
      export type { i } from './i';
      import j = require('./j');
      const k = await import('./k');
      const l = require('./l');
      type M = import('./m').M;
      // import './comment';
      const text = "import './text'";
    `;
    const found = importGraph([{ path: 'src/x/file.ts', text }]);
    expect(found.map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`)).toEqual([
      './a',
      './c type',
      './d type',
      './e',
      './g',
      './h',
      './i type',
      './j',
      './k',
      './l',
      './m type',
    ]);
    expect(found[0]?.target).toBe('src/x/a');
  });

  test('I/O that a workflow reaches through others', () => {
    const made = [
      one('src/workflows/a.ts', 'src/domain/b'),
      one('src/domain/b.ts', 'src/domain/c'),
      one('src/domain/c.ts', 'node:crypto'),
      one('src/domain/c.ts', 'src/domain/d', true),
      one('src/domain/d.ts', 'node:fs'),
    ];
    expect(runtimeClosure(made, 'src/workflows')).toEqual({
      files: ['src/domain/b.ts', 'src/domain/c.ts', 'src/workflows/a.ts'],
      packages: ['node:crypto'],
    });
  });

  test('the environment in every form', () => {
    const text = `
      const a = process.env.HOME;
      const b = process['env']['HOME'];
      const { env } = process;
      const c = settings.env; // not the process
      const d = process.envelope;
    `;
    expect(environmentReads({ path: 'src/x.ts', text })).toEqual(['src/x.ts:2', 'src/x.ts:3', 'src/x.ts:4']);
  });
});
