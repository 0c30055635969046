import type { Cost, TiebackCost } from './copies';
import { copyWithDlt, copyWithScript, copyWithTieback } from './copies';
import type { Dlt } from './dlt';
import type { CopyWay } from './jobs';
import type { Bar, Figure, Section } from './report';
import { medianOf } from './report';

export interface CopyOptions {
  /** Numbers of vendors, ascending. */
  readonly sizes: readonly number[];
  readonly pairs: number;
  readonly way: CopyWay;
  readonly dlt: Dlt;
  readonly say: (line: string) => void;
}

/** The same copy by all three, one after the other. */
interface Round {
  readonly tieback: TiebackCost;
  readonly script: Cost;
  readonly dlt: Cost | null;
}

const HUNDRED_THOUSAND = 100_000;
const TITLE = 'f. A first one-way copy, ERP to Procore';

/** Section f. Rounds of one size follow each other, each in the other order than the one before; the first is dropped where there are several. */
export async function copySection(options: CopyOptions): Promise<Section> {
  const { sizes, pairs, dlt, way } = options;
  if (process.platform !== 'linux')
    return {
      title: TITLE,
      about: '',
      figures: [],
      notMeasured: ['CPU and memory are read from /proc of Linux'],
    };
  const bySize: { readonly size: number; readonly rounds: readonly Round[] }[] = [];
  for (const size of sizes) {
    const rounds: Round[] = [];
    const warmUp = pairs > 1 ? 1 : 0;
    for (let n = 0; n < pairs + warmUp; n += 1) rounds.push(await round(size, n, options));
    bySize.push({ size, rounds: rounds.slice(warmUp) });
  }
  return {
    title: TITLE,
    about: [
      `CPU seconds (user and system of the process and its children) and the highest resident memory, ${pairs} ${pairs === 1 ? 'round' : 'rounds'} of each size, median with lowest and highest; ratios are taken within a round.`,
      `Tieback is a daemon that is ready, with its store on SQLite, asked for a ${way}; Procore's simulator and the Temporal server are processes of their own and not in its figure.`,
      "The plain script is `bench/plain-copy.ts`: pages of 1,000, the same fields, refusals checked, no resume, no links, no audit; its whole life is counted, Node's start too.",
      dlt.kind === 'there'
        ? `dlt ${dlt.version} does the same copy with a custom destination (\`bench/dlt/copy_vendors.py\`), from the same table without the ERP's triggers. It does the half of the work that has no write-back, no rules of conflict and no audit.`
        : '',
      'Script and dlt write companies at once; Tieback stages them, as finance has to accept them first.',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    figures: [...bySize.flatMap(({ size, rounds }) => figuresOf(size, rounds)), ...growth(bySize)],
    bars: { unit: 's', of: bySize.flatMap(({ size, rounds }) => barsOf(size, rounds)) },
    ...(dlt.kind === 'absent' ? { notMeasured: [`the comparison with dlt: ${dlt.reason}`] } : {}),
  };
}

async function round(size: number, n: number, { way, dlt, say, pairs }: CopyOptions): Promise<Round> {
  const costs: { tieback?: TiebackCost; script?: Cost; dlt?: Cost } = {};
  const steps = [
    async () => void (costs.tieback = await copyWithTieback(size, { way })),
    async () => void (costs.script = await copyWithScript(size)),
    async () => void (dlt.kind === 'there' && (costs.dlt = await copyWithDlt(size, dlt.python))),
  ];
  for (const step of n % 2 === 0 ? steps : steps.reverse()) await step();
  const { tieback, script } = costs;
  if (tieback === undefined || script === undefined) throw new Error('unreachable');
  const each = Object.entries(costs).map(([name, { cpuSeconds }]) => `${name} ${cpuSeconds.toFixed(2)} s`);
  say(`${size} vendors, round ${n + 1} of ${pairs > 1 ? pairs + 1 : pairs}: ${each.join(', ')} CPU`);
  return { tieback, script, dlt: costs.dlt ?? null };
}

function figuresOf(size: number, rounds: readonly Round[]): readonly Figure[] {
  const count = size.toLocaleString('en-US');
  const withDlt = rounds.flatMap(({ tieback, script, dlt }) =>
    dlt === null ? [] : [{ tieback, script, dlt }],
  );
  const figure = <R>(
    of: readonly R[],
    name: string,
    value: (round: R) => number,
    more: Pick<Figure, 'goal' | 'minimum' | 'unit'>,
  ): readonly Figure[] =>
    of.length === 0 ? [] : [{ name: `${count}: ${name}`, ...medianOf(of.map(value)), ...more }];
  const seconds = { goal: null, minimum: null, unit: 's' };
  const megabytes = { goal: null, minimum: null, unit: 'MB' };
  return [
    ...figure(
      rounds,
      'CPU, Tieback ÷ plain script',
      ({ tieback, script }) => tieback.cpuSeconds / script.cpuSeconds,
      {
        goal: 1.2,
        minimum: 1,
        unit: '×',
      },
    ),
    ...figure(withDlt, 'CPU, Tieback ÷ dlt', ({ tieback, dlt }) => tieback.cpuSeconds / dlt.cpuSeconds, {
      goal: 0.5,
      minimum: medianOf(
        withDlt.length === 0 ? [0] : withDlt.map((r) => r.script.cpuSeconds / r.dlt.cpuSeconds),
      ).value,
      unit: '×',
    }),
    ...figure(rounds, 'CPU, Tieback', ({ tieback }) => tieback.cpuSeconds, seconds),
    ...figure(rounds, 'CPU, plain script', ({ script }) => script.cpuSeconds, seconds),
    ...figure(withDlt, 'CPU, dlt', ({ dlt }) => dlt.cpuSeconds, seconds),
    ...figure(rounds, 'CPU, Temporal server meanwhile', ({ tieback }) => tieback.serverCpuSeconds, seconds),
    ...figure(rounds, 'peak memory, Tieback', ({ tieback }) => tieback.peakMb, megabytes),
    ...figure(rounds, 'peak memory, plain script', ({ script }) => script.peakMb, megabytes),
    ...figure(withDlt, 'peak memory, dlt', ({ dlt }) => dlt.peakMb, megabytes),
    ...figure(rounds, 'Temporal events per 1,000', ({ tieback }) => (tieback.events / size) * 1_000, {
      // A run has some forty events, however little it copies.
      goal: size >= HUNDRED_THOUSAND ? 1 : null,
      minimum: 0.1,
    }),
    ...figure(rounds, 'Procore calls per 1,000', ({ tieback }) => (tieback.calls / size) * 1_000, {
      goal: null,
      minimum: 1,
    }),
  ];
}

function growth(
  bySize: readonly { readonly size: number; readonly rounds: readonly Round[] }[],
): readonly Figure[] {
  const [least, most] = [bySize[0], bySize.at(-1)];
  if (least === undefined || most === undefined || most.size <= least.size) return [];
  const peak = (rounds: readonly Round[]): number =>
    medianOf(rounds.map(({ tieback }) => tieback.peakMb)).value;
  const value = ((peak(most.rounds) - peak(least.rounds)) / (most.size - least.size)) * HUNDRED_THOUSAND;
  return [{ name: 'memory of Tieback for 100,000 vendors more', value, unit: 'MB', goal: 5, minimum: 0 }];
}

function barsOf(size: number, rounds: readonly Round[]): readonly Bar[] {
  const count = size.toLocaleString('en-US');
  const bar = (name: string, costs: readonly (Cost | null)[]): readonly Bar[] => {
    const there = costs.flatMap((cost) => cost ?? []);
    return there.length === 0
      ? []
      : [{ label: `${count} ${name}`, value: medianOf(there.map(({ cpuSeconds }) => cpuSeconds)).value }];
  };
  return [
    ...bar(
      'plain script',
      rounds.map(({ script }) => script),
    ),
    ...bar(
      'Tieback',
      rounds.map(({ tieback }) => tieback),
    ),
    ...bar(
      'dlt',
      rounds.map(({ dlt }) => dlt),
    ),
  ];
}
