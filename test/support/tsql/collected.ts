/**
 * Every T-SQL statement that the project makes, for the gate that parses them (`.ci/tsql`): where no SQL Server is, nobody else would look at their
 * grammar. Any test may add its own.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', '..', '.cache', 'tsql');

/**
 * What SQL Server would take and nobody here may send: dirty reads, MERGE (races without HOLDLOCK), columns nobody named, and OUTPUT to the client, which
 * tables with triggers refuse.
 */
const NEVER =
  /\bNOLOCK\b|\bREADUNCOMMITTED\b|\bREAD UNCOMMITTED\b|\bMERGE\b|\bSELECT \*|\bOUTPUT (inserted|deleted)\b(?![^;]*\bINTO\b)/i;

/** The statements of one part of the project, each once. */
export class Collected {
  private static readonly parts = new Map<string, Collected>();

  /** The same one for all of a test's files: those that it imports run before its own first line. */
  static of(part: string): Collected {
    const known = Collected.parts.get(part) ?? new Collected(part);
    Collected.parts.set(part, known);
    return known;
  }

  private readonly texts = new Set<string>();

  constructor(private readonly part: string) {}

  add(...texts: readonly string[]): void {
    for (const text of texts) this.texts.add(text.trim());
  }

  /** A script of a DBA: batch by batch, as their tool sends it. */
  addScript(script: string): void {
    this.add(...script.split(/^GO\s*$/m).filter((batch) => batch.trim() !== ''));
  }

  get all(): readonly string[] {
    return [...this.texts];
  }

  /** One file each, so that the gate names the one that does not parse. What was there is replaced. Throws where one is careless. */
  write(): void {
    const careless = this.all.filter((text) => NEVER.test(text));
    if (careless.length > 0)
      throw new Error(`Nobody may send this to a SQL Server:\n${careless.join('\n\n')}`);
    const folder = join(FOLDER, this.part);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [index, text] of this.all.entries())
      writeFileSync(join(folder, `${String(index + 1).padStart(4, '0')}.sql`), `${text}\n`);
  }
}
