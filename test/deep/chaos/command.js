/** `npm run chaos -- --runs 50 --seed 7`: the long version of the chaos suite, one line a run. */
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { parseArgs } = require('node:util');

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
const { runs = '10', seed } = values;
for (const [name, value] of Object.entries({ runs, seed }))
  if (value !== undefined && !/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} takes a whole number`);

const { status } = spawnSync(
  process.execPath,
  [require.resolve('jest/bin/jest'), '--selectProjects', 'deep', '--testPathPatterns', 'deep/chaos/chaos'],
  {
    cwd: join(__dirname, '..', '..', '..'),
    stdio: 'inherit',
    env: {
      ...process.env,
      TIEBACK_CHAOS_RUNS: runs,
      ...(seed === undefined ? {} : { TIEBACK_CHAOS_SEED: seed }),
    },
  },
);
process.exitCode = status ?? 1;
