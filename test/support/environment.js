/**
 * The environment of Jest for Node, which leaves less behind: on Node 20 each promise of a process looks at every `AsyncLocalStorage` that was ever
 * used in it, so that those of a test file end with the file. A run of two hundred files spent a tenth of its time there.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

const used = new Set();
for (const name of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...args) {
    used.add(this);
    return original.apply(this, args);
  };
}

module.exports = class extends TestEnvironment {
  async teardown() {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
};
