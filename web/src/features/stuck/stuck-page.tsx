import { useEffect } from 'react';
import sections from '../../kit/sections.module.css';
import { useZone } from '../../lib/time';
import { texts } from '../../texts/en';
import { Conflicts } from './conflicts';
import { Exceptions } from './exceptions';
import { Groups } from './groups';
import { Suggestions } from './suggestions';

/** What does not go on, by its cause, and what only a person can say. */
export function StuckPage() {
  useZone();
  useEffect(() => {
    document.title = `${texts.nav.stuck} · ${texts.name}`;
  }, []);
  return (
    <div className={sections['page']}>
      <h1>{texts.nav.stuck}</h1>
      <Groups />
      <Conflicts />
      <Exceptions />
      <Suggestions />
    </div>
  );
}
