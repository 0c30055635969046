/** `npm run record-histories`: writes new workflow histories under test/replay/histories/<version>/. */
module.exports = { ...require('./jest.config.js'), testMatch: ['**/*.record.ts'] };
