import { MASKED } from '../base/personal';

/** Bodies name their people near the top; deeper down there may be thousands of lines. */
const DEEPEST = 4;

/**
 * What Procore calls the user who caused a request, where the body of the request names them (`created_by` and the like: objects with `id`,
 * `name` and mostly `login`); null: it does not.
 */
export function nameOfUser(body: unknown, userId: number, depth = 0): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || depth > DEEPEST) return null;
  for (const [key, value] of Object.entries(body)) {
    if (typeof value !== 'object' || value === null) continue;
    const { id, name, login } = value as Record<string, unknown>;
    const isPerson =
      id === userId && typeof name === 'string' && (typeof login === 'string' || /_by$/.test(key));
    if (isPerson && name.trim() !== '' && !name.includes(MASKED)) return name.trim();
    const below = nameOfUser(value, userId, depth + 1);
    if (below !== null) return below;
  }
  return null;
}
