import { loadOperations } from '../../../../sandbox/procore-simulator/data';
import { createProcoreApp } from '../../../../src/procore/app';
import { PROCORE_DEFAULTS, procoreSettings } from '../../../../src/procore/client/settings';

const GIVEN = {
  apiUrl: 'https://api.procore.com/',
  loginUrl: 'https://login.procore.com',
  clientId: 'app',
  clientSecret: 'secret',
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
])('%j is refused', (change, reason) => {
  expect(() => procoreSettings({ ...GIVEN, ...change })).toThrow(reason);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])(
  'company %d is refused: its header would mean another one',
  (id) => {
    const app = createProcoreApp(procoreSettings(GIVEN));
    expect(() => app.company(id)).toThrow('companyId must be a positive whole number');
    app.close();
  },
);

test.each(Object.entries(PROCORE_DEFAULTS.paths))('%s has the path of the catalogue', (name, path) => {
  expect(loadOperations().find(({ operationId }) => operationId === name)?.path).toBe(path);
});
