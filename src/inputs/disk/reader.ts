// The disk as values: the one way in which loaders see input files. Knows nothing of catalogs or specs.
import type { Loaded } from '../../problem.ts';

/** Reads input files. An implementation may remember what it read, and records every path that was asked for. */
export interface InputReader {
  /** The UTF-8 text without its byte-order mark; undefined when there is no such file. Invalid UTF-8 and unreadable files are problems. */
  text(path: string): Loaded<string | undefined>;
  /**
   * Names (not paths) of what is no folder directly in a folder and ends in `extension`, in code point order; empty when there is no
   * folder. A folder that may not be read is a ProblemError.
   */
  files(folder: string, extension: string): readonly string[];
  /** Names of the folders directly in a folder, in code point order; empty when there is none. As above where it may not be read. */
  folders(folder: string): readonly string[];
}
