import { TiebackError } from './domain/base/errors';
import { isKind } from './domain/kinds';
import type { Kind } from './domain/kinds';
import type { Fields, KnownRecord } from './domain/kinds/record';
import { fingerprintOf } from './domain/reconcile/mapping/fingerprint';
import type { Mapping } from './domain/reconcile/mapping/mapping';
import {
  canonicalColumns,
  canonicalNumber,
  isMapped,
  knownCanonical,
  toCanonical,
  toErp,
} from './domain/reconcile/mapping/mapping';
import type { ErpAdapter, KindCapability, RecordWrite, WriteResult } from './erp-adapters/contract/adapter';

/**
 * The ERP behind the mapping of its connection: what is read comes in the values of Procore, and what is written goes in the ERP's own. Everybody who
 * asks the ERP asks here, so that shadows, plans and comparisons are all in one form. A value that has no way back is refused with a sentence.
 */
export function mappedErp(erp: ErpAdapter, mapping: Mapping): ErpAdapter {
  const kinds = Object.entries(erp.kinds).flatMap(([kind, capability]) =>
    isKind(kind)
      ? [[kind, isMapped(mapping, kind) ? mapped(mapping, kind, capability) : capability] as const]
      : [],
  );
  // Adapters may be classes: their methods stay theirs.
  return Object.assign(Object.create(erp) as ErpAdapter, {
    kinds: Object.fromEntries(kinds),
    lookUp: async (refs) =>
      (await erp.lookUp(refs)).map((state) => ({
        ...state,
        number: canonicalNumber(mapping, state.target, state.number),
        ...(state.code === undefined ? {} : { code: canonicalNumber(mapping, state.target, state.code) }),
      })),
    ...(erp.rehearse && {
      rehearse: async (kind: Kind, operation: RecordWrite) => {
        const [led] = await asTheErpHolds(mapping, kind, erp.kinds[kind], [operation]);
        const rehearsed = led?.problems.length === 0 ? await erp.rehearse?.(kind, led.operation) : undefined;
        return rehearsed ?? { statements: [], answer: led?.problems.join(' ') ?? null };
      },
    }),
  } satisfies Partial<ErpAdapter>);
}

function mapped(mapping: Mapping, kind: Kind, capability: KindCapability): KindCapability {
  const known = (record: KnownRecord): KnownRecord => knownCanonical(mapping, kind, record);
  return {
    rules: async () => ({
      ...canonicalColumns(mapping, kind, await capability.rules()),
      mappedAs: fingerprintOf(mapping, kind),
    }),
    read: async (keys) => (await capability.read(keys)).map(known),
    async *readChanged(cursor, pageSize) {
      for await (const page of capability.readChanged(cursor, pageSize))
        yield { ...page, records: page.records.map(known) };
    },
    findSame: async (record) => (await capability.findSame(toErp(mapping, kind, record).record)).map(known),
    write: async (operations) => {
      const led = await asTheErpHolds(mapping, kind, capability, operations);
      const sent = led.flatMap((one) => (one.problems.length === 0 ? [one.operation] : []));
      const results = sent.length === 0 ? [] : [...(await capability.write(sent))];
      if (results.length !== sent.length) throw new Error('the ERP adapter did not answer every operation');
      return led.flatMap(({ problems }): readonly WriteResult[] => {
        if (problems.length > 0) return [refused(problems)];
        const result = results.shift();
        return result === undefined ? [] : [canonicalResult(mapping, kind, result)];
      });
    },
    ...(capability.keys && { keys: (pageSize: number) => capability.keys?.(pageSize) ?? noKeys() }),
    ...(capability.findSimilar && {
      findSimilar: async (record) =>
        ((await capability.findSimilar?.(toErp(mapping, kind, record).record)) ?? []).map(known),
    }),
    ...(capability.taxIdHashes && {
      taxIdHashes: async (keys, hash) =>
        (await capability.taxIdHashes?.(keys, hash)) ?? new Map<string, string>(),
    }),
    ...(capability.repeatsNewest && { repeatsNewest: capability.repeatsNewest }),
  };
}

async function* noKeys(): AsyncGenerator<readonly string[]> {}

const refused = (problems: readonly string[]): WriteResult => ({
  status: 'refused',
  error: new TiebackError('RECORD_REFUSED', { reason: problems.join(' ') }).toShape(),
});

const canonicalResult = (mapping: Mapping, kind: Kind, result: WriteResult): WriteResult =>
  'record' in result ? { ...result, record: toCanonical(mapping, kind, result.record) } : result;

interface Led {
  readonly operation: RecordWrite;
  readonly problems: readonly string[];
}

/**
 * Operations in the ERP's own values. What the plan expects there may be told by several of them (a default, an old code): where what is there now means
 * the same, it is that which must not change before the write.
 */
async function asTheErpHolds(
  mapping: Mapping,
  kind: Kind,
  capability: KindCapability | undefined,
  operations: readonly RecordWrite[],
): Promise<readonly Led[]> {
  const fields = Object.keys(mapping[kind]?.fields ?? {});
  const keys = operations.flatMap(({ erpKey, expected }) =>
    erpKey !== null && expected !== null && fields.some((field) => field in expected) ? [erpKey] : [],
  );
  const there = new Map<string, Fields>();
  for (const { key, record } of keys.length === 0 ? [] : ((await capability?.read(keys)) ?? []))
    there.set(key, record.fields);
  return operations.map((operation) => {
    const { record, problems } = toErp(mapping, kind, operation.record);
    const expected =
      operation.expected &&
      expectedThere(mapping, kind, operation.expected, there.get(operation.erpKey ?? ''));
    return { operation: { ...operation, record, expected }, problems };
  });
}

function expectedThere(mapping: Mapping, kind: Kind, expected: Fields, now: Fields | undefined): Fields {
  const { record } = toErp(mapping, kind, { fields: expected, lines: [] });
  if (now === undefined) return record.fields;
  const { fields: meaning } = toCanonical(mapping, kind, { fields: now, lines: [] });
  return Object.fromEntries(
    Object.entries(record.fields).map(([field, value]) => [
      field,
      (meaning[field] ?? null) === (expected[field] ?? null) ? (now[field] ?? null) : value,
    ]),
  );
}
