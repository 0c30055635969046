/** What the processes of one jest run tell each other. */
import * as fs from 'node:fs';
import type { TemporalServer } from '../../sandbox/temporal-server';

/** Environment variable with the path of the run's file; jest's workers inherit it. */
export const RUN_FILE_VARIABLE = 'TIEBACK_TEST_RUN';

/** Content of the run's file. */
export interface TestRun {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  /** Null while there are no workflows. */
  readonly bundlePath: string | null;
}

/** Reads the run's file; fails when the global set-up did not run. */
export function readTestRun(): TestRun {
  const file = process.env[RUN_FILE_VARIABLE];
  if (!file)
    throw new Error(
      'There is no Temporal server for this test: run it through jest with our jest.config.js.',
    );
  return JSON.parse(fs.readFileSync(file, 'utf8')) as TestRun;
}

interface Shared {
  readonly dir: string;
  readonly server: TemporalServer;
}

// Set-up and tear-down are separate modules to jest, in one process: they meet at the global object.
const holder = globalThis as { __tiebackTestRun?: Shared };

export function setShared(shared: Shared): void {
  holder.__tiebackTestRun = shared;
}

export function takeShared(): Shared | undefined {
  const shared = holder.__tiebackTestRun;
  delete holder.__tiebackTestRun;
  return shared;
}
