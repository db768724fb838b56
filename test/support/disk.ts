// Node's file system with some of its functions replaced, everywhere in this process until it is given back; and which files are open.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const real = { ...fs };
const replaced = new Set<keyof typeof fs>();

/** Also for modules that were loaded before. */
export function replaceInFs(functions: Partial<typeof fs>): void {
  for (const name of Object.keys(functions)) replaced.add(name as keyof typeof fs);
  Object.assign(fs, functions);
  syncBuiltinESMExports();
}

/** For after each test. */
export function realFs(): void {
  Object.assign(fs, Object.fromEntries([...replaced].map((name) => [name, real[name]])));
  replaced.clear();
  syncBuiltinESMExports();
}

/** From now on no reading gives more bytes at a time. */
export function giveLittle(most: number): void {
  const read = real.readSync as (...what: readonly [number, Uint8Array, number, number, number]) => number;
  const little: typeof read = (file, into, at, bytes, from) => {
    if (at + bytes > into.length) throw new RangeError(`there is no room for ${bytes} bytes at ${at}`);
    return read(file, into, at, Math.min(bytes, most), from);
  };
  replaceInFs({ readSync: little as typeof fs.readSync });
}

/** From now on a file, or a folder with all that is in it, can not be read, as the system says it; root could read all the same. */
export function closeTo(closed: string, code = 'EACCES'): void {
  type Asked = (path: string, ...rest: readonly never[]) => unknown;
  const refusing = (name: 'openSync' | 'readFileSync' | 'readdirSync', syscall: string): unknown => {
    const asked = fs[name] as Asked;
    return (path: string, ...rest: readonly never[]) => {
      if (path !== closed && !String(path).startsWith(`${closed}/`)) return asked(path, ...rest);
      throw Object.assign(new Error(`${code}: imitated, ${syscall} '${path}'`), { code, syscall, path });
    };
  };
  replaceInFs({
    openSync: refusing('openSync', 'open') as typeof fs.openSync,
    readFileSync: refusing('readFileSync', 'open') as typeof fs.readFileSync,
    readdirSync: refusing('readdirSync', 'scandir') as typeof fs.readdirSync,
  });
}

/** Paths below a folder that this process has open; none where the system does not say. */
export function openBelow(folder: string): readonly string[] {
  if (!fs.existsSync('/proc/self/fd')) return [];
  return fs
    .readdirSync('/proc/self/fd')
    .map((file) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${file}`);
      } catch {
        // The one that was open to read the folder.
        return '';
      }
    })
    .filter((path) => path.startsWith(folder));
}
