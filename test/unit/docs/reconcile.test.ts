import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSED_BECAUSE } from '../../../src/domain/reconcile/conflict';
import { comparedFields } from '../../../src/domain/reconcile/merge-record';
import { OWNERS, ownerOf } from '../../../src/domain/reconcile/ownership';
import { RECONCILED_KINDS } from '../../../src/domain/request/id';

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'reconcile.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test.each(RECONCILED_KINDS)('%s: who owns which field is as the page says', (kind) => {
  const fields = comparedFields(kind);
  const owned = (owner: string): readonly string[] =>
    fields.filter((field) => ownerOf({ kind, line: null, field }) === owner);
  const words = (names: readonly string[]): string =>
    names.length === 0 ? '' : names.map((name) => `\`${name}\``).join(', ');
  const row = rows.find(([, name]) => name === `\`${kind}\``);
  const columns = ['erp', 'procore', 'ask'];
  expect(row?.slice(2, -1)).toEqual(columns.map((owner) => words(owned(owner))));
  // Other owners have no column.
  expect(columns.flatMap(owned)).toHaveLength(fields.length);
});

test.each([...OWNERS])('the rule %s is explained', (owner) => {
  expect(rows.some(([, name]) => name === `\`${owner}\``)).toBe(true);
});

test.each([...CLOSED_BECAUSE])('a conflict that closes as "%s" is explained', (because) => {
  expect(page).toContain(`**${because}**`);
});
