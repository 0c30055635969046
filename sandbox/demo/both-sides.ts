import { isDeepStrictEqual } from 'node:util';
import { RECONCILED_KINDS } from '../../src/domain/request/id';
import { tieback } from './cli';
import type { Installation } from './installation';
import type { Say } from './say';

/** What `tieback reconcile --json` tells of one kind. */
interface Reconciled {
  readonly kind: string;
  readonly moved: { readonly erp: number; readonly procore: number };
  readonly requests: readonly string[];
  readonly problem: string | null;
}

/** What the second half of the script found. */
export interface Equal {
  readonly what: string;
  readonly ok: boolean;
  readonly found: unknown;
}

const VENDOR = 'Harborline Electric LLC';
const JOB = '  998-004';

/**
 * Both sides change the same vendor, a job is born in the ERP and its code is renamed there: what comes to the other side by itself, what a person
 * settles, and that a run with nothing to do writes nothing.
 */
export async function keepEqual(
  { configFile, erp, procore }: Installation,
  token: string,
  say: Say,
): Promise<readonly Equal[]> {
  const found: Equal[] = [];
  const equal = (what: string, now: unknown, wanted: unknown): void =>
    void found.push({ what, ok: isDeepStrictEqual(now, wanted), found: now });
  const reconcile = async (...kinds: readonly string[]): Promise<readonly Reconciled[]> => {
    const done: Reconciled[] = [];
    for (const kind of kinds) {
      const out = await tieback(configFile, ['reconcile', kind, '--json'], token);
      done.push(...(JSON.parse(out.slice(out.indexOf('{'))) as { reconciled: Reconciled[] }).reconciled);
    }
    return done;
  };
  const company = () => procore.state().companies[0];
  const inProcore = () => company()?.records.vendor.find(({ name }) => name === VENDOR);
  const inErp = () => erp.vendors().find(({ Name }) => Name === VENDOR);

  say.line();
  say.line('Both sides change the same vendor:');
  await reconcile('vendor');
  const id = inProcore()?.id ?? 0;
  procore.editRecord('vendor', id, { business_phone: '206-555-0142', website: 'https://harborline.example' });
  erp.changeVendor(10501, { Phone: '206-555-0155', City: 'Bremerton' });
  await reconcile('vendor');
  const conflicts = JSON.parse(await tieback(configFile, ['conflicts', '--json'], token)) as {
    conflicts: readonly { readonly field: string }[];
  };
  say.note(`the phone is a conflict, the city came to Procore by itself`);
  equal(
    'what only one side changed came to the other, what both changed waits',
    [inProcore()?.city, conflicts.conflicts.map(({ field }) => field)],
    ['Bremerton', ['phone']],
  );
  await tieback(
    configFile,
    ['conflicts', 'settle', `vendor/${id}`, 'phone=erp', '--comment', 'called them', '--yes'],
    token,
  );
  await reconcile('vendor');
  say.note('maria took the phone of the ERP');
  equal(
    '... and is settled by a person',
    [inProcore()?.business_phone, inErp()?.Phone],
    ['206-555-0155', '206-555-0155'],
  );

  say.line('A job is born in the ERP:');
  erp.addJob(1, JOB, 'Harbor Pavilion', { city: 'Seattle', state: 'WA' });
  erp.addPhase(1, JOB, '23-050-  ', 'HVAC basic materials');
  await reconcile('line_item_type', 'project');
  const staged = company()?.stagedRecords.find(
    (one) => one.item_type === 'project' && JSON.stringify(one).includes('Harbor Pavilion'),
  );
  if (staged) procore.importStaged(staged.id);
  const codes = (): readonly string[] =>
    (company()?.records.cost_code ?? [])
      .map(({ name }) => String(name))
      .filter((name) => /HVAC|Chillers/.test(name));
  for (let tries = 0; tries < 40 && codes().length === 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await reconcile('project');
  }
  equal('a new job of the ERP is in Procore with its codes', codes(), ['HVAC basic materials']);
  erp.changePhase(1, JOB, '23-050-  ', { Description: 'Chillers' });
  await reconcile('project');
  equal('... and a renamed code follows', codes(), ['Chillers']);
  say.note('imported by a person in Procore; its code was renamed in the ERP');

  await reconcile(...RECONCILED_KINDS);
  const quiet = await reconcile(...RECONCILED_KINDS);
  equal(
    'a second run had nothing to do and wrote nothing',
    quiet.map(({ requests, problem }) => [requests, problem]),
    quiet.map(() => [[], null]),
  );
  say.line(await tieback(configFile, ['reconcile'], token));
  return found;
}
