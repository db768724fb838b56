// A provider and a project that was built by it, once for the tests of a file; each test gets a copy of its own, with times and inodes
// of its own. Knows no test.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startFakeProvider, type FakeProvider } from './fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from './kite.ts';
import { copyFolder } from './project.ts';

export function fromBuilt(
  take: (fresh: { readonly server: FakeProvider; readonly kite: Kite }) => void,
): void {
  let server: FakeProvider;
  let built: Kite;
  beforeAll(async () => {
    server = await startFakeProvider({ answer: kiteAnswer });
    built = makeKite(server.url);
    await built.build();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    const kite = makeKite(server.url);
    copyFolder(built.root, kite.root);
    take({ server, kite });
  });
}
