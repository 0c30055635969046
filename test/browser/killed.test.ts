/** The daemon dies under an open page, in the middle of a decision: the page says so, nothing typed is lost, and what was decided is decided once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deskTests } from '../support/desk-tests';
import { Office } from '../support/office';
import { testTemporal } from '../support/temporal';

const desk = deskTests((temporal) => Office.create(temporal), { expected: /ERR_|\b(409|404|502|503)\b/ });
const LONG_MS = 45_000;

test('killed in the middle of an approval', async () => {
  const { place, visit } = desk;
  const { world } = place;
  const [approved, rejected] = [
    await place.waiting('Kestrel Roofing Inc'),
    await place.waiting('Osprey Roofing Inc'),
  ];
  // Its own process listens where the other one did, and dies when the decision is in the store and before anybody hears of it.
  const port = Number(new URL(world.daemon.url).port);
  world.config = { ...world.config, http: { ...world.config.http, port } };
  await world.daemon.stop();
  const file = join(world.folder, 'killable.json');
  writeFileSync(file, JSON.stringify(world.config));
  const support = join(__dirname, '..', 'support');
  const temporal = await testTemporal();
  const child = spawn(
    process.execPath,
    [
      '-r',
      join(support, 'run-typescript.js'),
      join(support, 'killable-daemon.ts'),
      ...[file, temporal.bundle.codePath, 'store.decision.record', 'after'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const dead = once(child, 'exit');
  try {
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString();
        if (said.includes('working\n')) resolve();
      });
      dead.then(() => reject(new Error(`It died before it worked; it said:\n${said}`)), reject);
    });
    const open = (request: number) => visit.open(`/requests/${world.connectionId}/erp/${request}`);
    const [page, other] = [await open(approved), await open(rejected)];
    for (const one of [page, other]) await one.getByRole('img', { name: 'Live' }).waitFor();
    await other.getByRole('button', { name: 'Reject' }).click();
    const reason = other.getByRole('dialog').getByLabel(/Why, for the sender/);
    await reason.fill('We have another contract');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Comment/).fill('checked with Ruth');
    await dialog.getByRole('button', { name: 'Yes, write it' }).click();
    expect(await dead).toEqual([null, 'SIGKILL']);
    await dialog.getByText(/does not answer/).waitFor({ timeout: LONG_MS });
    await expect(dialog.getByLabel(/Comment/).inputValue()).resolves.toBe('checked with Ruth');
    for (const one of [page, other])
      await one.getByText(/Not connected: what you see may be old/).waitFor({ timeout: LONG_MS });

    await world.start();
    for (const one of [page, other])
      await one.getByRole('img', { name: 'Live' }).waitFor({ timeout: LONG_MS, state: 'attached' });
    // What was decided stands, and cannot be said again.
    expect(await world.result(approved)).toMatchObject({ status: 'applied' });
    await page.getByText('What was written').waitFor({ timeout: LONG_MS, state: 'attached' });
    expect(await dialog.getByRole('button', { name: 'Yes, write it' }).isEnabled()).toBe(false);
    // What was not said yet is said now.
    await expect(reason.inputValue()).resolves.toBe('We have another contract');
    await other.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
    expect(await world.result(rejected)).toMatchObject({ status: 'rejected' });
    for (const [request, action] of [
      [approved, 'approval.granted'],
      [rejected, 'approval.rejected'],
    ] as const) {
      const trail = await world.trail(request);
      expect(trail.filter(({ action: of }) => of.startsWith('approval.') && of !== 'approval.asked')).toEqual(
        [expect.objectContaining({ action })],
      );
    }
    expect(world.erp.vendors().filter(({ Name }) => Name === 'Kestrel Roofing Inc')).toHaveLength(1);
  } finally {
    child.kill('SIGKILL');
    await temporal.close();
  }
}, 180_000);
