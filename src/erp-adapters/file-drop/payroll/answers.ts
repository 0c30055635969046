import { shown } from '../../../domain/kinds/column-rules';
import { FileRefused, readRows } from '../rows';
import type { CardAnswer } from './entries';
import { CARD_VERDICTS } from './entries';
import type { PayrollFiles } from './settings';
import { layoutOf } from './settings';
import type { CardState } from './state';

/** Reads what the ERP says of lines: a file is taken wholly or not at all. Throws `FileRefused`. */
export function readCardAnswers(
  answers: PayrollFiles['answers'],
  bytes: Uint8Array,
  state: CardState,
): readonly CardAnswer[] {
  const rows = readRows(layoutOf(answers), bytes);
  if (rows.length === 0) throw new FileRefused('it is empty: it is still being written, or was cut');
  const words = answers.columns.find(({ value }) => value === 'status')?.values ?? {};
  return rows.map(({ at, cells }) => {
    const cell = (wanted: string): string => {
      const index = answers.columns.findIndex(({ value }) => value === wanted);
      return (cells[index] ?? '').trim();
    };
    const known = lineOf(state, cell);
    if (known === undefined)
      throw new FileRefused(
        `line ${at}: no timecard ${shown([cell('key'), cell('sequence'), cell('line')].join(' ').trim())} was handed over from this folder`,
      );
    const verdict = CARD_VERDICTS.find((one) => words[one] === cell('status'));
    if (verdict === undefined)
      throw new FileRefused(
        `line ${at}: the status "${shown(cell('status'))}" is none of ${Object.values(words).join(', ')}`,
      );
    const text = [cell('code'), cell('text')].filter((part) => part !== '').join(' ');
    if (verdict === 'rejected' && text === '')
      throw new FileRefused(`line ${at}: it rejects without a reason`);
    return { ...known, verdict, words: text === '' ? null : text };
  });
}

/** By its key, or by the number of the file and its place there. */
function lineOf(
  state: CardState,
  cell: (value: string) => string,
): Pick<CardAnswer, 'document' | 'key'> | undefined {
  const [key, sequence, place] = [cell('key'), cell('sequence'), cell('line')];
  const entry = sequence === '' ? state.holding(key)?.entry : state.document(Number(sequence));
  const line = key === '' ? entry?.lines[Number(place) - 1] : entry?.lines.find((one) => one.key === key);
  return entry === undefined || line === undefined ? undefined : { document: entry.sequence, key: line.key };
}
