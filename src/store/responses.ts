// The response cache: every answer that was paid for, addressed by what was asked. Knows no provider and no graph.
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { contentAddress } from '../digest.ts';
import { statOf } from '../inputs/disk/diskreader.ts';
import { problem, ProblemError } from '../problem.ts';
import type { Layout } from './layout.ts';
import { Packs, PackWriter } from './packs.ts';
import { isMissing, namesIfPresent, readIfPresent, writeDurable } from './writing/atomic.ts';
import { goneAway, isAway, lodge } from './writing/lodging.ts';

export const RESPONSE_VERSION = 1;

/** What was asked: the generate step's parts, with the whole prompt in place of its digest. */
export type Asked = Readonly<Record<string, string>>;

export interface StoredResponse {
  readonly version: 1;
  readonly asked: Asked;
  /** An answer may be served again; the others are kept to be looked at. */
  readonly kind: 'answer' | 'truncated' | 'refused';
  readonly text: string;
  readonly rawMetadata: Readonly<Record<string, unknown>>;
  /** Who it was made for, and when. */
  readonly genId: string;
  readonly at: string;
  /** It was bought by somebody else, and came from a remote cache. */
  readonly origin?: 'remote';
  /** Asked for although there was an answer: in a remote cache it takes the place of what lies there. */
  readonly replaces?: true;
}

/** Where the entries of one question lie: `<address>-1.json`, `-2` … in order of arrival. */
export function addressOf(asked: Asked): string {
  return contentAddress(asked);
}

/** Where many that others of a team bought lie together. */
function packFolder({ responses }: Layout): string {
  return join(responses, 'packs');
}

function packsOf(layout: Layout): Packs {
  const folder = packFolder(layout);
  const known = packs.get(folder) ?? new Packs(folder);
  packs.set(folder, known);
  return known;
}

/** By their folder. */
const packs = new Map<string, Packs>();

function entryPath(layout: Layout, name: string): string {
  return join(layout.responses, name.slice(0, 2), `${name}.json`);
}

/** A response on its way to the disk: its JSON, and what says where it belongs. */
export interface KeptEntry {
  readonly address: string;
  readonly genId: string;
  readonly json: string;
}

/** `address`: where whoever has the response knows it already. */
export function entryOf(response: StoredResponse, address = addressOf(response.asked)): KeptEntry {
  return {
    address,
    genId: response.genId,
    json: JSON.stringify(response, null, 2),
  };
}

/**
 * Keeps a response and resolves with its name once it is safe on the disk. Whatever was kept for the same question stays. Where
 * it can not be kept, it is put beside a data root that is away, or into the system's folder for temporary files, and a ProblemError
 * says where.
 */
export async function keepEntry(layout: Layout, entry: KeptEntry): Promise<string> {
  const first = entryPath(layout, `${entry.address}-1`);
  // Answers to one question are kept one after the other: a number is free once the entry before it is on the disk.
  const before = beingKept.get(first);
  const kept = (before ?? Promise.resolve()).then(
    () => keepNext(layout, entry),
    () => keepNext(layout, entry),
  );
  beingKept.set(first, kept);
  try {
    return await kept;
  } finally {
    if (beingKept.get(first) === kept) beingKept.delete(first);
  }
}

/** By the path of a question's first entry. */
const beingKept = new Map<string, Promise<string>>();

/** Keeps a response whose address is known, and resolves with its name once it is safe on the disk. */
export type KeepAt = (address: string, response: StoredResponse) => Promise<string>;

/** Keeps many responses, as safe as `keepEntry` does, in one file of their own. */
export interface ResponsePack {
  readonly keep: KeepAt;
  /** Resolves once nothing is on its way. */
  readonly close: () => Promise<void>;
}

/**
 * For who holds the lock. `asked`: all addresses that have entries, where that is known, and nothing but this pack adds to them: then
 * others are not looked for.
 */
export function openPack(layout: Layout, asked?: ReadonlySet<string>): ResponsePack {
  const packs = packsOf(layout);
  const writer = new PackWriter(packFolder(layout), packs);
  /** Names that are given away, and not found yet. */
  const onTheWay = new Set<string>();
  let looked = false;
  const isTaken = (name: string): boolean => {
    if (onTheWay.has(name)) return true;
    // The first look sees what other packs hold: while the lock is held there are no more of them.
    if (!looked) isPacked(layout, name);
    looked = true;
    return packs.hasSeen(name) || (asked === undefined && existsSync(entryPath(layout, name)));
  };
  return {
    async keep(address, response) {
      if (isAway(layout)) return keepEntry(layout, entryOf(response, address));
      const name = freeName(
        address,
        asked?.has(address) === true ? (each) => isTaken(each) || isThere(layout, each) : isTaken,
      );
      onTheWay.add(name);
      try {
        await writer.add(name, JSON.stringify(response));
        return name;
      } catch {
        // There is room for it as a file, or it says where else it was put.
        return await keepEntry(layout, entryOf(response, address));
      } finally {
        onTheWay.delete(name);
      }
    },
    close: () => writer.close(),
  };
}

function freeName(address: string, isTaken: (name: string) => boolean): string {
  let number = 1;
  while (isTaken(`${address}-${number}`)) number++;
  return `${address}-${number}`;
}

function isThere(layout: Layout, name: string): boolean {
  return existsSync(entryPath(layout, name)) || isPacked(layout, name);
}

async function keepNext(layout: Layout, entry: KeptEntry): Promise<string> {
  if (isAway(layout)) throw new ProblemError([keepBeside(layout, entry)]);
  const name = freeName(entry.address, (each) => isTaken(layout, each, entry.json));
  try {
    await writeDurable(entryPath(layout, name), entry.json);
  } catch (error) {
    throw new ProblemError([setAside(entryPath(layout, name), entry, error)]);
  }
  return name;
}

/** By another response; this very one may be written again, by who does not know whether it is safe. */
function isTaken(layout: Layout, name: string, json: string): boolean {
  const path = entryPath(layout, name);
  if (!existsSync(path)) return isPacked(layout, name);
  return readIfPresent(path)?.toString('utf8') !== json;
}

/** What can not be looked at must not keep a reply from being kept. */
function isPacked(layout: Layout, name: string): boolean {
  try {
    return packsOf(layout).has(name);
  } catch {
    return false;
  }
}

/** Nothing is made in the place of a data root that was moved away: that would be in the way of bringing it back. */
function keepBeside(layout: Layout, entry: KeptEntry): ReturnType<typeof problem> {
  try {
    lodge(layout, entry.address, entry.json);
    return goneAway(layout);
  } catch (error) {
    return setAside(entryPath(layout, `${entry.address}-1`), entry, error);
  }
}

function setAside(path: string, { genId, json }: KeptEntry, error: unknown): ReturnType<typeof problem> {
  const place = { file: path, genId };
  const why = error instanceof Error ? error.message : String(error);
  const aside = join(tmpdir(), `daydream-reply-${genId}-${basename(path, '.json')}.json`);
  try {
    writeFileSync(aside, json, { mode: 0o600, flush: true });
  } catch {
    const { text } = JSON.parse(json) as StoredResponse;
    return problem(
      'DD509',
      `the reply for ${genId} could be kept nowhere, so it is only in this problem's data (--json): ${why}`,
      { place, data: { gen_id: genId, text } },
    );
  }
  return problem('DD509', `the reply for ${genId} could not be kept, it was put into ${aside}: ${why}`, {
    place,
    cure: `Make room, then \`mkdir -p '${dirname(path)}' && mv '${aside}' '${path}'\`, and build again: it is used, and not paid for again.`,
    data: { gen_id: genId, aside },
  });
}

/** The latest answer to exactly the question of this address: never a refusal, never a reply that was cut off. */
export function findAnswer(
  layout: Layout,
  address: string,
): { readonly name: string; readonly response: StoredResponse } | undefined {
  return entriesOf(layout, address).findLast(({ response }) => response.kind === 'answer');
}

/** An answer, and the name of its entry. */
export type KeptAnswer = NonNullable<ReturnType<typeof findAnswer>>;

/** The latest answer to just this question, under the server's name or under a label that earlier versions gave it. */
export function keptAnswer(
  { layout, labelsOf, among }: KeptUnder,
  { asked, address = addressOf(asked) }: { readonly asked: Asked; readonly address?: string },
): KeptAnswer | undefined {
  if (among?.size === 0) return undefined;
  const find = (each: string): KeptAnswer | undefined =>
    among?.has(each) === false ? undefined : findAnswer(layout, each);
  const found = find(address);
  if (found !== undefined) return found;
  for (const provider of labelsOf(asked['provider'] ?? '')) {
    const older = find(addressOf({ ...asked, provider }));
    if (older !== undefined) return older;
  }
  return undefined;
}

interface KeptUnder {
  readonly layout: Layout;
  readonly labelsOf: (server: string) => readonly string[];
  /** All addresses that have entries, where that is known: no other is looked for. */
  readonly among?: ReadonlySet<string>;
}

/** Whether this text is among the answers to the question, the latest or not. */
export function isKept(layout: Layout, asked: Asked, text: string): boolean {
  return entriesOf(layout, addressOf(asked)).some(({ response }) => response.text === text);
}

/** Every readable entry of a question, the latest last. Throws where a newer daydream wrote one. */
function entriesOf(
  layout: Layout,
  address: string,
): { readonly name: string; readonly response: StoredResponse }[] {
  const found: { name: string; response: StoredResponse }[] = [];
  for (let number = 1; ; number++) {
    const name = `${address}-${number}`;
    const response = readResponse(layout, name);
    if (response === undefined) return found;
    if (response === 'newer') throw newerEntry(layout, name);
    if (response !== 'damaged') found.push({ name, response });
  }
}

/** Whether it answers the question can not be told, and to ask again would be to pay again. */
function newerEntry(layout: Layout, name: string): ProblemError {
  const message = `the entry ${name} of the response cache was written by a newer daydream`;
  return new ProblemError([problem('DD503', message, { place: { file: entryPath(layout, name) } })]);
}

/** An entry by name: undefined when there is none, `damaged` when it can not be read as one, `newer` when a later daydream wrote it. */
export function readResponse(layout: Layout, name: string): StoredResponse | 'damaged' | 'newer' | undefined {
  const path = entryPath(layout, name);
  // Most questions were never asked, and to look costs a fiftieth of an error.
  const json =
    (hasEntryAt(path) ? readIfPresent(path)?.toString('utf8') : undefined) ?? packsOf(layout).read(name);
  return json === undefined ? undefined : responseIn(json);
}

/** What may not be looked at is not absent. */
function hasEntryAt(path: string): boolean {
  try {
    return statOf(path) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** What the text of an entry says. */
export function responseIn(json: string): StoredResponse | 'damaged' | 'newer' {
  try {
    const value = JSON.parse(json) as Partial<Omit<StoredResponse, 'version'>> & {
      readonly version?: unknown;
    };
    if (typeof value.version === 'number' && value.version > RESPONSE_VERSION) return 'newer';
    return value.version === RESPONSE_VERSION &&
      typeof value.text === 'string' &&
      typeof value.asked === 'object' &&
      value.asked !== null &&
      typeof value.rawMetadata === 'object' &&
      value.rawMetadata !== null
      ? (value as StoredResponse)
      : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** The addresses of all questions that were ever asked, in code point order. */
export function listAddresses(layout: Layout): readonly string[] {
  return [...new Set(listResponses(layout).map((name) => name.replace(/-\d+$/, '')))];
}

/** Names of all entries, in code point order. `look` looks into one folder, and may go on where that is refused. */
export function listResponses(
  layout: Layout,
  look: (work: () => readonly string[]) => readonly string[] = (work) => work(),
): readonly string[] {
  const files = look(() => namesIfPresent(layout.responses))
    .flatMap((shard) => look(() => namesIfPresent(join(layout.responses, shard))))
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.json'.length));
  const packed = look(() => packsOf(layout).names());
  return packed.length === 0 ? files : [...new Set([...files, ...packed])].sort();
}

/** The file of an entry's own. */
export function responsePath(layout: Layout, name: string): string {
  return entryPath(layout, name);
}

/** The pack in which an entry lies with others; undefined for one that has a file of its own, or is not there. */
export function packWith(layout: Layout, name: string): string | undefined {
  return existsSync(entryPath(layout, name)) ? undefined : packsOf(layout).fileOf(name);
}
