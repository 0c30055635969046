import * as fs from 'node:fs';
import * as path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

/**
 * Replaying a history from JSON fails with "type must be a Type" when `@temporalio/common` and `@temporalio/proto`
 * load different copies of protobufjs. Our direct dependency on protobufjs 8 keeps them on one.
 */
test('there is one copy of protobufjs 8, and the Temporal SDK uses it', () => {
  const roots = ['@temporalio/common', '@temporalio/proto', '@temporalio/client', '@temporalio/worker'];
  const used = roots.map((name) => resolveFrom(path.dirname(require.resolve(`${name}/package.json`))));
  expect(new Set(used).size).toBe(1);
  expect(
    copies(path.resolve(__dirname, '../../../node_modules')).filter(({ major }) => major === 8),
  ).toHaveLength(1);
});

test('so a history is read from JSON', () => {
  const events = [
    {
      eventId: '1',
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      workflowExecutionStartedEventAttributes: { attempt: 1 },
    },
  ];
  expect(historyFromJSON({ events }).events).toHaveLength(1);
});

const resolveFrom = (dir: string): string =>
  fs.realpathSync(require.resolve('protobufjs/package.json', { paths: [dir] }));

/** Every protobufjs below a node_modules folder. */
function copies(nodeModules: string): { file: string; major: number }[] {
  if (!fs.existsSync(nodeModules)) return [];
  const packages = fs.readdirSync(nodeModules).flatMap((name) => {
    const dir = path.join(nodeModules, name);
    return name.startsWith('@') ? fs.readdirSync(dir).map((inner) => path.join(dir, inner)) : [dir];
  });
  return packages.flatMap((dir) => {
    const nested = copies(path.join(dir, 'node_modules'));
    if (path.basename(dir) !== 'protobufjs' || path.basename(path.dirname(dir)).startsWith('@'))
      return nested;
    const file = path.join(dir, 'package.json');
    const { version } = JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string };
    return [{ file, major: Number(version.split('.')[0]) }, ...nested];
  });
}
