import type { ReactNode } from 'react';
import type { Look } from './status';
import styles from './notice.module.css';
import tones from './tones.module.css';

/** Something that must be read before going on. `alert`: screen readers say it at once. */
export function Notice({
  look,
  title,
  alert = false,
  children,
}: {
  readonly look: Look;
  readonly title: string;
  readonly alert?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <div className={`${styles['notice']} ${tones[look]}`} {...(alert ? { role: 'alert' } : {})}>
      <strong>{title}</strong>
      {children === undefined ? null : <div>{children}</div>}
    </div>
  );
}
