import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Notice } from '../kit/notice';
import { loggedOut } from '../lib/api';
import { texts } from '../texts/en';

/** The session is over, but what was typed stays: people log in in another tab, and go on here. */
export function SignedOut() {
  const [out, setOut] = useState(false);
  const queries = useQueryClient();
  useEffect(() => {
    const tell = (): void => setOut(true);
    loggedOut.addEventListener('out', tell);
    return () => loggedOut.removeEventListener('out', tell);
  }, []);
  if (!out) return null;
  return (
    <Notice look="stuck" title={texts.login.out} alert>
      <a href="/login" target="_blank" rel="noreferrer">
        {texts.login.again}
      </a>{' '}
      <button
        type="button"
        onClick={() => {
          setOut(false);
          void queries.invalidateQueries();
        }}
      >
        {texts.login.back}
      </button>
    </Notice>
  );
}
