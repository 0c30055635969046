import { basename } from 'node:path';
import type { Kind } from '../../domain/kinds';
import { KINDS } from '../../domain/kinds';
import { canonicalText } from '../../domain/base/text';
import { shown } from '../../domain/kinds/column-rules';
import type { AdapterLogger } from '../contract/definition';
import { assertWhole, cellsOf, readExport } from './document';
import type { Folder, Place } from './folder';
import { access, codeOf, PLACES, readdir, readFile, rename, stat, unlessGone } from './folder';
import { keyOfNumber, sha256 } from './keys';
import { bodyOf } from './layout';
import type { Answer, ExportedRecord, Log } from './log';
import { readCardAnswers } from './payroll/answers';
import type { References } from './references';
import { FileRefused, readRows } from './rows';
import type { Arriving, FileDropSettings, Incoming } from './settings';
import type { Row, State } from './state';

interface Parts {
  readonly folder: Folder;
  readonly settings: FileDropSettings;
  readonly log: Log;
  readonly state: State;
  readonly references: References;
  readonly logger: AdapterLogger | undefined;
}

/** From here on a file of another name is told: the ERP renames what it writes sooner. */
const LONG_MS = 3_600_000;

/** One file as it lies there. */
interface Incomer {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly changedAt: number;
  readonly sha256: string;
}

/** Takes in what the ERP put into the folder: each file wholly, or not at all. A file that is refused stays where it is. */
export class TakeIn {
  /** `<place>/<file>` → why it was refused. */
  private readonly refused = new Map<string, string>();
  private readonly seen = new Map<string, string>();

  /** `isTrial`: files are looked at, and nothing is taken in or moved. */
  constructor(
    private readonly parts: Parts,
    private readonly isTrial = false,
  ) {}

  /** Why files that lie there now would be refused, by `<place>/<file>`; for `tieback doctor`, which changes nothing. */
  async refusals(): Promise<ReadonlyMap<string, string>> {
    const trial = new TakeIn({ ...this.parts, logger: undefined }, true);
    await trial.all();
    for (const [place, name] of await this.list(['acknowledged', 'rejected', 'in'], 'erp.files.list'))
      if (!this.isWanted(place, name) && (await this.isOld(place, name)))
        trial.refused.set(`${PLACES[place]}/${name}`, 'no layout has files of this name');
    return trial.refused;
  }

  private isWanted(place: Place, name: string): boolean {
    const { answers, layouts, payroll } = this.parts.settings;
    // Employees stay where they are: whoever asks for them reads the newest file.
    if (place === 'in' && payroll !== undefined && matches(payroll.employees.files, name)) return true;
    if (this.isOfTimecards(place, name)) return true;
    const wanted =
      place === 'in' ? Object.values(layouts).map(({ incoming }) => incoming) : [answers[verdictOf(place)]];
    return wanted.some(({ files }) => matches(files, name));
  }

  private isOfTimecards(place: Place, name: string): boolean {
    const { payroll } = this.parts.settings;
    return place === 'acknowledged' && payroll !== undefined && matches(payroll.answers.files, name);
  }

  /** Nobody is about to rename it any more. */
  private async isOld(place: Place, name: string): Promise<boolean> {
    const { folder } = this.parts;
    const found = await folder.call('erp.files.look', () => unlessGone(stat(folder.path(place, name))));
    return found !== undefined && Date.now() - found.mtimeMs > LONG_MS;
  }

  async all(): Promise<void> {
    // Answers are listed before exports, and read after them: an export that was there before an answer is older than it.
    const answers = await this.list(['acknowledged', 'rejected'], 'erp.answers.list');
    const exports = await this.list(['in'], 'erp.exports.list');
    const there = new Set([...answers, ...exports].map(([place, name]) => `${PLACES[place]}/${name}`));
    for (const path of this.refused.keys()) if (!there.has(path)) this.refused.delete(path);
    for (const kind of KINDS)
      await this.exportsOf(
        kind,
        exports.map(([, name]) => name),
      );
    for (const [place, name] of answers)
      if (this.isOfTimecards(place, name))
        await this.guarded(place, name, () => this.cardAnswersOf(place, name));
      else if (this.isWanted(place, name)) await this.guarded(place, name, () => this.answersOf(place, name));
  }

  private async list(places: readonly Place[], call: string): Promise<readonly (readonly [Place, string])[]> {
    const { folder } = this.parts;
    const lists = await folder.call(call, () =>
      Promise.all(places.map(async (place) => ({ place, names: await readdir(folder.path(place)) }))),
    );
    return lists.flatMap(({ place, names }) =>
      names
        .filter((name) => !name.endsWith('.sha256') && !name.startsWith('.'))
        .sort()
        .map((name) => [place, name] as const),
    );
  }

  /** A file that is as it was when it was refused is not read again; one of answers is, when the ledger says more. */
  private async guarded(place: Place, name: string, take: () => Promise<void>): Promise<void> {
    const { folder, log, logger } = this.parts;
    const path = `${PLACES[place]}/${name}`;
    const now = await folder.call('erp.files.look', () => unlessGone(stat(folder.path(place, name))));
    const sign = `${now?.size}/${now?.mtimeMs}/${place === 'in' ? '' : log.next}`;
    if (now === undefined || (this.refused.has(path) && this.seen.get(path) === sign)) return;
    this.seen.set(path, sign);
    try {
      await take();
      this.refused.delete(path);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      if (this.refused.get(path) !== error.message) logger?.warn(`${path} is not read: ${error.message}`);
      this.refused.set(path, error.message);
      if (error instanceof FileWaits) this.seen.delete(path);
    }
  }

  private async exportsOf(kind: Kind, names: readonly string[]): Promise<void> {
    const layout = this.parts.settings.layouts[kind];
    if (layout === undefined) return;
    for (const name of names.filter((one) => matches(layout.incoming.files, one)))
      await this.guarded('in', name, () => this.exportOf(kind, layout.incoming, layout.number, name));
  }

  private async exportOf(
    kind: Kind,
    incoming: Incoming,
    number: readonly string[],
    name: string,
  ): Promise<void> {
    const { log, state, references } = this.parts;
    const file = await this.read('in', name);
    if (file === undefined) return;
    if (incoming.complete === 'sidecar') await this.assertChecksum('in', file);
    for (;;) {
      const read = readExport(incoming, kind, number, file.bytes, references);
      const order = read.sequence ?? file.changedAt;
      const last = state.newest.get(kind);
      const isAgain = last?.sha256 === file.sha256 && last.order === order;
      if (last !== undefined && order <= last.order && !isAgain && last.sha256 !== file.sha256)
        throw new FileRefused(
          `it is not newer than ${last.file}, which was read: ${order} after ${last.order}`,
        );
      const { records, keys, isHeld } = this.compared(kind, number, read.records);
      const missing = (row: { key: string; base: unknown }): boolean =>
        row.base !== null && !keys.has(row.key);
      const gone =
        incoming.content === 'all'
          ? state
              .all(kind)
              .filter(missing)
              .map(({ key }) => key)
          : [];
      if (read.records.length === 0 && gone.length > 0)
        throw new FileRefused(`it has no record, and ${gone.length} are known: all of them would be gone`);
      if (this.isTrial) return;
      const isNews = !isAgain || records.length > 0 || gone.length > 0;
      const body = {
        type: 'export',
        kind,
        file: name,
        sha256: file.sha256,
        order: Math.max(order, last?.order ?? order),
        readAt: now(),
        records,
        gone,
      } as const;
      if (isNews && !(await log.append('erp.exports', log.next, body))) {
        await log.refresh();
        continue;
      }
      if (isNews) await log.refresh();
      if (!isHeld) await this.archive('in', file);
      return;
    }
  }

  /** What differs from what is known. Held back are new numbers while we wait for the number of a creation: it may be that one. */
  private compared(
    kind: Kind,
    number: readonly string[],
    shownRecords: ReturnType<typeof readExport>['records'],
  ) {
    const { settings, state, references } = this.parts;
    const keys = new Set<string>();
    const records: ExportedRecord[] = [];
    const waits =
      settings.layouts[kind]?.numbers === 'erp' &&
      state.unanswered(kind).some(({ entry }) => entry.action === 'create');
    let isHeld = false;
    for (const { at, key: told, fields, lines } of shownRecords) {
      const parts = number.map((field) => String(fields[field] ?? ''));
      if (told === null && parts.includes(''))
        throw new FileRefused(`line ${at}: it has no ${number.join(', ')}`);
      const ours = told === null ? undefined : state.row(kind, `${settings.company}|${told}`);
      const key = ours?.key ?? references.keyOf(kind, parts);
      if (keys.has(key)) throw new FileRefused(`line ${at}: ${parts.join(', ')} comes twice`);
      keys.add(key);
      if (waits && state.row(kind, key) === undefined) isHeld = true;
      else if (state.isNews(kind, key, { fields, lines })) records.push({ key, fields, lines });
    }
    return { records, keys, isHeld };
  }

  private async answersOf(place: Place, name: string): Promise<void> {
    const { log } = this.parts;
    const file = await this.read(place, name);
    if (file === undefined) return;
    if (this.layoutOf(place).complete === 'sidecar') await this.assertChecksum(place, file);
    for (;;) {
      const answers = this.answersIn(place, file);
      if (this.isTrial) return;
      const body = { type: 'answers', file: name, sha256: file.sha256, readAt: now(), answers } as const;
      if (answers.length > 0 && !(await log.append('erp.answers', log.next, body))) {
        await log.refresh();
        continue;
      }
      if (answers.length > 0) await log.refresh();
      return this.archive(place, file);
    }
  }

  private async cardAnswersOf(place: Place, name: string): Promise<void> {
    const { log, state, settings } = this.parts;
    const layout = settings.payroll?.answers;
    const file = await this.read(place, name);
    if (file === undefined || layout === undefined) return;
    if (layout.complete === 'sidecar') await this.assertChecksum(place, file);
    for (;;) {
      const answers = readCardAnswers(layout, file.bytes, state.timecards);
      if (this.isTrial) return;
      const body = {
        type: 'timecard_answers',
        ...{ file: name, sha256: file.sha256, readAt: now(), answers },
      } as const;
      const isAdded = await log.append('erp.answers', log.next, body);
      await log.refresh();
      if (isAdded) return this.archive(place, file);
    }
  }

  private layoutOf(place: Place): Arriving {
    return this.parts.settings.answers[verdictOf(place)];
  }

  /** What is new in a file of answers; the same answer again is none. */
  private answersIn(place: Place, file: Incomer): readonly Answer[] {
    const { settings, state } = this.parts;
    const verdict = verdictOf(place);
    const layout = this.layoutOf(place);
    const body = bodyOf(layout);
    const answers = new Map<string, Answer>();
    const numbered = new Map<string, string>();
    if (file.bytes.length === 0) throw new FileRefused('it is empty: it is still being written, or was cut');
    const rows = readRows(layout, file.bytes);
    assertWhole(null, layout, rows, []);
    for (const row of rows.filter(({ record }) => body.includes(record))) {
      const [reference = ''] = cellsOf(row, 'reference');
      const [sequence = ''] = cellsOf(row, 'sequence');
      const operationKey =
        reference === '' ? state.bySequence.get(Number(sequence)) : state.byReference.get(reference);
      const operation = state.operations.get(operationKey ?? '');
      if (operation === undefined || (sequence !== '' && Number(sequence) !== operation.sequence))
        throw new FileRefused(
          `line ${row.at}: no document ${shown(`${reference} ${sequence}`.trim())} was handed over from this folder`,
        );
      const number = canonicalText(cellsOf(row, 'number')[0] ?? '') ?? '';
      const [message = ''] = cellsOf(row, 'message');
      const { kind, action, erpKey } = operation.entry;
      if (verdict === 'rejected' && message.trim() === '')
        throw new FileRefused(`line ${row.at}: it rejects without a reason`);
      if (verdict === 'acknowledged' && settings.layouts[kind]?.numbers === 'erp') {
        if (action === 'create' && number === '')
          throw new FileRefused(`line ${row.at}: it acknowledges a new ${kind} without its number`);
        const isIts = (one: Row): boolean =>
          one.state !== 'void' &&
          (one.number === number || one.key === keyOfNumber(settings.company, [number]));
        const owners =
          number === ''
            ? []
            : [
                numbered.get(`${kind} ${number}`) ?? erpKey,
                ...state
                  .all(kind)
                  .filter(isIts)
                  .map(({ key }) => key),
              ];
        const other = owners.find((key) => key !== erpKey);
        if (other !== undefined)
          throw new FileRefused(`line ${row.at}: the number ${number} belongs to ${other} already`);
        numbered.set(`${kind} ${number}`, erpKey);
      }
      const given = {
        operationKey: operation.entry.operationKey,
        verdict,
        number: number || null,
        message: message.trim() || null,
      } as const;
      const before = answers.get(given.operationKey);
      if (before !== undefined && !isSame(before, given))
        throw new FileRefused(
          `line ${row.at}: it answers for ${operation.entry.reference} twice, and differently`,
        );
      answers.set(given.operationKey, given);
    }
    return [...answers.values()].filter(
      (given) => !isSame(state.operations.get(given.operationKey)?.answer, given),
    );
  }

  private async read(place: Place, name: string): Promise<Incomer | undefined> {
    const { folder } = this.parts;
    return folder.call('erp.files.read', async () => {
      const path = folder.path(place, name);
      const before = await unlessGone(stat(path));
      if (before?.isFile() === false) throw new FileRefused('it is no file');
      const bytes = await unlessUnreadable(readFile(path));
      if (before === undefined || bytes === undefined) return undefined;
      if (bytes.length !== before.size) throw new FileRefused('it grew while it was read');
      return { name, bytes, changedAt: Math.floor(before.mtimeMs), sha256: sha256(bytes) };
    });
  }

  private async assertChecksum(place: Place, { name, sha256: found }: Incomer): Promise<void> {
    const { folder } = this.parts;
    const text = await folder.call('erp.files.checksum', () =>
      unlessGone(readFile(folder.path(place, `${name}.sha256`), 'utf8')),
    );
    if (text === undefined) throw new FileWaits(`${name}.sha256 is not there yet`);
    const [wanted = ''] = text.trim().split(/\s+/);
    if (wanted.toLowerCase() !== found)
      throw new FileWaits(`its checksum is ${found}, ${name}.sha256 says ${shown(wanted)}`);
  }

  /** What the ERP wrote there while we read is put back: it is read next. */
  private async archive(place: Place, { name, sha256: sum }: Incomer): Promise<void> {
    const { folder } = this.parts;
    const to = folder.path('archive', `${sum.slice(0, 12)}-${basename(name)}`);
    await folder.call('erp.files.archive', async () => {
      await unlessGone(rename(folder.path(place, name), to));
      const moved = await unlessGone(readFile(to));
      if (moved !== undefined && sha256(moved) !== sum) {
        const isTaken = await unlessGone(access(folder.path(place, name)).then(() => true));
        const again = isTaken ? name.replace(/(\.[^.]*)?$/, `.${sha256(moved).slice(0, 12)}$1`) : name;
        return rename(to, folder.path(place, again));
      }
      await unlessGone(rename(folder.path(place, `${name}.sha256`), `${to}.sha256`));
    });
  }
}

/** The file need not change to be read next time: its checksum, or the right to read it, may come. */
class FileWaits extends FileRefused {}

const now = (): string => new Date().toISOString();

const verdictOf = (place: Place): Answer['verdict'] => (place === 'rejected' ? 'rejected' : 'acknowledged');

const isSame = (one: Answer | null | undefined, other: Answer): boolean =>
  one?.verdict === other.verdict && one.number === other.number && one.message === other.message;

/** The ERP may still hold a file open, or not let us read it: others go on. */
async function unlessUnreadable<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await unlessGone(call);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (!['EACCES', 'EPERM', 'EBUSY'].includes(code)) throw error;
    throw new FileWaits(`it cannot be read (${code}): is it still open in the ERP, or do we lack the right?`);
  }
}

/** `vendors*.csv` */
export const matches = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(name);
