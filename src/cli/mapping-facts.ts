import type { Config, ConnectionConfig } from '../config/load';
import type { CanonicalRecord } from '../domain/kinds/record';
import { definitionOf } from '../domain/kinds';
import type { Mapping } from '../domain/reconcile/mapping/mapping';
import { isWithin } from '../domain/reconcile/mapping/mapping';
import type { FieldJudged, ValueCount } from '../domain/reconcile/mapping/problems';
import { judgeField, unmappedIn } from '../domain/reconcile/mapping/problems';
import type { ReconciledKind } from '../domain/request/id';
import { RECONCILED_KINDS } from '../domain/request/id';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { ok, skipped, warning } from './findings';
import { plural } from './format';
import { buildWithoutStore } from './parts';
import { withStore } from './store';

/** What both sides say about the mapping of a field. */
export interface FieldFacts extends FieldJudged {
  readonly kind: ReconciledKind;
  readonly field: string;
  /** Values of linked records of Procore, as they were read last, that the mapping does not name. */
  readonly unmappedInProcore: readonly ValueCount[];
}

/** Reads all records of these kinds that the ERP has, as it holds them, and holds the mapping of the connection against them. Throws as the ERP does. */
export async function mappingFacts(
  cli: Cli,
  connection: ConnectionConfig,
  kinds: readonly ReconciledKind[],
): Promise<readonly FieldFacts[]> {
  const config = cli.config();
  const { mapping = {} } = connection.reconcile;
  const raw = { ...connection, reconcile: { ...connection.reconcile, mapping: {} } };
  const parts = await buildWithoutStore({ ...config, connections: [raw] }, cli.logger(config));
  try {
    const facts: FieldFacts[] = [];
    for (const kind of kinds) {
      const own = mapping[kind];
      const capability = parts.connections.get(connection.id)?.erp.kinds[kind];
      if (own === undefined || capability === undefined) continue;
      cli.progress(`Reading the ${definitionOf(kind).plural} of the ERP ...`);
      const { fields: columns } = await capability.rules();
      const records: CanonicalRecord[] = [];
      for await (const page of capability.readChanged(null, connection.pageSize))
        for (const { record } of page.records)
          if (isWithin(mapping, kind, record)) records.push({ fields: record.fields, lines: [] });
      cli.progress(null);
      const inProcore = await withStore(cli, (store) =>
        seenIn(store, connection.id, kind, mapping, 'procore'),
      );
      for (const [field, one] of Object.entries(own.fields)) {
        facts.push({
          kind,
          field,
          ...judgeField(field, one, { records, listed: columns[field]?.allowed ?? [] }),
          unmappedInProcore: inProcore.filter((value) => value.field === field),
        });
      }
    }
    return facts;
  } finally {
    await parts.close();
  }
}

async function seenIn(
  store: Store,
  connectionId: string,
  kind: ReconciledKind,
  mapping: Mapping,
  side: 'erp' | 'procore',
): Promise<readonly ValueCount[]> {
  const own = mapping[kind];
  if (own === undefined || Object.keys(own.fields).length === 0) return [];
  return unmappedIn(own, side, await store.read('mapping.links', (t) => t.links.linked(connectionId, kind)));
}

/** A sentence for each thing that somebody should look at. */
export function factSentences({
  kind,
  field,
  unmapped,
  lost,
  unknown,
  unmappedInProcore,
}: FieldFacts): readonly string[] {
  const name = `${kind}.${field}`;
  return [
    ...lost.map(({ problem, count }) => `${name}: ${problem} (${plural(count, 'record')})`),
    ...listed(
      unmapped,
      (values) => `${name}: the ERP has values that are not mapped, and pass as they are: ${values}.`,
    ),
    ...listed(unmappedInProcore, (values) => `${name}: Procore has values that are not mapped: ${values}.`),
    ...(unknown.length === 0
      ? []
      : [
          `${name}: the ERP has no record with, and does not list: ${unknown.map((value) => `"${value}"`).join(', ')}.`,
        ]),
  ];
}

const NAMED = 10;

function listed(
  values: readonly ValueCount[],
  words: (list: string) => string,
  withField = false,
): readonly string[] {
  if (values.length === 0) return [];
  const first = [...values]
    .sort((one, two) => two.count - one.count)
    .slice(0, NAMED)
    .map(
      ({ field, value, count }) => `${withField ? `${field} ` : ''}"${value}" (${plural(count, 'record')})`,
    );
  return [words([...first, ...(values.length > NAMED ? [`${values.length - NAMED} more`] : [])].join(', '))];
}

/** For the doctor: values of linked records, as they were read last, that have no place in the mapping of a connection. Empty: nothing is mapped. */
export async function checkMapping(
  cli: Cli,
  { id, reconcile: { mapping = {} } }: Config['connections'][number],
): Promise<readonly Finding[]> {
  const mapped = RECONCILED_KINDS.filter((kind) => mapping[kind] !== undefined);
  if (mapped.length === 0) return [];
  try {
    return await withStore(cli, async (store) => {
      const findings: Finding[] = [];
      for (const kind of mapped) {
        const [erp, procore] = [
          await seenIn(store, id, kind, mapping, 'erp'),
          await seenIn(store, id, kind, mapping, 'procore'),
        ];
        const name = `mapping of ${definitionOf(kind).plural} of ${id}`;
        const sides = [
          ['the ERP', erp],
          ['Procore', procore],
        ] as const;
        const words = sides.flatMap(([side, values]) =>
          listed(values, (list) => `${side} has values that are not mapped: ${list}`, true),
        );
        findings.push(
          words.length === 0
            ? ok(name, 'every value of linked records has its place')
            : warning(
                name,
                `${words.join('; ')}`,
                `\`tieback crossref check ${kind}\` looks at all records of the ERP.`,
              ),
        );
      }
      return findings;
    });
  } catch (error) {
    return [skipped(`mapping of ${id}`, reasonOf(error))];
  }
}
