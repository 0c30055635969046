import { DeskRefusal } from './refusal';

/** Where a page ended, as the next one is asked for: opaque to whoever asks. */
export const cursorOf = (place: unknown): string =>
  Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');

/** Reads it back. Throws `DeskRefusal` `CURSOR`. */
export function placeIn<T>(cursor: string, isPlace: (value: unknown) => value is T): T {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    place = undefined;
  }
  if (isPlace(place)) return place;
  throw new DeskRefusal('CURSOR', 'This is no place in a list.', 'Begin the list again.');
}
