import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { TiebackError } from '../../domain/base/errors';
import type { Kind } from '../../domain/kinds';
import type { Fields, RecordLine } from '../../domain/kinds/record';
import type { LedgerEntry } from '../contract/adapter';
import type { Folder } from './folder';
import {
  codeOf,
  mkdir,
  ours,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  syncFolder,
  unlessGone,
  writeDurably,
} from './folder';
import { sha256 } from './keys';
import type { CardsAnswered, HandedCards } from './payroll/entries';

/** A document that was handed over: the operation, what it carries, and its bytes as text. */
export interface Handed extends LedgerEntry<Kind> {
  readonly type: 'document';
  readonly connection: string;
  readonly action: 'create' | 'update';
  readonly reference: string;
  readonly fields: Fields;
  readonly lines: readonly RecordLine[];
  readonly file: string;
  readonly sha256: string;
  readonly content: string;
}

/** What an export of the ERP changed. */
export interface Exported {
  readonly type: 'export';
  readonly kind: Kind;
  readonly file: string;
  readonly sha256: string;
  /** Its own number, or the time of the file in milliseconds: a later one has a greater one. */
  readonly order: number;
  readonly readAt: string;
  readonly records: readonly ExportedRecord[];
  /** Keys of what is not there any more. */
  readonly gone: readonly string[];
}

export interface ExportedRecord {
  readonly key: string;
  readonly fields: Fields;
  /** Kinds of lines that the export holds none of stay as they were. */
  readonly lines: readonly RecordLine[];
}

/** What the ERP said of documents. */
export interface Answered {
  readonly type: 'answers';
  readonly file: string;
  readonly sha256: string;
  readonly readAt: string;
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly operationKey: string;
  readonly verdict: 'acknowledged' | 'rejected';
  /** The number that the ERP gave to the record. */
  readonly number: string | null;
  readonly message: string | null;
}

/** A number that was used before the ledger was put back: what it stood for is not known any more. */
interface Lost {
  readonly type: 'lost';
  readonly foundAt: string;
}

type Body = Handed | Exported | Answered | Lost | HandedCards | CardsAnswered;
/** One entry, by its place in the log, from 1. */
export type LogEntry = Body & { readonly sequence: number };

/** What is a file in `out/`. */
const isHandedOver = <E extends Body>(entry: E): entry is E & (Handed | HandedCards) =>
  entry.type === 'document' || entry.type === 'timecards';

const ENTRY = 'entry.json';
const DOCUMENT = 'document';
const CHECKSUM = 'checksum';
const MOST_AT_ONCE = 64;
/** Codes that say for certain that a rename was not done. */
const NOT_DONE = ['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EXDEV', 'ENOENT'];

const IS_NUMBER = /^\d{8}$/;
const nameOf = (sequence: number): string => String(sequence).padStart(8, '0');

/**
 * The ledger: a folder for each entry, numbered without gaps. An entry is made elsewhere and comes by renaming its folder to the next number,
 * which exactly one can do; whoever is second looks again. The document to hand over comes with its entry, and goes from there to `out/` by
 * another renaming, which only works once.
 */
export class Log {
  private known: LogEntry[] = [];
  private text = '';
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: Folder,
    /** Called before the first entry again when the ledger on the disk is another one: it was put back. */
    private readonly onEntry: (entry: LogEntry) => void,
    private readonly onReset: () => void,
  ) {}

  get entries(): readonly LogEntry[] {
    return this.known;
  }

  get next(): number {
    return this.known.length + 1;
  }

  /** Reads what others wrote meanwhile. One at a time. */
  refresh(): Promise<void> {
    const run = this.reading.then(() => this.folder.call('erp.ledger.read', () => this.read()));
    this.reading = run.catch(() => undefined);
    return run;
  }

  private async read(): Promise<void> {
    // Folder of the ledger first: one that is missing is no empty ledger.
    await stat(this.folder.path('ledger'));
    if (this.known.length > 0 && (await this.textOf(this.known.length)) !== this.text) this.reset();
    const listed = this.known.length > 0 ? [] : await readdir(this.folder.path('ledger'));
    await this.readOn();
    const beyond = this.beyond(listed).at(0);
    if (beyond === undefined) return;
    const missing = nameOf(this.next);
    this.reset();
    // A number that was used once is never used again.
    const reason = `entry ${missing} of the ledger is missing, and ${beyond} is there. Restore ${PLACE} from a backup`;
    throw new TiebackError('ERP_CONFIG', { reason });
  }

  private reset(): void {
    this.known = [];
    this.onReset();
  }

  private async readOn(): Promise<void> {
    for (let size = 1; ; size = Math.min(size * 4, MOST_AT_ONCE)) {
      const first = this.next;
      const texts = await Promise.all(Array.from({ length: size }, (_, index) => this.textOf(first + index)));
      for (const text of texts) {
        if (text === undefined) return;
        const entry = entryOf(text, this.next);
        this.known.push(entry);
        this.text = text;
        this.onEntry(entry);
      }
    }
  }

  private textOf(sequence: number): Promise<string | undefined> {
    return unlessGone(readFile(this.folder.path('ledger', nameOf(sequence), ENTRY), 'utf8'));
  }

  /**
   * Adds an entry at the place that it was made for. False: another one is there now, and nothing was written. The bytes of a document go with it.
   * Throws `ERP_OUTCOME_UNKNOWN` when nobody knows.
   */
  async append(
    name: string,
    sequence: number,
    body: Body,
    document?: { bytes: Uint8Array; hasChecksum: boolean },
  ): Promise<boolean> {
    const { folder } = this;
    const tmp = folder.path('tmp', randomUUID());
    const target = folder.path('ledger', nameOf(sequence));
    const text = entryText({ ...body, sequence }, randomUUID());
    await folder.call(`${name}.make`, () => mkdir(tmp));
    if (document !== undefined) {
      await folder.call(`${name}.document`, () => writeDurably(join(tmp, DOCUMENT), document.bytes));
      if (document.hasChecksum && isHandedOver(body))
        await folder.call(`${name}.checksum`, () =>
          writeDurably(join(tmp, CHECKSUM), Buffer.from(`${body.sha256}  ${body.file}\n`)),
        );
    }
    await folder.call(`${name}.entry`, () => writeDurably(join(tmp, ENTRY), Buffer.from(text)));
    await folder.call(`${name}.sync`, () => syncFolder(tmp));
    try {
      await folder.raw(`${name}.commit`, () => rename(tmp, target));
    } catch (error) {
      const there = codeOf(error) === null ? undefined : await this.textOf(sequence).catch(() => undefined);
      // A server may have done it and lost the answer: then the entry is ours.
      if (there !== text) {
        if (there === undefined) throw unknownUnless(error, folder.root);
        await rm(tmp, { recursive: true, force: true });
        return false;
      }
    }
    await folder.call(`${name}.durable`, () => syncFolder(folder.path('ledger')));
    return true;
  }

  /**
   * Whether the ledger still has the entry that a reader stopped at. False: it was put back, and the reader has to begin again; the numbers up to there
   * are passed over, and not used twice.
   */
  async stillHas(sequence: number): Promise<boolean> {
    while (this.next <= sequence) {
      await this.append('erp.ledger.lost', this.next, { type: 'lost', foundAt: new Date().toISOString() });
      await this.refresh();
    }
    return this.known[sequence - 1]?.type !== 'lost';
  }

  /**
   * Hands over the newest document, unless that was done. Before an entry is added the one before it is handed over, so no older one can be
   * waiting, and the ERP gets them in order.
   */
  async publish(name: string): Promise<void> {
    const { folder } = this;
    const last = this.known.findLast(isHandedOver);
    if (last === undefined) return;
    const from = (part: string): string => folder.path('ledger', nameOf(last.sequence), part);
    await folder.call(`${name}.publish`, async () => {
      await syncFolder(folder.path('ledger'));
      await unlessGone(rename(from(CHECKSUM), folder.path('out', `${last.file}.sha256`)));
      await unlessGone(rename(from(DOCUMENT), folder.path('out', last.file)));
    });
    await folder.call(`${name}.published`, () => syncFolder(folder.path('out')));
  }

  /** Numbers on the disk that no unbroken count leads to. */
  async beyondGaps(): Promise<readonly string[]> {
    const names = await this.folder.call('erp.ledger.list', () => readdir(this.folder.path('ledger')));
    return [...names.filter((name) => !IS_NUMBER.test(name)), ...this.beyond(names)];
  }

  private beyond(names: readonly string[]): readonly string[] {
    return names.filter((name) => IS_NUMBER.test(name) && Number(name) > this.known.length).sort();
  }
}

function unknownUnless(error: unknown, root: string): unknown {
  if (NOT_DONE.includes(codeOf(error) ?? '')) return ours(error, root);
  const reason = error instanceof Error ? error.message : String(error);
  return new TiebackError('ERP_OUTCOME_UNKNOWN', { reason }, { cause: error });
}

/** An entry with its checksum; `writer` tells two equal ones apart. */
function entryText(entry: LogEntry, writer: string): string {
  const json = JSON.stringify({ ...entry, writer });
  return `${json}\n${sha256(json)}\n`;
}

function entryOf(text: string, sequence: number): LogEntry {
  const [json = '', sum] = text.split('\n');
  if (sum !== sha256(json)) {
    const reason = `entry ${nameOf(sequence)} of the ledger is damaged: its checksum does not fit. Restore ${PLACE} from a backup`;
    throw new TiebackError('ERP_CONFIG', { reason });
  }
  return JSON.parse(json) as LogEntry;
}

const PLACE = 'tieback/ledger';
