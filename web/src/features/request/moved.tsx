import { Button } from '@mantine/core';
import { Notice } from '../../kit/notice';
import { valueText } from '../../kit/value';
import { texts } from '../../texts/en';
import type { Difference } from './types';
import styles from './request.module.css';

/** The plan is not the one that was looked at: what is different, and that it was seen. Null: nobody can say what it was. */
export function Moved({
  difference,
  onSeen,
}: {
  readonly difference: Difference | null;
  readonly onSeen: () => void;
}) {
  const words = texts.request.moved;
  return (
    <Notice look="moved" title={words.title} alert>
      <div className={styles['side-by-side']}>
        <p>{difference === null ? words.unknown : words.text}</p>
        {difference === null ? null : <Differences difference={difference} />}
        <Button variant="default" onClick={onSeen}>
          {words.accept}
        </Button>
      </div>
    </Notice>
  );
}

function Differences({
  difference: { changed, added, removed, warningsAdded, warningsRemoved, other },
}: {
  readonly difference: Difference;
}) {
  const words = texts.request.moved;
  return (
    <ul className={styles['list']}>
      {changed.map(({ target, label, before, after }) => (
        <li key={`${target} ${label}`}>
          {`${target} · ${label}: `}
          <s>{valueText(before, null)}</s>
          {' → '}
          <strong>{valueText(after, null)}</strong>
        </li>
      ))}
      {added.map((target) => (
        <li key={`+${target}`}>{`${words.added}: ${target}`}</li>
      ))}
      {removed.map((target) => (
        <li key={`-${target}`}>{`${words.removed}: ${target}`}</li>
      ))}
      {warningsAdded.map(({ text }) => (
        <li key={`!${text}`}>{`${words.warningAdded}: ${text}`}</li>
      ))}
      {warningsRemoved.map(({ text }) => (
        <li key={`-!${text}`}>{`${words.warningRemoved}: ${text}`}</li>
      ))}
      {other ? <li>{words.other}</li> : null}
    </ul>
  );
}
