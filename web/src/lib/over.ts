import { useEffect, useState } from 'react';

/** Whether a moment (ISO 8601) is over: the page is drawn again when it comes. Null never is. */
export function useOver(until: string | null): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    setOver(false);
    if (until === null) return undefined;
    const timer = setTimeout(() => setOver(true), Math.max(0, Date.parse(until) - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  return over;
}
