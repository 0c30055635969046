import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

test.each(['Pacific/Honolulu', 'Europe/Berlin', 'Pacific/Kiritimati'])(
  'on a machine in %s a date of work is the date that was entered',
  async (TZ) => {
    const script = join(__dirname, 'read-in-zone.ts');
    const runTypescript = join(__dirname, '../../../support/run-typescript.js');
    const env = { ...process.env, TZ };
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', runTypescript, script], { env });
    const told = JSON.parse(stdout) as Record<'zone' | 'sent' | 'read' | 'asked' | 'updated', unknown>;
    expect(told.zone).toBe(TZ);
    expect(told.read).toEqual(told.sent);
    expect(told.asked).toEqual([['2026-11-16', '2026-11-22']]);
    expect(told.updated).toEqual(['2026-11-20T01:00:00.000Z']);
  },
);
