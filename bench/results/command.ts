import { writeFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopShared } from '../installation';
import { copySection } from './copy-section';
import { countEverything } from './counts';
import { dltEnvironment } from './dlt';
import type { CopyWay } from './jobs';
import { WAYS } from './jobs';
import { payrollSection } from './payroll-section';
import type { Machine, Section } from './report';
import { toMarkdown } from './report';
import { removeTemplates } from './stage';

const PAGE = join(__dirname, '..', '..', '..', 'bench', 'RESULTS.md');

const PARTS: readonly string[] = ['counts', 'copies', 'payroll'];

const HELP = `npm run bench -- results [options]   makes bench/RESULTS.md

  --count <n>        vendors of the counts (10000; a multiple of 1000, 2000 at least)
  --records <n,...>  vendors of the copies, ascending (100000,200000)
  --entries <n>      timecard entries of the pay period (10000; 2000 at least)
  --pairs <n>        rounds of each size (7)
  --way <way>        how the daemon copies: ${WAYS.join(', ')} (reconcile)
  --only <part>      ${PARTS.join(', ')}: the page is printed and not written
  --out <file>       another file than bench/RESULTS.md`;

/** A mistake on the command line: the sentence is all that people need. */
export class UsageError extends Error {}

/** `npm run bench -- results`: measures everything that the page promises, and writes it. */
export async function results(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '10000' },
      records: { type: 'string', default: '100000,200000' },
      entries: { type: 'string', default: '10000' },
      pairs: { type: 'string', default: '7' },
      way: { type: 'string', default: 'reconcile' },
      only: { type: 'string' },
      out: { type: 'string', default: PAGE },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return say(HELP);
  const way = WAYS.find((known) => known === values.way);
  if (way === undefined)
    throw new UsageError(`--way: there is no "${values.way}"; there are ${WAYS.join(', ')}`);
  const { only } = values;
  if (only !== undefined && !PARTS.includes(only))
    throw new UsageError(`--only: there is no part "${only}"; there are ${PARTS.join(', ')}`);
  const count = whole('--count', values.count, 2_000);
  if (count % 1_000 !== 0) throw new UsageError(`--count: ${count} is no multiple of 1,000`);
  const sizes = values.records.split(',').map((size) => whole('--records', size, 1));
  if (sizes.some((size, at) => at > 0 && size <= (sizes[at - 1] ?? 0)))
    throw new UsageError(`--records: the sizes must ascend, not "${values.records}"`);
  const pairs = whole('--pairs', values.pairs, 1);
  const entries = whole('--entries', values.entries, 2_000);
  const isAsked = (part: string): boolean => only === undefined || only === part;
  try {
    const sections = [
      ...(isAsked('counts') ? await countEverything(count) : []),
      ...(isAsked('copies') ? [await copies({ sizes, pairs, way })] : []),
      ...(isAsked('payroll') ? [await payrollSection({ entries, rounds: pairs, say: report })] : []),
    ];
    const command = `npm run bench -- results --count ${count} --records ${sizes.join(',')} --entries ${entries} --pairs ${pairs} --way ${way}`;
    const text = toMarkdown({
      date: new Date().toISOString().slice(0, 10),
      machine: machine(),
      command,
      sections,
    });
    if (only === undefined) writeFileSync(values.out, text);
    say(text);
  } finally {
    removeTemplates();
    await stopShared();
  }
}

const report = (line: string): void => void process.stderr.write(`${line}\n`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function copies(options: {
  readonly sizes: readonly number[];
  readonly pairs: number;
  readonly way: CopyWay;
}): Promise<Section> {
  return copySection({ ...options, dlt: await dltEnvironment(), say: report });
}

function whole(option: string, given: string, least: number): number {
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`${option}: a whole number of ${least} or more is needed, not "${given}"`);
  return value;
}

/** What machine it is; nothing that names it. */
const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
  cores: cpus().length,
  memoryGb: totalmem() / 1024 ** 3,
  node: process.versions.node,
  system: type(),
});
