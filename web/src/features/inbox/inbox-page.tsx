import { texts } from '../../texts/en';

export function InboxPage() {
  return <h1>{texts.nav.inbox}</h1>;
}
