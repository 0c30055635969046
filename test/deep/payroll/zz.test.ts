import { readFileSync } from 'node:fs';
import { PayOffice } from './office';
test('replay', async () => {
  const text = readFileSync(process.env['REPLAY'] ?? '', 'utf8').replaceAll('__proto__:null,', '');
  const [habits, actions] = JSON.parse(text);
  const office = await PayOffice.open(habits);
  const seen = new Set<string>();
  const orig = (office as any).take.bind(office);
  const dump = async (what: string) => {
    const w = office.world;
    process.stdout.write(`\n## ${what} @${new Date(w.clock.now()).toISOString().slice(0, 10)}\n`);
    for (const [id, st] of Object.entries(office.standings))
      process.stdout.write(`   ${id}: ${JSON.stringify(st).slice(0, 220)}\n`);
    const rows = office
      .rows()
      .map(
        (r: any) =>
          `${r.Card} ${r.Employee} ${r.PostDate} ph${r.PhaseID} e${r.EarnCode} ${r.Hours} b${r.Mth}/${r.BatchId} ${String(r.Memo).slice(0, 14)}`,
      );
    const posted = new Set(w.erp.postedCards().map((r: any) => r.Card));
    for (const r of rows) {
      const k = `${r} ${posted.has(Number(r.split(' ')[0])) ? 'P' : 'u'}`;
      if (!seen.has(k)) process.stdout.write(`   + ${k}\n`);
      seen.add(k);
    }
    const ex = await w.read(async (t) =>
      (await t.exceptions.listOpen('acme')).map((e) => `${e.recordId} ${e.reason}`),
    );
    for (const e of ex) process.stdout.write(`   ! ${e}\n`);
  };
  (office as any).take = async (a: any) => {
    await orig(a);
    await dump(JSON.stringify(a));
  };
  const l = (office as any).look.bind(office);
  (office as any).look = async (...a: any[]) => {
    await l(...a);
    await dump('look');
  };
  try {
    for (const a of actions) await office.act(a);
    await office.quiet();
    await office.check();
    await office.changesNothing();
  } finally {
    await dump('END');
    const es = await office.world.read((t) =>
      t.payroll.entries('acme', { begin: '2026-01-01', end: '2026-12-31' }),
    );
    for (const e of es)
      process.stdout.write(
        `   E ${e.entry.id} ${e.entry.person?.name} ${e.entry.date} ${e.entry.hours} ${e.entry.status} since ${e.payableSince} in ${e.writtenIn} ${e.hours} del ${e.entry.deletedAt}\n`,
      );
    await office.close();
  }
}, 120000);
