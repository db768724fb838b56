// Which project is opened, and by whose word: what the command line and the environment say before anything is read. Reads no file.
import { hash } from 'node:crypto';

export interface LoadOptions {
  /** The project's folder. */
  readonly root: string;
  readonly dataRoot?: string | undefined;
  /** From the command line: meant for every model. */
  readonly provider?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function optionsOf({
  root,
  dataRoot,
  provider,
}: LoadOptions): Readonly<Record<'root' | 'dataRoot' | 'provider', string | null>> {
  return { root, dataRoot: dataRoot ?? null, provider: provider ?? null };
}

/** Values may be secrets: only a digest of them is kept. */
export function digestOfVariable(value: string | undefined): string | null {
  return value === undefined ? null : hash('sha256', value);
}
