import { syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn, linesIn } from './toolbox/lists';

export const primeContract = {
  events: { sync_prime_contracts: syncReader('prime_contract') },
  port: (http) => ({
    findByOriginId: findIn(http, { name: 'prime_contracts', itemType: 'prime_contract' }),
    listLines: linesIn(http, {
      prime_contract: { path: '/rest/v1.0/prime_contracts/{id}/line_items', paged: true },
    }),
  }),
} as const satisfies KindRoom;
