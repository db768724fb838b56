// Opens files, through links, and nothing that could be read for ever: who opens a pipe waits for somebody to write, and a device may
// have no end. Knows nothing of what stands in them.
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** Does not wait for a pipe's other end. Windows has no such flag, and no such pipes. */
const AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** Throws ENXIO, as the system itself does for a socket, for what is neither a file nor a folder; who opened it closes it. */
export function openFile(path: string): { readonly file: number; readonly stat: Stats } {
  const file = openToRead(path, AT_ONCE);
  const stat = fstatSync(file);
  if (stat.isFile() || stat.isDirectory()) return { file, stat };
  closeSync(file);
  throw Object.assign(new Error(`${path} is a pipe or a device, and no file`), { code: 'ENXIO', path });
}

/** The system's error does not tell whether it was opened to read or to write, so this says it: `diskProblem` asks. */
export function openToRead(path: string, flags: number = constants.O_RDONLY): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { syscall: 'read' }) : error;
  }
}

/** Throws what `openFile` throws, and EISDIR for a folder, each with its path: by its number a file does not say which it is. */
export function bytesIn(path: string): Buffer {
  return stampedBytesIn(path).bytes;
}

export function stampedBytesIn(path: string): { readonly stat: Stats; readonly bytes: Buffer } {
  const { file, stat } = openFile(path);
  try {
    return { stat, bytes: readFileSync(file) };
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  } finally {
    closeSync(file);
  }
}
