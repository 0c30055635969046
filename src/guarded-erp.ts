import { TiebackError } from './domain/base/errors';
import { contentHash } from './domain/base/identity';
import type { Kind } from './domain/kinds';
import { definitionOf, isKind, KINDS } from './domain/kinds';
import type { SchemaColumns } from './domain/kinds/schema';
import { movedColumns } from './domain/kinds/schema';
import type { ErpAdapter, KindCapability, KindSchema } from './erp-adapters/contract/adapter';
import type { Store } from './store/store';
import type { Logger } from './telemetry/logger';

/** How long a look at the catalogue holds, in milliseconds. */
const HOLDS_MS = 60_000;

/** So many differences are named; `tieback schema` lists all. */
const NAMED = 5;

/** One kind of record of an ERP: what is there, what was accepted, and what moved since. */
export interface SchemaState extends KindSchema {
  readonly kind: Kind;
  /** Null: nobody has looked yet. */
  readonly accepted: SchemaColumns | null;
  readonly moved: readonly string[];
}

/** Compares the live database of an ERP with what was accepted last, kind by kind. */
export async function schemaStates(
  store: Store,
  connectionId: string,
  erp: Pick<ErpAdapter, 'schema'>,
): Promise<readonly SchemaState[]> {
  const schema = (await erp.schema?.()) ?? {};
  // What was accepted is in the audit log alone: a row of the store that somebody changed accepts nothing.
  const entries = await store.read('schema.accepted', (t) =>
    t.audit.sealedAbout(connectionId, { subject: SUBJECT, action: 'erp.schema' }),
  );
  const accepted = acceptedIn(entries.at(-1)?.detail);
  return KINDS.flatMap((kind): readonly SchemaState[] => {
    const now = schema[kind];
    if (now === undefined) return [];
    const before = accepted[kind] ?? null;
    return [
      { kind, ...now, accepted: before, moved: before === null ? [] : movedColumns(before, now.columns) },
    ];
  });
}

const SUBJECT = 'schema of the ERP';

type Accepted = Readonly<Partial<Record<Kind, SchemaColumns>>>;

const acceptedIn = (detail: Readonly<Record<string, unknown>> | undefined): Accepted =>
  detail?.['kinds'] ?? {};

/** Notes in the audit log that these kinds are accepted as they are. */
export async function acceptSchema(
  store: Store,
  connectionId: string,
  states: readonly SchemaState[],
  { by, comment, at }: { readonly by: string; readonly comment: string; readonly at: string },
): Promise<void> {
  if (states.length === 0) return;
  await store.transaction('schema.accept', connectionId, async (t) => {
    // Before `tieback provision` there is no log to keep it in.
    if ((await t.connections.find(connectionId)) === null) return;
    const entries = await t.audit.sealedAbout(connectionId, { subject: SUBJECT, action: 'erp.schema' });
    const taken = Object.fromEntries(states.map(({ kind, columns }) => [kind, columns]));
    const kinds = { ...acceptedIn(entries.at(-1)?.detail), ...taken };
    await t.audit.append(connectionId, [
      {
        at,
        actor: by,
        action: 'erp.schema',
        subject: SUBJECT,
        requestId: null,
        planHash: null,
        workflowId: null,
        detail: { kinds, accepted: Object.keys(taken), hash: contentHash(kinds), comment },
      },
    ]);
  });
}

interface Guarded {
  readonly store: Store;
  readonly connectionId: string;
}

/**
 * Looks at the catalogue of an ERP, and takes as it is what nobody has looked at yet. Answers the kinds that are neither read nor written, and why.
 * Throws as `ErpAdapter.schema` does where the ERP cannot be asked.
 */
async function kindsThatWait(
  erp: Pick<ErpAdapter, 'schema'>,
  { store, connectionId }: Guarded,
): Promise<ReadonlyMap<Kind, string>> {
  const states = await schemaStates(store, connectionId, erp);
  const fresh = states.filter(({ accepted, problems }) => accepted === null && problems.length === 0);
  await acceptSchema(store, connectionId, fresh, {
    by: 'tieback',
    comment: 'as it was found first',
    at: new Date().toISOString(),
  });
  return new Map(states.flatMap(whyNot));
}

/**
 * At the start of a daemon: says in the log which kinds of which ERP wait, and why, before anybody asks for one. It keeps no daemon from starting: what
 * does not wait goes on, and an ERP that cannot be asked now is asked with the first record. Never throws.
 */
export async function lookAtSchemas(
  connections: ReadonlyMap<string, { readonly erp: Pick<ErpAdapter, 'schema'> }>,
  store: Store,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  for (const [connectionId, { erp }] of connections) {
    try {
      for (const [kind, reason] of await kindsThatWait(erp, { store, connectionId }))
        logger.warn(
          'A kind of records is neither read nor written: the database of the ERP is not as it must be',
          {
            connection: connectionId,
            kind,
            reason,
          },
        );
    } catch (error) {
      logger.warn('The tables of the ERP could not be looked at', {
        connection: connectionId,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

/**
 * The ERP behind a look at its catalogue: a kind whose tables are not what they were, or not what the adapter needs, is neither read nor written until
 * a person has looked; the other kinds go on. What is there at the very first look is taken as it is.
 */
export function guardedErp(erp: ErpAdapter, { store, connectionId }: Guarded): ErpAdapter {
  if (erp.schema === undefined) return erp;
  let looked: { readonly until: number; readonly why: ReadonlyMap<Kind, string> } | null = null;
  const assertKnown = async (kind: Kind): Promise<void> => {
    if (looked === null || performance.now() > looked.until)
      looked = {
        why: await kindsThatWait(erp, { store, connectionId }),
        until: performance.now() + HOLDS_MS,
      };
    const reason = looked.why.get(kind);
    if (reason === undefined) return;
    // A person may have looked meanwhile.
    looked = null;
    throw new TiebackError('ERP_SCHEMA', { reason });
  };
  const guard = (kind: Kind, capability: KindCapability): KindCapability => {
    const first = async <T>(call: () => Promise<T>): Promise<T> => {
      await assertKnown(kind);
      return call();
    };
    return {
      rules: () => first(() => capability.rules()),
      read: (keys) => first(() => capability.read(keys)),
      async *readChanged(cursor, pageSize) {
        await assertKnown(kind);
        yield* capability.readChanged(cursor, pageSize);
      },
      findSame: (record) => first(() => capability.findSame(record)),
      write: (operations) => first(() => capability.write(operations)),
      ...(capability.keys && {
        async *keys(pageSize: number) {
          await assertKnown(kind);
          yield* capability.keys?.(pageSize) ?? [];
        },
      }),
      ...(capability.findSimilar && {
        findSimilar: (record) => first(async () => (await capability.findSimilar?.(record)) ?? []),
      }),
      ...(capability.taxIdHashes && {
        taxIdHashes: (keys, hash) =>
          first(async () => (await capability.taxIdHashes?.(keys, hash)) ?? new Map<string, string>()),
      }),
    };
  };
  const kinds = Object.entries(erp.kinds).flatMap(([kind, capability]) =>
    isKind(kind) ? [[kind, guard(kind, capability)] as const] : [],
  );
  // Adapters may be classes: their methods stay theirs.
  return Object.assign(Object.create(erp) as ErpAdapter, { kinds: Object.fromEntries(kinds) });
}

function whyNot({ kind, problems, moved }: SchemaState): readonly (readonly [Kind, string])[] {
  const reasons = problems.length > 0 ? problems : moved;
  if (reasons.length === 0) return [];
  const more = reasons.length > NAMED ? `; and ${reasons.length - NAMED} more` : '';
  return [[kind, `${definitionOf(kind).plural} wait. ${reasons.slice(0, NAMED).join('; ')}${more}`]];
}
