/**
 * Four rooms, four projects: `unit` needs no server and takes seconds, `server` runs on real servers, `deep` breaks things at every point, `browser`
 * looks at the Finance Desk in a real browser.
 * One Temporal server and one workflow bundle serve a run, and only a run that has tests of the last three: see
 * test/support/global-setup.ts.
 */
const { mkdtempSync, rmSync, statfsSync } = require('node:fs');

/** Tests make hundreds of small databases, and a disk makes each of their commits wait: they are in memory, where a machine has room for them. */
const MEMORY = '/dev/shm';
const ROOM = 2 ** 31;
const roomIn = (folder) => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
};
// Workers begin with what the first process has set.
if (process.env.TIEBACK_TEST_TMP === undefined && roomIn(MEMORY) > ROOM) {
  const folder = mkdtempSync(`${MEMORY}/tieback-test-`);
  process.env.TIEBACK_TEST_TMP = process.env.TMPDIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}

const common = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/test/support/environment.js',
  transformIgnorePatterns: ['/node_modules/(?!(openid-client|oauth4webapi|jose)/)'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
    // ES modules alone: Jest requires none on Node 20.
    'node_modules/(openid-client|oauth4webapi|jose)/.+\\.js$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'ecmascript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
};

/** A room: its name and its folders under test/. */
const room = (displayName, folders, more = {}) => ({
  ...common,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  ...more,
});

const withTemporal = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  projects: [
    room('unit', ['unit']),
    room('server', ['server', 'replay'], withTemporal),
    room('deep', ['deep'], withTemporal),
    room('browser', ['browser'], {
      globalSetup: '<rootDir>/test/support/browser-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    }),
  ],
  testTimeout: 60000,
  maxWorkers: 2,
};
