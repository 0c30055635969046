import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { GET, loggedOut } from './api';
import type { Told } from './queries';
import { oldAfter } from './queries';

/** Whether changes reach this page by themselves; null: that is not known yet. */
export type LiveState = 'on' | 'off' | null;

/** One browser has one stream: whoever holds this lock reads it, and tells the other tabs through the channel of this name. */
const NAME = 'desk-live';

/** The daemon gives a sign of life every 15 seconds; one that is so late was missed. */
const SILENT_MS = 20_000;
/** A line that was cut is mostly there again before anybody needs to be told. */
const CUT_MS = 4_000;
const FIRST_WAIT_MS = 1_000;
/** A daemon that is back is found within this time: somebody waits in front of the page. */
const LONGEST_WAIT_MS = 10_000;
/** What comes within this time is asked for once. */
const GATHER_MS = 300;

/** What the tab with the stream hears, as it tells the others. */
type Heard =
  | { readonly name: 'beat' | 'reset' | 'out'; readonly id: string }
  | { readonly name: 'change'; readonly id: string; readonly changes: readonly Told[] }
  | { readonly name: 'cut' }
  /** A tab came, and wants to know whether changes reach it. */
  | { readonly name: 'hello' };

let state: LiveState = null;
const watchers = new Set<() => void>();

function become(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const watcher of watchers) watcher();
}

/** What one tab does with what is heard, wherever it was heard. `last`: where to go on from. */
class Tab {
  private silence: ReturnType<typeof setTimeout> | undefined;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private old = new Map<string, readonly string[]>();

  constructor(
    private readonly queries: QueryClient,
    public last: string | null,
  ) {
    this.waitFor(SILENT_MS);
  }

  hear(heard: Heard): void {
    if (heard.name === 'cut') return this.waitFor(CUT_MS);
    if (heard.name === 'hello') return;
    if (heard.id !== '') this.last = heard.id;
    if (heard.name === 'out') {
      become('off');
      loggedOut.dispatchEvent(new Event('out'));
      return;
    }
    become('on');
    this.waitFor(SILENT_MS);
    if (heard.name === 'reset') this.gather([[]]);
    if (heard.name === 'change') this.gather(heard.changes.flatMap(oldAfter));
  }

  close(): void {
    clearTimeout(this.silence);
    clearTimeout(this.gathering);
  }

  private waitFor(ms: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => become('off'), ms);
  }

  private gather(keys: readonly (readonly string[])[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.old.set(JSON.stringify(key), key);
    this.gathering ??= setTimeout(() => {
      const all = [...this.old.values()];
      this.old = new Map();
      this.gathering = undefined;
      for (const queryKey of all) void this.queries.invalidateQueries({ queryKey });
    }, GATHER_MS);
  }
}

/** Reads the stream until it is told to stop. The browser's own tries end with the first answer that is not 200, so these are ours. */
function read(from: () => string | null, tell: (heard: Heard) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waitMs = FIRST_WAIT_MS;
    const open = (): void => {
      const after = from();
      const stream = new EventSource(
        `/api/events${after === null ? '' : `?after=${encodeURIComponent(after)}`}`,
      );
      source = stream;
      for (const name of ['beat', 'reset', 'out', 'change'] as const)
        stream.addEventListener(name, ({ lastEventId: id, data }: MessageEvent<string>) => {
          waitMs = FIRST_WAIT_MS;
          tell(name === 'change' ? { name, id, changes: JSON.parse(data) as Told[] } : { name, id });
          if (name === 'out') again(LONGEST_WAIT_MS);
          else quiet();
        });
      stream.addEventListener('error', () => {
        tell({ name: 'cut' });
        void ended().then((isOut) => isOut && !signal.aborted && tell({ name: 'out', id: from() ?? '' }));
        again(waitMs);
      });
      quiet();
    };
    const again = (ms: number): void => {
      source?.close();
      clearTimeout(timer);
      // Not all browsers at once, after a daemon was away.
      timer = setTimeout(open, ms * (0.5 + Math.random() / 2));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    };
    /** A line may be dead without a word of it. */
    const quiet = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => again(0), SILENT_MS);
    };
    const atOnce = (): void => again(0);
    // Who looks at the page again does not wait for the next try.
    const seen = (): void => {
      if (document.visibilityState === 'visible' && state === 'off') atOnce();
    };
    window.addEventListener('online', atOnce);
    document.addEventListener('visibilitychange', seen);
    signal.addEventListener('abort', () => {
      window.removeEventListener('online', atOnce);
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(timer);
      source?.close();
      resolve();
    });
    open();
  });
}

/** Whether nobody is logged in any more: a stream that is refused does not say why. */
const ended = (): Promise<boolean> =>
  GET('/api/me').then(
    ({ response }) => response.status === 401,
    () => false,
  );

/** Keeps what this tab shows up to date, until the answer is called. A page that the browser puts away gives up stream and lock, and goes on where it was when it is shown again. */
function keepLive(queries: QueryClient): () => void {
  let close: (() => string | null) | null = listen(queries, null);
  let last: string | null = null;
  const away = (): void => {
    last = close?.() ?? last;
    close = null;
  };
  const back = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) close ??= listen(queries, last);
  };
  window.addEventListener('pagehide', away);
  window.addEventListener('pageshow', back);
  return () => {
    window.removeEventListener('pagehide', away);
    window.removeEventListener('pageshow', back);
    away();
  };
}

/** Hears what changes, from here or from the tab that reads; the answer ends that, and tells what was heard last. */
function listen(queries: QueryClient, after: string | null): () => string | null {
  const stop = new AbortController();
  const tab = new Tab(queries, after);
  const channel = new BroadcastChannel(NAME);
  let leads = false;
  channel.onmessage = ({ data }: MessageEvent<Heard>) => {
    if (data.name !== 'hello') tab.hear(data);
    else if (leads && state === 'on' && tab.last !== null)
      channel.postMessage({ name: 'beat', id: tab.last });
  };
  channel.postMessage({ name: 'hello' });
  const lead = (): Promise<void> => {
    leads = true;
    return read(
      () => tab.last,
      (heard) => {
        tab.hear(heard);
        channel.postMessage(heard);
      },
      stop.signal,
    );
  };
  // Without locks (an address that is not secure) each tab reads for itself; tabs that wait take over when the one that reads is closed.
  const { locks } = navigator as Partial<Pick<Navigator, 'locks'>>;
  if (locks === undefined) void lead();
  else void locks.request(NAME, { signal: stop.signal }, lead).catch(() => undefined);
  return () => {
    stop.abort();
    channel.close();
    tab.close();
    become(null);
    return tab.last;
  };
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Listens while the component is there and `on`, and answers whether changes reach it. */
export function useLive(on: boolean): LiveState {
  const queries = useQueryClient();
  useEffect(() => (on ? keepLive(queries) : undefined), [on, queries]);
  return useSyncExternalStore(watch, () => state);
}
