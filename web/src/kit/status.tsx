import { texts } from '../texts/en';
import styles from './status.module.css';
import tones from './tones.module.css';

/** What a status is to people, with a sign beside the word: colour alone says nothing. */
const LOOKS: Readonly<Record<string, readonly [Look, string]>> = {
  waiting_for_finance: ['needs', '●'],
  parked: ['stuck', '!'],
  busy: ['waiting', '…'],
  held: ['waiting', '…'],
  received: ['waiting', '…'],
  planning: ['waiting', '…'],
  applying: ['waiting', '→'],
  applied: ['done', '✓'],
  rejected: ['waiting', '✕'],
  failed: ['stuck', '✕'],
};
export type Look = 'needs' | 'waiting' | 'stuck' | 'done' | 'moved';

export function Status({ status }: { readonly status: string }) {
  const [look, sign] = LOOKS[status] ?? ['waiting', '…'];
  return (
    <Pill look={look} sign={sign}>
      {texts.status(status)}
    </Pill>
  );
}

export function Pill({
  look,
  sign,
  children,
}: {
  readonly look: Look;
  readonly sign: string;
  readonly children: string;
}) {
  return (
    <span className={`${styles['pill']} ${tones[look]}`}>
      <span aria-hidden="true">{sign}</span>
      {children}
    </span>
  );
}
