/**
 * Daemon and Temporal are killed together while people work, and each of the three databases (our store, the ERP, Temporal's) is put back
 * alone from an older copy. `npm run chaos -- --runs 50 --seed 7` is the long version of the same.
 */
import { play } from './run';

const RUNS = Number(process.env['TIEBACK_CHAOS_RUNS'] ?? 1);
const SEED = Number(process.env['TIEBACK_CHAOS_SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000));
/** A run with its three restores; on a slow machine. */
const RUN_MS = 1_200_000;

const seeds = Array.from({ length: RUNS }, (_, index) => SEED + index);

test.each(seeds)(
  'killed together, and restored alone: nothing is written twice, nothing is lost, and the log says the truth (seed %i)',
  async (seed) => {
    const { line, problems } = await play(seed);
    process.stdout.write(`${line}\n`);
    if (problems.length > 0)
      throw new Error(`${line}\n${problems.join('\n')}\nAgain: TIEBACK_CHAOS_SEED=${seed}`);
  },
  RUN_MS,
);
