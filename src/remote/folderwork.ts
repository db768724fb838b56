// What is done to a shared folder, one file at a time, whole or not at all. Knows no answer, and how long the drive may take.
import { randomBytes } from 'node:crypto';
import { access, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LONGEST, type Fetched, type Looked, type Put, type Trouble } from './shelf.ts';

export type Errand =
  | { readonly what: 'get' | 'has'; readonly name: string }
  | {
      readonly what: 'put';
      readonly name: string;
      readonly text: string;
      readonly there: 'keep' | 'replace';
    };

export type Brought = Fetched | Looked | Put;

/** Never throws. */
export async function runErrand(folder: string, errand: Errand): Promise<Brought> {
  const path = join(folder, 'ac', errand.name);
  try {
    if (errand.what === 'put') return await put(folder, path, errand);
    const { size } = await stat(path);
    if (errand.what === 'has') return { kind: 'there' };
    if (size > LONGEST) return { kind: 'failed', message: `${path} is longer than ${LONGEST} bytes` };
    return { kind: 'text', text: await readFile(path, 'utf8') };
  } catch (error) {
    return isMissing(error) ? await missingIn(folder) : troubleOf(error);
  }
}

async function put(
  folder: string,
  path: string,
  { text, there }: Extract<Errand, { what: 'put' }>,
): Promise<Put> {
  if (there === 'keep' && (await isThere(path))) return { kind: 'there' };
  await mkdir(join(folder, 'ac')).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  // Others may be writing the same, on other machines.
  const temporary = join(folder, 'ac', `.${randomBytes(9).toString('base64url')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return { kind: 'kept' };
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A drive that is not mounted holds nothing, and is to be neither believed nor written. */
async function missingIn(folder: string): Promise<{ readonly kind: 'missing' } | Trouble> {
  if (await isThere(folder)) return { kind: 'missing' };
  return { kind: 'failed', message: `the folder ${folder} is not there` };
}

function troubleOf(error: unknown): Trouble {
  const refused = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error));
  return {
    kind: refused ? 'refused' : 'failed',
    message: error instanceof Error ? error.message : String(error),
  };
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}
