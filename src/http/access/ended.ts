/** Sessions whose streams are open here: they are closed when the session ends, and not at the next heartbeat. */
export class Ended {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Calls back once when the session is ended through this daemon; the answer takes that back. */
  when(sessionId: string, close: () => void): () => void {
    const all = this.waiting.get(sessionId) ?? new Set();
    this.waiting.set(sessionId, all.add(close));
    return () => {
      all.delete(close);
      if (all.size === 0) this.waiting.delete(sessionId);
    };
  }

  tell(sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      const all = this.waiting.get(id) ?? [];
      this.waiting.delete(id);
      for (const close of all) close();
    }
  }
}
