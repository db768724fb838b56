// A project that was built, by a provider or offline, once for the tests of a file; each test gets a copy of its own, with times and inodes
// of its own. Knows no test.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startFakeProvider, type FakeProvider } from './fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from './kite.ts';
import { copyFolder } from './project.ts';

export function fromBuilt(
  take: (fresh: { readonly server: FakeProvider; readonly kite: Kite }) => void,
): void {
  let server: FakeProvider;
  beforeAll(async () => {
    server = await startFakeProvider({ answer: kiteAnswer });
  });
  afterAll(() => server.close());
  copyForEach(
    () => makeKite(server.url),
    (kite) => take({ server, kite }),
  );
}

export function fromBuiltOffline(take: (kite: Kite) => void): void {
  copyForEach(() => makeKite(), take);
}

function copyForEach(make: () => Kite, take: (kite: Kite) => void): void {
  let built: Kite;
  beforeAll(async () => {
    built = make();
    await built.build();
  });
  beforeEach(() => {
    const kite = make();
    copyFolder(built.root, kite.root);
    take(kite);
  });
}
