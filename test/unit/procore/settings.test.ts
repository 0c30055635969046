import { loadOperations } from '../../../sandbox/procore-simulator/data';
import { PROCORE_DEFAULTS, procoreSettings } from '../../../src/procore/settings';

const GIVEN = {
  apiUrl: 'https://api.procore.com/',
  loginUrl: 'https://login.procore.com',
  clientId: 'app',
  clientSecret: 'secret',
  companyId: 4264807,
};

test('what is given wins, the rest has defaults, and nothing can be changed later', () => {
  const settings = procoreSettings({
    ...GIVEN,
    paths: { 'request.show': '/rest/v1.1/{id}' },
    limiter: { jitterMs: 0 },
  });
  expect(settings).toMatchObject({
    apiUrl: 'https://api.procore.com',
    pageSize: 500,
    detailCloseMethod: 'PATCH',
  });
  expect(settings.paths).toEqual({ ...PROCORE_DEFAULTS.paths, 'request.show': '/rest/v1.1/{id}' });
  expect(settings.limiter).toEqual({ ...PROCORE_DEFAULTS.limiter, jitterMs: 0 });
  expect(Object.isFrozen(settings)).toBe(true);
});

test.each([
  [{ apiUrl: 'api.procore.com' }, 'apiUrl must be an http(s) URL'],
  [{ loginUrl: 'ftp://login.procore.com' }, 'loginUrl must be an http(s) URL'],
  [{ companyId: 0 }, 'companyId must be a positive whole number'],
])('%j is refused', (change, reason) => {
  expect(() => procoreSettings({ ...GIVEN, ...change })).toThrow(reason);
});

test.each(Object.entries(PROCORE_DEFAULTS.paths))('%s has the path of the catalogue', (name, path) => {
  expect(loadOperations().find(({ operationId }) => operationId === name)?.path).toBe(path);
});
