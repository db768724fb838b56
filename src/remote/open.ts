// A place becomes a remote cache: the kind of storage that is there, and the key that closes what lies on it. Asks nobody yet.
import { openWire } from '../wire.ts';
import { BucketShelf } from './bucketshelf.ts';
import { folderShelf } from './foldershelf.ts';
import type { Place, Surroundings } from './place.ts';
import { AT_A_TIME, Remote, type RemoteMode } from './remote.ts';
import { sealWith } from './seal.ts';
import type { Shelf } from './shelf.ts';
import { WebShelf } from './webshelf.ts';

export interface OpenOptions {
  readonly place: Place;
  readonly mode: RemoteMode;
  /** Closes what lies there; it lies open without one. */
  readonly passphrase?: string | undefined;
  /** Why it can not be used here: then nothing is asked of it. */
  readonly locked?: string;
  /** Milliseconds. */
  readonly connectMs: number;
  readonly requestMs: number;
  readonly environment: Surroundings['environment'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function openRemoteAt(options: OpenOptions): Remote {
  const { place, mode, passphrase, locked, requestMs } = options;
  return new Remote({
    shelf: shelfAt(options),
    name: place.name,
    mode,
    seal: passphrase === undefined ? undefined : sealWith(passphrase),
    locked,
    requestMs,
  });
}

function shelfAt({ place, connectMs, environment, now }: OpenOptions): Shelf {
  if (place.kind === 'folder') return folderShelf(place);
  const wire = openWire({ connectMs, connections: AT_A_TIME, environment });
  return place.kind === 'web' ? new WebShelf(place, wire) : new BucketShelf(place, wire, now);
}
