/** Ends what global-setup.ts started. */
import * as fs from 'node:fs';
import { takeShared } from './test-run';

export default async function globalTeardown(): Promise<void> {
  const shared = takeShared();
  if (!shared) return;
  await shared.server.stop();
  fs.rmSync(shared.dir, { recursive: true, force: true });
}
