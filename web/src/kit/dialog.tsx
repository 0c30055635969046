import { CloseButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useEffect, useId, useRef } from 'react';
import { texts } from '../texts/en';
import styles from './dialog.module.css';

/** A question in front of the page: the browser's own dialog keeps the focus inside, and Escape closes it. `locked`: it stays until it is answered. */
export function Dialog({
  title,
  wide = false,
  locked = false,
  onClose,
  children,
}: {
  readonly title: string;
  readonly wide?: boolean;
  readonly locked?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`${styles['dialog']} ${wide ? styles['wide'] : ''}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!locked) onClose();
      }}
    >
      <div className={styles['head']}>
        <h2 id={heading}>{title}</h2>
        <CloseButton aria-label={texts.close} disabled={locked} onClick={onClose} />
      </div>
      {children}
    </dialog>
  );
}
