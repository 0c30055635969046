import { InvalidArgumentError, Option } from 'commander';
import type { ExportOptions } from './audit-export';
import { exportAudit } from './audit-export';
import type { NotedHead } from '../desk/audit/verify';
import type { VerifyOptions } from './audit-verify';
import { verifyChains } from './audit-verify';
import type { Register } from './cli';

export const registerAudit: Register = (program, cli) => {
  const audit = program.command('audit').description('prove that the audit log is whole, and hand it over');
  audit
    .command('verify')
    .description(
      "compare the hash chain, our tables and the ERP's ledger; names what was changed, removed, added or moved",
    )
    .option('--connection <name>', 'only the chain of one connection')
    .option(
      '--head <link:hash>',
      'a head that was written down earlier; the chain must still contain it',
      readHead,
    )
    .option('--no-erp', "leave out the comparison with the ERP's own ledger")
    .addHelpText(
      'after',
      '\nExit code 3 when something was changed, removed or added.\n\nExamples:\n  tieback audit verify\n  tieback audit verify --connection acme --head 1842:9f2c41d0a7be...',
    )
    .action((options: VerifyOptions) => verifyChains(cli, options));
  audit
    .command('export')
    .description('the audit log with its hashes, for a third party to verify (docs/audit.md explains how)')
    .option('--connection <name>', 'only one connection')
    .option(
      '--request <id>',
      'the evidence of one request: its entries, plans, decisions, and the chain that seals them',
    )
    .addOption(new Option('--format <format>', 'how').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--out <file>', 'write there (a file that exists is not overwritten)')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback audit export --out audit-2026-03.jsonl\n  tieback audit export --request 5012 --out evidence-5012.jsonl',
    )
    .action((options: ExportOptions) => exportAudit(cli, options));
};

function readHead(text: string): NotedHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{12,64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new InvalidArgumentError('It is a link number, a colon, and at least 12 characters of the hash.');
  }
  return { seq: Number(seq), hash };
}
