/* eslint-disable no-console -- a command line tool speaks on the console */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { createCompany, openCompany, type Accounting } from './company';

/** `sample-erp`: the desk of the accounting office, for people who try Tieback out. */
const program = new Command('sample-erp').description(
  'Groundwork, the sample ERP: create a company and play its people',
);

program
  .command('create <file>')
  .description('create a company database')
  .option('--seed', 'with vendors, invoices and jobs')
  .option('--name <name>', 'name of company 1')
  .option('--replace', 'replace the database that is there')
  .option('--dba-script <sql-file>', 'run this script afterwards, for example a grant script')
  .action((file: string, options: { seed?: true; name?: string; replace?: true; dbaScript?: string }) => {
    const accounting = createCompany(file, {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.seed === undefined ? {} : { seed: true }),
      ...(options.replace === undefined ? {} : { replace: true }),
      ...(options.dbaScript === undefined ? {} : { ledgerScript: readFileSync(options.dbaScript, 'utf8') }),
    });
    console.log(`Created ${file} with ${accounting.vendors().length} vendors.`);
    accounting.close();
  });

command('list <file>', 'list the vendors', (accounting) => {
  for (const { Vendor, SortName, Name, City, State, Status, HoldCode } of accounting.vendors()) {
    const state = Status === 'A' ? '' : `inactive${HoldCode === null ? '' : `, on hold (${HoldCode})`}`;
    console.log(
      `${Vendor}  ${SortName.padEnd(15)}  ${Name.padEnd(60)}  ${City?.trim() ?? ''} ${State ?? ''}  ${state}`,
    );
  }
});
command('ledger <file>', 'list the Tieback ledger', (accounting) => {
  for (const row of accounting.ledger()) {
    console.log(
      `${row.written_at}  ${row.record_id}  generation ${row.generation}  ${row.erp_key}  ${row.operation_key}`,
    );
  }
});
command('lock <file> [who]', 'open "Vendor Maintenance", so that programs must wait', (accounting, who) => {
  accounting.lockVendorFile(who ?? 'Dana Reyes');
});
command('unlock <file>', 'close "Vendor Maintenance"', (accounting) => accounting.unlockVendorFile());
command('script <file> <sql-file>', 'run a script as the DBA', (accounting, sqlFile) => {
  accounting.runScript(readFileSync(sqlFile ?? '', 'utf8'));
});

function command(
  usage: string,
  description: string,
  run: (accounting: Accounting, argument?: string) => void,
): void {
  program
    .command(usage)
    .description(description)
    .action((file: string, argument: unknown) => {
      const accounting = openCompany(file);
      try {
        run(accounting, typeof argument === 'string' ? argument : undefined);
      } finally {
        accounting.close();
      }
    });
}

program.parse();
