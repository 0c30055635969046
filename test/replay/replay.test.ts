import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';

interface StoredHistory {
  readonly events: {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowType?: { readonly name?: string } };
  }[];
}

const root = join(__dirname, 'histories');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);
const read = (file: string): StoredHistory =>
  JSON.parse(readFileSync(join(root, file), 'utf8')) as StoredHistory;

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

const replay = (history: StoredHistory): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: temporal.bundle }, history);

test.each(files)('today’s workflow code replays %s', async (file) => {
  await replay(read(file));
});

test('every workflow type has a history', () => {
  const recorded = new Set(
    files.map((file) => read(file).events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name),
  );
  const index = readFileSync(join(__dirname, '..', '..', 'src', 'workflows', 'index.ts'), 'utf8');
  const types = [...index.matchAll(/export \{ (\w+) \}/g)].map(([, name]) => name);
  expect(types.length).toBeGreaterThan(0);
  expect([...recorded].sort()).toEqual(types.sort());
});

test('a replay that differs is found', async () => {
  const file = files.find((name) => name.endsWith('sync-request-export-approved.json'));
  if (file === undefined) throw new Error('the history is missing');
  const text = readFileSync(join(root, file), 'utf8').replaceAll('"readErp"', '"readSomethingElse"');
  await expect(replay(JSON.parse(text) as StoredHistory)).rejects.toThrow(DeterminismViolationError);
});
