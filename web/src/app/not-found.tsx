import { Link } from '@tanstack/react-router';
import { texts } from '../texts/en';

export function NotFound() {
  return (
    <div>
      <h1>{texts.notFound.title}</h1>
      <p>{texts.notFound.hint}</p>
      <Link to="/inbox">{texts.notFound.link}</Link>
    </div>
  );
}
