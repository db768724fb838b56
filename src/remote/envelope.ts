// What lies on a team's storage: an answer as the standard output of a finished action, in the JSON of Bazel's remote cache, which
// caches that look at what they keep take too. Everything is looked at when it comes back. Knows no storage.
//
//     {"exitCode":0,"stdoutRaw":"<base64>"}      base64 of: 1, gzip of the answer's JSON
//                                                        or 2, that gzip closed with the key
import { gunzipSync, gzipSync } from 'node:zlib';
import { isServer } from '../model/server.ts';
import { addressOf, RESPONSE_VERSION, type Asked, type StoredResponse } from '../store/responses.ts';
import type { Seal } from './seal.ts';
import { LONGEST } from './shelf.ts';

const PLAIN = 1;
const CLOSED = 2;

/** Why what lies there is not used. */
export type Unusable =
  /** Cut short, changed, or no envelope at all. */
  | 'damaged'
  /** Made by a later version of daydream. */
  | 'newer'
  /** Closed with a key that is not this one. */
  | 'other_key'
  /** Not closed at all, where a key is in use. */
  | 'no_key'
  /** To another question than the one of its name. */
  | 'other_question'
  /** A refusal, or a reply that was cut off. */
  | 'no_answer'
  /** The answer of a provider that has a name but no address, which may mean another server elsewhere. */
  | 'no_server';

export type Opened =
  | { readonly kind: 'answer'; readonly response: StoredResponse }
  | { readonly kind: 'unusable'; readonly why: Unusable };

/** Text for the storage. */
export async function envelopeOf(response: StoredResponse, seal: Seal | undefined): Promise<string> {
  const { version, asked, kind, text, rawMetadata, genId, at } = response;
  const bytes = gzipSync(JSON.stringify({ version, asked, kind, text, rawMetadata, genId, at }));
  const inside =
    seal === undefined
      ? [Buffer.of(PLAIN), bytes]
      : [Buffer.of(CLOSED), await seal.close(bytes, addressOf(asked))];
  return JSON.stringify({ exitCode: 0, stdoutRaw: Buffer.concat(inside).toString('base64') });
}

/** The answer to the question of an address, or why this is none. Never throws. */
export async function openEnvelope(text: string, address: string, seal: Seal | undefined): Promise<Opened> {
  const bytes = contentOf(text);
  if (bytes === undefined || bytes.length < 2) return unusable('damaged');
  const [version] = bytes;
  const rest = bytes.subarray(1);
  if (version === PLAIN) return seal === undefined ? answerIn(rest, address) : unusable('no_key');
  if (version !== CLOSED) return unusable('newer');
  const opened = await seal?.open(rest, address);
  return opened === undefined ? unusable('other_key') : answerIn(opened, address);
}

function unusable(why: Unusable): Opened {
  return { kind: 'unusable', why };
}

/** A cache that reads what it keeps writes it out anew, with fields of its own: only what is inside counts. */
function contentOf(text: string): Buffer | undefined {
  try {
    const { stdoutRaw } = JSON.parse(text) as { readonly stdoutRaw?: unknown };
    return typeof stdoutRaw === 'string' ? Buffer.from(stdoutRaw, 'base64') : undefined;
  } catch {
    return undefined;
  }
}

function answerIn(zipped: Buffer, address: string): Opened {
  try {
    const unzipping = { maxOutputLength: LONGEST, chunkSize: roomFor(zipped) };
    const value = JSON.parse(gunzipSync(zipped, unzipping).toString('utf8')) as Readonly<
      Record<string, unknown>
    >;
    const { version, asked, kind, text, rawMetadata, genId, at } = value;
    if (typeof version === 'number' && version > RESPONSE_VERSION) return unusable('newer');
    if (version !== RESPONSE_VERSION || typeof text !== 'string' || !isAsked(asked) || !isFields(rawMetadata))
      return unusable('damaged');
    if (typeof genId !== 'string' || typeof at !== 'string' || !MOMENT.test(at)) return unusable('damaged');
    if (addressOf(asked) !== address) return unusable('other_question');
    if (kind !== 'answer') return unusable('no_answer');
    if (!isServer(asked['provider'] ?? '')) return unusable('no_server');
    // What is nested too deeply to be written again would end the build that keeps it.
    JSON.stringify(rawMetadata);
    return {
      kind: 'answer',
      response: { version: RESPONSE_VERSION, asked, kind, text, rawMetadata, genId, at },
    };
  } catch {
    return unusable('damaged');
  }
}

/** Bytes for which room is made at a time: as many as a gzip says at its end that it comes to, within reason. */
function roomFor(zipped: Buffer): number {
  const said = zipped.length < 4 ? 0 : zipped.readUInt32LE(zipped.length - 4);
  return Math.min(Math.max(said + 1, 64), 65_536);
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]{5,18}Z$/;

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAsked(value: unknown): value is Asked {
  return isFields(value) && Object.values(value).every((each) => typeof each === 'string');
}
