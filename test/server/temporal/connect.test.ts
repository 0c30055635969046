import { connectClient, connectWorker, TemporalConnectionError } from '../../../src/temporal/connect';

const nobody = { address: '127.0.0.1:1', namespace: 'tieback' };

test.each([
  ['client', connectClient],
  ['worker', connectWorker],
])('a %s that cannot connect says where, how and what to check', async (_who, connect) => {
  const attempt = connect(nobody, { timeoutMs: 1000 });
  await expect(attempt).rejects.toThrow(TemporalConnectionError);
  await expect(attempt).rejects.toThrow(
    /could not be reached at 127\.0\.0\.1:1 \(without TLS\): .*TEMPORAL_ADDRESS/,
  );
});
