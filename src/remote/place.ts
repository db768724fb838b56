// Where a remote cache lies: what a config says of it, and its address read into a place, with the keys that the environment holds for
// it. Asks nobody.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defined } from '../defined.ts';
import type { Shape } from '../inputs/shape.ts';
import { problem, ProblemError, type Place as Where, type Problem } from '../problem.ts';
import { urlOf } from '../text/url.ts';

/** What `daydream.config.ts` says of it. */
export interface RemoteConfig {
  /** `s3://bucket/prefix`, `https://host/path` or `file:/mnt/team/answers`. */
  readonly url?: string;
  /** What is done there: `read` where nothing is said. */
  readonly mode?: 'off' | 'read' | 'write' | 'both';
  /** `true`: what lies there is closed with DAYDREAM_REMOTE_KEY, and without that key it is left alone. */
  readonly seal?: boolean;
}

export const MODES = ['off', 'read', 'write', 'both'] as const;
export const REMOTE: Shape = { fields: { url: 'text', mode: MODES, seal: 'flag' } };

export type Place = WebPlace | BucketPlace | FolderPlace;

export interface WebPlace {
  readonly kind: 'web';
  /** How it is called in words: without user, password or key. */
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** What goes into the header of that name. */
  readonly authorization?: string;
}

export interface BucketPlace {
  readonly kind: 'bucket';
  readonly name: string;
  /** The bucket's own address, without a slash at its end; the keys of objects follow behind one. */
  readonly url: string;
  /** Before each key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  /** Absent for a bucket that everybody may read. */
  readonly keys?: { readonly id: string; readonly secret: string; readonly session?: string };
}

export interface FolderPlace {
  readonly kind: 'folder';
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a relative `file:` starts from. */
  readonly root: string;
  /** Where the address stands, for the problem. */
  readonly where: Where;
}

/** What is wrong with the address in a config. Keys are looked at where it is asked: a project can be looked at without them. */
export function remoteProblems(
  { root, remote }: { readonly root: string; readonly remote?: RemoteConfig },
  where: Where,
): readonly Problem[] {
  const url = remote?.url;
  if (typeof url !== 'string' || url === '') return [];
  try {
    placeOf(url, { environment: {}, root, where: { ...where, field: 'remote.url' } });
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
}

/** Throws a ProblemError for an address that means no place. */
export function placeOf(address: string, surroundings: Surroundings): Place {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'http':
    case 'https':
      return webPlace(parsed(address, surroundings), surroundings);
    case 's3':
      return bucketPlace(parsed(address, surroundings), surroundings);
    case 'file':
      return folderPlace(address, surroundings);
    default:
      throw unusable(
        scheme === undefined
          ? `it has no scheme: is ${shown(`file:${address}`)} meant?`
          : `${scheme}: is none of s3:, https:, http: and file:`,
        surroundings,
      );
  }
}

function unusable(why: string, { where }: Pick<Surroundings, 'where'>): ProblemError {
  return new ProblemError([
    problem('DD198', `the address of the remote cache can not be used: ${why}`, { place: where }),
  ]);
}

function parsed(address: string, surroundings: Surroundings): URL {
  const url = urlOf(address);
  if (url === undefined) throw unusable('it is no URL', surroundings);
  return url;
}

/** A short text in quotes: an address may hold a password, so the whole of one is never shown. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function webPlace(url: URL, surroundings: Surroundings): WebPlace {
  if (url.search !== '' || url.hash !== '')
    throw unusable('what is asked for is put behind it, so it can have no ? and no #', surroundings);
  const token = given(surroundings.environment, 'DAYDREAM_REMOTE_TOKEN');
  const bare = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const user = `${decoded(url.username)}:${decoded(url.password)}`;
  const authorization =
    url.username !== '' || url.password !== ''
      ? `Basic ${Buffer.from(user, 'utf8').toString('base64')}`
      : token === undefined
        ? undefined
        : `Bearer ${token}`;
  // Node would refuse the header at each request.
  if (authorization !== undefined && !/^[\x20-\x7e]*$/.test(authorization))
    throw unusable('DAYDREAM_REMOTE_TOKEN holds what no header can', surroundings);
  return { kind: 'web', name: bare, url: bare, ...defined({ authorization }) };
}

function bucketPlace(url: URL, surroundings: Surroundings): BucketPlace {
  const { environment } = surroundings;
  const bucket = decoded(url.hostname);
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(bucket))
    throw unusable(`${shown(bucket)} is no name of a bucket`, surroundings);
  if (url.username !== '' || url.password !== '')
    throw unusable(
      'keys of a bucket are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      surroundings,
    );
  const known = new Set(['endpoint', 'region']);
  const unknown = [...url.searchParams.keys()].filter((each) => !known.has(each));
  if (unknown.length > 0)
    throw unusable(`an s3: address has endpoint and region, and no ${shown(unknown[0] ?? '')}`, surroundings);
  const region =
    url.searchParams.get('region') ??
    given(environment, 'AWS_REGION') ??
    given(environment, 'AWS_DEFAULT_REGION');
  const endpoint =
    url.searchParams.get('endpoint') ??
    given(environment, 'AWS_ENDPOINT_URL_S3') ??
    given(environment, 'AWS_ENDPOINT_URL');
  const path = decoded(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  const keys = keysIn(surroundings);
  return {
    kind: 'bucket',
    name: `s3://${bucket}${path === '' ? '' : `/${path}`}`,
    url: bucketUrl(bucket, { endpoint, region: region ?? 'us-east-1' }, surroundings),
    prefix: path === '' ? '' : `${path}/`,
    region: region ?? (endpoint === undefined ? 'us-east-1' : regionOf(endpoint)),
    ...defined({ keys }),
  };
}

/** Cloudflare calls its one region so; other servers take any. */
function regionOf(endpoint: string): string {
  return endpoint.includes('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}

function bucketUrl(
  bucket: string,
  { endpoint, region }: { readonly endpoint: string | undefined; readonly region: string },
  surroundings: Surroundings,
): string {
  if (endpoint !== undefined) {
    const server = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
    const { protocol, host, pathname, search, username } = parsed(server, surroundings);
    if (!/^https?:$/.test(protocol) || search !== '' || username !== '')
      throw unusable('its endpoint is no plain http or https address', surroundings);
    return `${protocol}//${host}${pathname.replace(/\/+$/, '')}/${bucket}`;
  }
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  // No certificate is for a name with further dots before it.
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

function keysIn(surroundings: Surroundings): BucketPlace['keys'] {
  const { environment } = surroundings;
  const [id, secret, session] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map(
    (name) => given(environment, name),
  );
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined || secret === undefined)
    throw unusable(
      `${id === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY'} is not set, and the other one is`,
      surroundings,
    );
  return { id, secret, ...defined({ session }) };
}

function folderPlace(address: string, surroundings: Surroundings): FolderPlace {
  const path = folderIn(address, surroundings);
  return { kind: 'folder', name: `file:${path}`, path };
}

function folderIn(address: string, surroundings: Surroundings): string {
  if (!/^file:\/\//i.test(address)) {
    const path = address.slice('file:'.length);
    if (path === '') throw unusable('it names no folder', surroundings);
    return resolve(surroundings.root, path);
  }
  try {
    return fileURLToPath(new URL(address));
  } catch {
    throw unusable(
      'file:// wants a whole path of this machine, as in file:///mnt/team/answers; file:../answers is relative to the project',
      surroundings,
    );
  }
}

function given(environment: Surroundings['environment'], name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
