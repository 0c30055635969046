/** `npm run record-histories`: writes new workflow histories under test/replay/histories/<version>/. */
const { projects, ...options } = require('./jest.config.js');

const server = projects.find(({ displayName }) => displayName === 'server');

module.exports = { ...options, ...server, testMatch: ['<rootDir>/test/replay/**/*.record.ts'] };
