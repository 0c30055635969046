/** For `node -r`: runs our TypeScript in a child process, compiled as jest compiles it. What one child has compiled serves all of a test run. */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const folder = process.env.TIEBACK_TEST_TMP && join(process.env.TIEBACK_TEST_TMP, 'compiled');
if (folder) mkdirSync(folder, { recursive: true });

const compile = (source, filename) =>
  transformSync(source, {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  }).code;

function compiled(filename) {
  const source = readFileSync(filename, 'utf8');
  if (!folder) return compile(source, filename);
  const kept = join(folder, `${createHash('sha1').update(`${filename}\n${source}`).digest('hex')}.js`);
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const code = compile(source, filename);
    // Whole or not at all: another child may be looking.
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
    return code;
  }
}

require.extensions['.ts'] = (module, filename) => module._compile(compiled(filename), filename);
