import { HealthCheck } from '../../../src/http/health';

test('what a check answers is well, what it throws is not', async () => {
  expect(await new HealthCheck('store', async () => 'fine').run()).toEqual({
    name: 'store',
    ok: true,
    detail: 'fine',
  });
  const failing = new HealthCheck('store', () => Promise.reject(new Error('The disk is full')));
  expect(await failing.run()).toEqual({ name: 'store', ok: false, detail: 'The disk is full' });
});

test('a check that hangs is told as such, asked once however often somebody looks, and asked again afterwards', async () => {
  const asked: ((answer: string) => void)[] = [];
  const check = new HealthCheck('store', () => new Promise((resolve) => asked.push(resolve)), 10);
  const hanging = { name: 'store', ok: false, detail: 'no answer within 0.01 s' };
  expect(await Promise.all([check.run(), check.run()])).toEqual([hanging, hanging]);
  expect(await check.run()).toEqual(hanging);
  expect(asked).toHaveLength(1);

  asked[0]?.('late');
  await new Promise((resolve) => setImmediate(resolve));
  const next = check.run();
  asked[1]?.('fine');
  expect(await next).toMatchObject({ ok: true, detail: 'fine' });
});
