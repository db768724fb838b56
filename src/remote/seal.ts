// How a key closes what a team's storage holds: names by HMAC, texts by AES-256-GCM. Who has no key learns neither a question nor an
// answer, can confirm no guess of one, and can put nothing there that is taken for an answer. Knows no storage.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt } from 'node:crypto';

export interface Seal {
  /** Under what name the storage holds the answer to the question of an address. */
  readonly nameOf: (address: string) => Promise<string>;
  readonly close: (bytes: Buffer, address: string) => Promise<Buffer>;
  /** Undefined for what was closed with another key, for another address, or is damaged. */
  readonly open: (bytes: Buffer, address: string) => Promise<Buffer | undefined>;
}

interface Keys {
  readonly names: Buffer;
  readonly texts: Buffer;
}

// All who share a passphrase must come to the same keys, with nothing else in common.
const SALT = 'daydream remote cache 1';
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const NONCE = 12;
const TAG = 16;

/** The keys are derived with the first question, which takes about a tenth of a second. */
export function sealWith(passphrase: string): Seal {
  let derived: Promise<Keys> | undefined;
  const keys = (): Promise<Keys> => (derived ??= derive(passphrase));
  return {
    async nameOf(address) {
      return createHmac('sha256', (await keys()).names)
        .update(address)
        .digest('hex');
    },
    async close(bytes, address) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', (await keys()).texts, nonce);
      cipher.setAAD(Buffer.from(address));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    async open(bytes, address) {
      if (bytes.length < NONCE + TAG) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', (await keys()).texts, bytes.subarray(0, NONCE), {
        authTagLength: TAG,
      });
      decipher.setAAD(Buffer.from(address));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
      try {
        const text = decipher.update(bytes.subarray(NONCE, bytes.length - TAG));
        return Buffer.concat([text, decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

function derive(passphrase: string): Promise<Keys> {
  return new Promise((resolve, reject) => {
    // One passphrase may be typed in two ways that look alike.
    scrypt(passphrase.normalize('NFC'), SALT, 64, COST, (error, bytes) =>
      error === null ? resolve({ names: bytes.subarray(0, 32), texts: bytes.subarray(32) }) : reject(error),
    );
  });
}
