import { useEffect, useRef } from 'react';

/** Keys and what they do. `?` is `Shift+/` on most keyboards: the character counts. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>;

const SWITCH = 'desk-keys';

/** Single keys can be switched off (WCAG 2.1.4). */
export const keysOn = (): boolean => localStorage.getItem(SWITCH) !== 'off';
export const switchKeys = (on: boolean): void => localStorage.setItem(SWITCH, on ? 'on' : 'off');

const TYPED_IN =
  'input, textarea, select, [contenteditable], [role="combobox"], [role="menu"], [role="listbox"]';

/** Listens for single keys while the component is there: never while somebody types, composes, or holds a key down. */
export function useKeys(keys: Keys, on = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!on) return undefined;
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
      if (event.target instanceof Element && event.target.closest(TYPED_IN) !== null) return;
      const act = current.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [on]);
}
