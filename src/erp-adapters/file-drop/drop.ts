import type { AdapterLogger, Io } from '../contract/definition';
import { Folder } from './folder';
import { Log } from './log';
import { References } from './references';
import type { FileDropSettings } from './settings';
import { State } from './state';
import { TakeIn } from './take-in';

/** A drop folder and what is known from it. */
export class Drop {
  readonly folder: Folder;
  readonly state: State;
  readonly log: Log;
  readonly references: References;
  readonly takeIn: TakeIn;
  private taking: Promise<unknown> = Promise.resolve();

  constructor(
    readonly settings: FileDropSettings,
    readonly connectionId: string,
    io: Io,
    logger: AdapterLogger | undefined,
  ) {
    this.folder = new Folder(settings.folder, io);
    this.state = new State(settings);
    this.log = new Log(
      this.folder,
      (entry) => this.state.apply(entry),
      () => this.state.clear(),
    );
    this.references = new References(settings, this.state);
    this.takeIn = new TakeIn({ ...this, logger });
  }

  /** Reads what others wrote, and takes in what the ERP put there. One at a time. */
  refresh(): Promise<void> {
    const run = this.taking.then(async () => {
      await this.log.refresh();
      await this.takeIn.all();
    });
    this.taking = run.catch(() => undefined);
    return run;
  }
}
