/**
 * Whatever people do on both sides, in whatever order, and whatever breaks meanwhile: once it is quiet both sides are equal but for what waits for a person,
 * nothing is there twice, nothing that somebody entered is lost, and a further run changes nothing.
 */
import fc from 'fast-check';
import type { Door } from '../../support/reconcile-world';
import type { FaultKind } from '../../support/troubles';
import { dropTemplate, ReconcileWorld } from '../../support/reconcile-world';
import type { Action, Field, Shape } from './people';
import { FIELDS, People } from './people';

afterAll(dropTemplate);

const at = fc.nat(7);
const side = fc.constantFrom('erp' as const, 'procore' as const);
const field = fc.constantFrom(...(Object.keys(FIELDS) as Field[]));
const shape = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Shape>('plain') },
  { weight: 4, arbitrary: fc.constantFrom<Shape>('empty', 'long', 'refused', 'formatted') },
);
const edit = fc.record({ do: fc.constant('edit' as const), side, at, field, shape });
/** Procore takes a value without a look at what it overwrites, so what people do there in the same second is tried where the ERP writes nothing. */
const meanwhileEdit = fc.oneof(
  fc
    .record({ do: fc.constant('edit' as const), side: fc.constant('erp' as const), at, field, shape })
    .filter((one) => one.field !== 'email'),
  fc.record({
    do: fc.constant('edit' as const),
    side: fc.constant('procore' as const),
    at,
    field: fc.constant('email' as const),
    shape,
  }),
);
const fault = fc.record({
  at: fc.integer({ min: 1, max: 60 }),
  kind: fc.constantFrom<FaultKind>('crash-before', 'crash-after', 'error-before', 'error-after'),
});
const run = fc.record({
  do: fc.constant('run' as const),
  full: fc.boolean(),
  erpFirst: fc.boolean(),
  faults: fc.oneof(fc.constant([]), fc.array(fault, { maxLength: 4 })),
  meanwhile: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ at: fc.integer({ min: 1, max: 60 }), edit: meanwhileEdit }), {
        maxLength: 2,
      }),
    },
  ),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('enter' as const), side, like: fc.option(at, { freq: 3 }) }),
  },
  { weight: 8, arbitrary: edit.filter((one) => one.side === 'procore' || one.field !== 'email') },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('editBoth' as const),
      at,
      field: field.filter((one) => one !== 'email'),
      alike: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('switch' as const), side, at, isActive: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('switchMany' as const), most: fc.integer({ min: 5, max: 8 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('import' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('unlink' as const),
      at,
      by: fc.constantFrom('desk' as const, 'procore' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('tie' as const),
      how: fc.constantFrom('link' as const, 'relink' as const),
      from: at,
      to: at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), side, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bringBack' as const), side, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), at, accept: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      at,
      take: fc.constantFrom('procore' as const, 'erp' as const, 'value' as const, 'ignore' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('finance' as const), asks: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('decide' as const), at, approve: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('mark' as const), side, at: fc.array(at, { maxLength: 3 }) }),
  },
  { weight: 8, arbitrary: run },
);

const figures = {
  runs: 0,
  actions: 0,
  reconciles: 0,
  faults: 0,
  parted: 0,
  tied: 0,
  gone: 0,
  back: 0,
  guarded: 0,
};
afterAll(() => process.stdout.write(`\nReconcile model: ${JSON.stringify(figures)}\n`));

/** What each life begins with. `vendors`: so many of the ERP, all linked; with five or more the guard has something to guard. */
interface Beginning {
  readonly pageSize: number;
  readonly vendors: number;
}

async function live(door: Door, { pageSize, vendors }: Beginning, actions: readonly Action[]): Promise<void> {
  const world = await ReconcileWorld.create({ door, pageSize });
  const people = new People(world, door);
  try {
    for (let n = 0; n < vendors; n += 1) await people.act({ do: 'enter', side: 'erp', like: null });
    await people.act({ do: 'enter', side: 'procore', like: null });
    await people.act({ do: 'run', full: false, erpFirst: true, faults: [], meanwhile: [] });
    for (let n = 1; n < vendors; n += 1) await people.act({ do: 'import', at: 0 });
    await people.act({ do: 'run', full: false, erpFirst: true, faults: [], meanwhile: [] });
    for (const one of actions) await people.act(one);
    await people.quiet();
    await people.check();
    await people.changesNothing();
    figures.runs += 1;
    figures.actions += actions.length;
    figures.reconciles += actions.filter((one) => one.do === 'run').length;
    figures.faults += world.faultsInjected;
    for (const [name, count] of Object.entries(people.came))
      figures[name as keyof typeof people.came] += count;
  } finally {
    await world.close();
  }
}

/** As many as a nightly run has time for; `RECONCILE_RUNS` for more, `RECONCILE_SEED` to see one again. */
const RUNS = Number(process.env['RECONCILE_RUNS'] ?? 30);
const SEED = process.env['RECONCILE_SEED'];

test.each<Door>(['tool', 'open'])(
  'through the %s door both sides come together',
  async (door) => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ pageSize: fc.integer({ min: 1, max: 4 }), vendors: fc.constantFrom(3, 7) }),
        fc.array(action, { minLength: 8, maxLength: 24, size: 'max' }),
        (beginning, actions) => live(door, beginning, actions),
      ),
      {
        numRuns: RUNS,
        ...(SEED === undefined ? {} : { seed: Number(SEED) }),
        endOnFailure: process.env['RECONCILE_QUICK'] !== undefined,
      },
    );
  },
  900_000,
);
