import { useEffect } from 'react';
import { texts } from '../texts/en';

/** What stands on the tab of the browser; null: nothing is known yet. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    document.title = title === null ? texts.name : `${title} · ${texts.name}`;
  }, [title]);
}
