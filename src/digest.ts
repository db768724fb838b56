// The hash. xxHash64 tells whether contents changed; SHA-256 names stored content. Knows nothing of files.
import { hash } from 'node:crypto';
import xxhash from 'xxhash-wasm';
import { canonicalJson } from './canonical.ts';

const { h64, h64ToString, h64Raw } = await xxhash();

/** 16 lower-case hexadecimal characters: the xxHash64 of the UTF-8 text or of the bytes. For change detection only. */
export function digest(content: string | Uint8Array): string {
  return typeof content === 'string' ? h64ToString(content) : h64Raw(content).toString(16).padStart(16, '0');
}

/** Its first 53 bits as a number: less where its characters come earlier. */
export function digestNumber(content: string): number {
  return Number(h64(content) >> 11n);
}

/** The digest of a value's JSON, with object keys sorted at every depth. */
export function digestOf(value: unknown): string {
  return digest(canonicalJson(value));
}

/** 64 hexadecimal characters: the SHA-256 of the value's canonical JSON. Names stored content. */
export function contentAddress(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex');
}
