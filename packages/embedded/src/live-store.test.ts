import { liveStoreContract } from '@haulwatch/testkit';
import { describe } from 'vitest';
import { openMemoryStore } from './live-store.ts';

describe('the live store in memory', () => {
  liveStoreContract(async (options) => {
    const store = openMemoryStore(options);
    return {
      store,
      other: store,
      lose: async () => openMemoryStore(options),
      [Symbol.asyncDispose]: () => store.close(),
    };
  });
});
