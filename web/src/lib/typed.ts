import { useEffect, useRef, useState } from 'react';

const AFTER_MS = 300;

/** A text that is asked for when somebody stops typing. `given`: as the address has it, which may move by itself. */
export function useTyped(
  given: string,
  onSettled: (text: string) => void,
  fits: (text: string) => boolean = () => true,
): readonly [string, (text: string) => void] {
  const [typed, setTyped] = useState(given);
  const last = useRef(given);
  const settle = useRef(onSettled);
  settle.current = onSettled;
  useEffect(() => {
    if (given === last.current) return;
    last.current = given;
    setTyped(given);
  }, [given]);
  const isFit = fits(typed);
  useEffect(() => {
    if (typed === last.current || !isFit) return undefined;
    const timer = setTimeout(() => {
      last.current = typed;
      settle.current(typed);
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, isFit]);
  return [typed, setTyped];
}
