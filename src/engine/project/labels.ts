// What the labels in old traces mean: the server that they meant when a build first met them, else the one that the config gives them
// now. Traces of today name servers and need none of this.
import { OFFLINE } from '../../config.ts';
import { isServer, serverOf } from '../../model/server.ts';
import type { GenIndex } from '../../store/gens/genindex.ts';
import { readMeanings, writeMeanings } from '../../store/servers.ts';
import type { LoadedGraph } from './load.ts';

type Loaded = Pick<LoadedGraph, 'layout'> & { readonly settings: Pick<LoadedGraph['settings'], 'providers'> };

/** Labels under which traces and kept answers of a server may stand. Reads the file with the first question, and once. */
export function labelsIn(loaded: Loaded): (server: string) => readonly string[] {
  let meanings: Readonly<Record<string, string>> | undefined;
  return (server) => {
    meanings ??= { ...configured(loaded), ...readMeanings(loaded.layout) };
    return Object.entries(meanings).flatMap(([label, meant]) => (meant === server ? [label] : []));
  };
}

/** The server that a label meant, whichever of old traces bears it; undefined where nobody knows. A server means itself. */
export function serversIn(loaded: Loaded): (provider: string) => string | undefined {
  let meanings: Readonly<Record<string, string>> | undefined;
  return (provider) => {
    if (isServer(provider)) return provider;
    meanings ??= { ...configured(loaded), ...readMeanings(loaded.layout) };
    return Object.hasOwn(meanings, provider) ? meanings[provider] : undefined;
  };
}

function configured({ settings }: Loaded): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings.providers).map(([label, { baseURL }]) => [label, serverOf(baseURL)]),
  );
}

/** Writes down what the labels in traces mean, as long as the config says so. Call it with the lock held. */
export function rememberLabels(loaded: Loaded, index: GenIndex): void {
  const named = new Set<string>();
  for (const { provider } of index.sets()) if (provider !== undefined) named.add(provider);
  const meant = configured(loaded);
  const labels = [...named].filter(
    (each) => each !== OFFLINE && !isServer(each) && Object.hasOwn(meant, each),
  );
  if (labels.length === 0) return;
  const known = readMeanings(loaded.layout);
  const fresh = labels.filter((label) => !Object.hasOwn(known, label));
  if (fresh.length === 0) return;
  writeMeanings(loaded.layout, {
    ...known,
    ...Object.fromEntries(fresh.map((label) => [label, meant[label] ?? ''])),
  });
}
