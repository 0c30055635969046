/** Small workflows for the tests of src/temporal. */
import { ApplicationFailure, log, proxyActivities } from '@temporalio/workflow';

const { noted } = proxyActivities<{ noted(text: string): Promise<string> }>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
});

export async function greet(name: string): Promise<string> {
  log.info('greeting', { name });
  return `Hello ${name}`;
}

export async function note(text: string): Promise<string> {
  return await noted(text);
}

export async function refuse(reason: string): Promise<void> {
  throw ApplicationFailure.nonRetryable(reason, 'Refused');
}
