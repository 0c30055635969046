const HIDDEN = '[redacted]';
/** Shorter values would blank out ordinary words. */
const MIN_SECRET_LENGTH = 4;

const SHAPES: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9\-._~+/]+=*/gi, `$1 ${HIDDEN}`],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, HIDDEN],
  [/("(?:access_token|refresh_token|client_secret|authorization)"\s*:\s*)"[^"]*"?/gi, `$1"${HIDDEN}"`],
  [/\b((?:access_token|refresh_token|client_secret)=)[^&\s"]+/gi, `$1${HIDDEN}`],
];

/** Removes the secrets of this client from text that came from outside, before it reaches an error message. */
export class Redactor {
  private readonly secrets = new Set<string>();

  add(secret: string): void {
    if (secret.length >= MIN_SECRET_LENGTH) this.secrets.add(secret);
  }

  forget(secret: string): void {
    this.secrets.delete(secret);
  }

  text(text: string): string {
    let result = text;
    for (const secret of this.secrets) result = result.replaceAll(secret, HIDDEN);
    for (const [shape, replacement] of SHAPES) result = result.replace(shape, replacement);
    return result;
  }
}
