import type { Snapshot } from '../../domain/plan/snapshot';
import type { Interruption, PageRef, ReadView } from '../../domain/request/flow';
import type { Way } from '../../domain/request/intent';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { asSnapshot, asWay, inHandOf } from '../in-hand';
import { settle } from '../step';
import type { Read } from '../way';
import { waySteps } from '../ways';

type Reader = (deps: ActivityDeps, connection: ConnectionParts, page: PageRef) => Promise<Snapshot>;

/** Runs on the ERP queue. */
export const readErpActivities = (deps: ActivityDeps) => ({
  /** Reads what the plan of a page depends on from the ERP, and stores it. Decides nothing. A page that was read already is not read again. */
  async readErp(input: PageRef & { readonly way: Way }): Promise<ReadView | Interruption> {
    return read(deps, input, readerOf(waySteps(input.way).readErp));
  },
});

/** Runs on the Procore queue. */
export const readProcoreActivities = (deps: ActivityDeps) => ({
  /** Reads what only Procore knows, and stores it. Decides nothing. */
  async readProcore(input: PageRef & { readonly way: Way }): Promise<ReadView | Interruption> {
    return read(deps, input, readerOf(waySteps(input.way).readProcore));
  },
});

const readerOf = (reader: Read<Way> | undefined): Reader => {
  if (!reader) throw new Error('this way does not read there');
  return reader;
};

async function read(
  deps: ActivityDeps,
  input: PageRef & { readonly way: Way },
  reader: Reader,
): Promise<ReadView | Interruption> {
  const connection = connectionOf(deps, input.connectionId);
  return settle(async (): Promise<ReadView> => {
    const { connectionId, id, page, way } = input;
    const known = way === 'sync' ? await deps.store.read('page', (t) => t.plans.snapshot(input)) : null;
    const body = known?.body ?? (await reader(deps, connection, input));
    if (known === null) {
      await deps.store.transaction(`${way}.snapshot`, connectionId, (t) =>
        t.plans.putSnapshot({ connectionId, requestId: id, page, whole: true, body, readAt: deps.now() }),
      );
    }
    return {
      kind: 'read',
      last: body.way !== 'sync' || body.last,
      mustAsk: await mustAsk(deps, input, body),
    };
  });
}

/** Whether Procore must be asked too before a plan can be made. */
async function mustAsk<W extends Way>(
  deps: ActivityDeps,
  input: PageRef & { readonly way: W },
  body: Snapshot,
): Promise<boolean> {
  const steps = waySteps(input.way);
  if (!steps.mustAsk) return false;
  const connection = connectionOf(deps, input.connectionId);
  return deps.store.read(`${input.way}.ask`, async (t) => {
    const inHand = asWay(await inHandOf(t, connection, input), input.way);
    return steps.mustAsk?.(t, inHand, asSnapshot(body, input.way)) ?? false;
  });
}
