import { useEffect, useState } from 'react';
import { texts } from '../texts/en';
import styles from './skeleton.module.css';

const AFTER_MS = 200;

/** Grey lines where something will be; what is quick is not announced. */
export function Skeleton({ lines = 6 }: { readonly lines?: number }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className={styles['skeleton']} role="status" aria-label={texts.loading}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={styles['line']} />
      ))}
    </div>
  );
}
