import { normaliseName } from '../../kinds/likeness';
import { textIn } from '../../kinds/record';
import type { SideRecord } from '../side-record';

/** How the codes of a kind are compared. */
export interface CodeRule {
  /** Reference of the record in which a code is unique; absent: in all of the kind. */
  readonly within?: string;
  /** The same code under another name is a question: `S` is `Subcontract`, or `Supplies`. */
  readonly asksForName?: true;
}

/** Two records with one code. */
export interface CodePair {
  readonly erp: SideRecord;
  readonly procore: SideRecord;
  /** A person has to look. */
  readonly isDoubtful: boolean;
  readonly reasons: readonly string[];
}

/**
 * Pairs by code: exact, whatever the case, the blanks and the separators of a mask. `23-050` and `23050` are one code where no other has these
 * digits; else `1-11` and `11-1` each belong to their like.
 */
export const codePairs = (erp: ByCode, procore: ByCode, rule: CodeRule): readonly CodePair[] =>
  [...erp].flatMap(([code, these]) => pairsOf(these, procore.get(code) ?? [], rule));

/** Records of one side by their codes without a mask. */
export type ByCode = ReadonlyMap<string, readonly SideRecord[]>;

export function byCode(records: readonly SideRecord[], { within }: CodeRule): ByCode {
  const groups = new Map<string, SideRecord[]>();
  for (const record of records) {
    const code = maskedCode(record).replaceAll('-', '');
    if (code === '') continue;
    const key = `${within === undefined ? '' : textIn(record.record, within)} ${code}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return groups;
}

/** ` 23.050-` is `23-050`. */
const maskedCode = ({ record }: SideRecord): string =>
  textIn(record, 'code')
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

function pairsOf(
  ones: readonly SideRecord[],
  others: readonly SideRecord[],
  rule: CodeRule,
): readonly CodePair[] {
  const all = ones.flatMap((erp) => others.map((procore) => ({ erp, procore })));
  const alike = all.filter(({ erp, procore }) => maskedCode(erp) === maskedCode(procore));
  const taken = new Set(alike.flatMap(({ erp, procore }) => [erp, procore]));
  const rest = all.filter(({ erp, procore }) => !taken.has(erp) && !taken.has(procore));
  const pairs = [...alike, ...rest];
  return pairs.map(({ erp, procore }): CodePair => {
    const isLone = pairs.filter((pair) => pair.erp === erp || pair.procore === procore).length === 1;
    const [name, otherName] = [textIn(erp.record, 'name'), textIn(procore.record, 'name')];
    const isNamedAlike = squeezed(name) === squeezed(otherName);
    return {
      erp,
      procore,
      isDoubtful: !isLone || (rule.asksForName === true && !isNamedAlike),
      reasons: [
        'same code',
        isNamedAlike ? 'same name' : `other name (${name || 'none'} / ${otherName || 'none'})`,
        ...(isLone ? [] : ['others have this code, too']),
      ],
    };
  });
}

const squeezed = (name: string): string => normaliseName(name).replaceAll(' ', '');
