import { isDeepStrictEqual } from 'node:util';
import { listRequests, tieback, tiebackResult, tokenFor, untilStatus } from './cli';
import type { Installation } from './installation';
import { keepEqual } from './both-sides';
import { playPayroll } from './payroll';
import type { Say } from './say';
import type { Story } from './story';

const MARIA = 'maria@larkspur.example';

/** Plays the people of the demo, kills the daemon in the middle, and checks the end state. True when everything is right. */
export async function playScript(installation: Installation, story: Story, say: Say): Promise<boolean> {
  const { configFile, daemon, erp } = installation;
  say.line();
  say.line('Playing the people:');
  const token = await tokenFor(configFile, MARIA);
  const maria = (...args: readonly string[]): Promise<string> => tieback(configFile, args, token);
  say.note(`${MARIA} has a token of her own`);

  // The vendor file is open on somebody's screen: the approved plan has to wait, and the daemon dies while it waits.
  erp.lockVendorFile('Dana (Vendor Maintenance)');
  await maria('approve', String(story.forFinance), '--yes', '--comment', 'W-9 on file');
  const busy = await untilStatus(configFile, story.forFinance, ['busy']);
  say.note(`request ${story.forFinance} approved; ${busy.reason ?? ''}`);
  await daemon.kill();
  say.note('kill -9 of the daemon');
  await daemon.start();
  await daemon.ready();
  say.note('the daemon runs again');
  erp.unlockVendorFile();
  await maria('retry', String(story.forFinance));
  await maria('reject', String(story.toReject), '--comment', 'we do not buy there');
  const address = 'address=14 Dock St Suite 200';
  await maria('correct', String(story.parked), address, '--comment', 'no commas in the ERP');
  await untilStatus(configFile, story.forFinance, ['applied']);
  await untilStatus(configFile, story.toReject, ['rejected']);
  await untilStatus(configFile, story.parked, ['applied']);

  const equal = await keepEqual(installation, token, say);
  const paid = await playPayroll(installation, story.payroll, { token, clerk: MARIA, say });

  say.line();
  say.line('What must be true now:');
  const checks = [...(await endState(installation, story)), ...equal, ...paid];
  for (const { what, ok, found } of checks) {
    if (ok) say.good(what);
    else say.bad(`${what}: found ${JSON.stringify(found)}`);
  }
  return checks.every(({ ok }) => ok);
}

interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: unknown;
}

async function endState({ configFile, erp, procore }: Installation, story: Story): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const equal = (what: string, found: unknown, wanted: unknown): void =>
    void checks.push({ what, ok: isDeepStrictEqual(found, wanted), found });
  const requests = new Map(
    (await listRequests(configFile)).map((request) => [request.erpRequestId, request.status]),
  );
  const status = (requestId: number): string | undefined => requests.get(requestId);
  const inErp = (name: string): readonly (string | number | null)[][] =>
    erp
      .vendors()
      .filter(({ Name }) => Name === name)
      .map(({ Vendor, Address, Retainage }) => [Vendor, Address, Retainage]);
  const company = procore.state().companies[0];
  const inProcore = (name: string): unknown[] =>
    (company?.records.vendor ?? [])
      .filter((vendor) => vendor.name === name)
      .map((vendor) => [vendor.origin_code, vendor.erp_status]);

  equal(
    'the rule let the prequalified vendor through',
    [status(story.byRule), inErp('Harborline Electric LLC')],
    ['applied', [[10501, '410 Pier Way', '0.00']]],
  );
  equal('... and Procore shows it as synced', inProcore('Harborline Electric LLC'), [['10501', 'synced']]);
  const [summit, ...twins] = inErp('Summit Glazing Inc.');
  equal(
    'finance approved one vendor, it is in the ERP once, in spite of the kill',
    [status(story.forFinance), summit?.slice(1), twins],
    ['applied', ['77 Ridge Rd', '7.50'], []],
  );
  equal('... and Procore shows the number the ERP gave it', inProcore('Summit Glazing Inc.'), [
    [String(summit?.[0]), 'synced'],
  ]);
  equal(
    'finance rejected one, nothing was written',
    [status(story.toReject), inErp('Quickfix Handyman')],
    ['rejected', []],
  );
  equal(
    'the sender reads why',
    company?.records.vendor.find(({ name }) => name === 'Quickfix Handyman')?.erp_messages,
    [
      'Rejected by accounting (maria@larkspur.example): we do not buy there',
      'Correct the record and send it again, or ask accounting.',
    ],
  );
  equal(
    'the corrected vendor is in the ERP as corrected',
    [status(story.parked), inErp('Pacific Formwork Partnership')],
    ['applied', [[10502, '14 Dock St Suite 200', '0.00']]],
  );
  const detail = company?.requests.find(({ id }) => id === story.refusedByProcore)?.details[0];
  equal(
    "Procore's validation refused one vendor, and says which",
    [
      status(story.refusedByProcore),
      detail?.status,
      detail?.messages.some((line) => line.includes('Thames') && line.includes('country')),
    ],
    ['failed', 'failed', true],
  );
  const keys = erp.ledger().map(({ operation_key }) => operation_key);
  equal('the ledger in the ERP names each write once', [keys.length, new Set(keys).size], [5, 5]);
  equal('the client sent only what Procore documents', procore.violations(), []);
  const audit = await tiebackResult(configFile, ['audit', 'verify']);
  equal('the audit chain is whole (tieback audit verify)', audit.code, 0);
  return checks;
}
