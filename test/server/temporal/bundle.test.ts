import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { buildWorkflowBundle } from '../../../src/temporal/bundle';

const workflowsPath = require.resolve('../../support/sample-workflows');
let outDir: string;
beforeAll(() => {
  outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'bundle-'));
});
afterAll(() => fs.rmSync(outDir, { recursive: true, force: true }));

test('a bundle is named after its content, and nothing else is left behind', async () => {
  const first = await buildWorkflowBundle({ workflowsPath, outDir });
  const second = await buildWorkflowBundle({ workflowsPath, outDir });
  expect(second).toEqual(first);
  expect(fs.readdirSync(outDir)).toEqual([path.basename(first.codePath)]);
  expect(fs.readFileSync(first.codePath, 'utf8')).toContain('Hello ');
});

test('a bundle can be written to a given file', async () => {
  const outFile = path.join(outDir, 'deep', 'workflow-bundle.js');
  expect(await buildWorkflowBundle({ workflowsPath, outFile })).toEqual({ codePath: outFile });
  expect(fs.readdirSync(path.dirname(outFile))).toEqual(['workflow-bundle.js']);
});
