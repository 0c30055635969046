import type { SuggestedPair } from '../desk/links/suggestions';
import { textIn } from '../domain/kinds/record';
import type { Cli } from './cli';
import { table } from './print-table';

/** Suggested pairs, those that `--all-matches` takes with a mark; keys as they are typed. */
export function pairTable(cli: Cli, pairs: readonly SuggestedPair[]): string {
  const rows = pairs.map(({ erpKey, procoreId, verdict, bits, reasons, records }) => [
    verdict === 'match' ? cli.paint.green('✓') : '?',
    erpKey,
    textIn(records.erp, 'name'),
    String(procoreId),
    textIn(records.procore, 'name'),
    bits.toFixed(0),
    reasons.join(', '),
  ]);
  const head = ['', 'ERP', 'name there', 'Procore', 'name there', 'bits', 'why'];
  return table(head, rows, { ...cli.tableOptions, wrap: true, right: [5] });
}
