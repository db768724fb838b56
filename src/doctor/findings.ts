// One thing that doctor found: of which kind it is, where, and what cures it. Looks at nothing itself.
import type { Place, Problem } from '../problem.ts';
import { defined } from '../defined.ts';
import type { Stage } from '../generation/stage.ts';
import { FINDINGS, type FindingKind, type Level } from './kinds.ts';

export type FindingCode = keyof typeof FINDINGS;

/** What `--fix` does about one finding. Paths are relative to the data root. */
export type Fix =
  | { readonly kind: 'trash'; readonly paths: readonly string[] }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly text: string;
      /** What stands there now goes to the trash first. */
      readonly replaces: 'nothing' | 'damaged';
    }
  /** Sets these keys of a JSON file and keeps the others. */
  | {
      readonly kind: 'coordinates';
      readonly path: string;
      readonly values: Readonly<Record<string, unknown>>;
    }
  /** Replies that wait beside the data root go into the response cache. */
  | { readonly kind: 'home' }
  | { readonly kind: 'unlock' };

export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  readonly stage?: Stage;
  readonly genId?: string;
  readonly cohort?: string;
  readonly place?: Place;
  /** What is wrong here, with the values in question. */
  readonly message: string;
  readonly why: string;
  readonly cure: string;
  readonly fix?: Fix;
  readonly data?: Readonly<Record<string, unknown>>;
}

type Details = Partial<Omit<Finding, 'code' | 'message'>>;

/** The first command in a cure is the one that cures. */
export function finding(code: FindingCode, message: string, details: Details = {}): Finding {
  const kind: FindingKind = FINDINGS[code];
  const genId = details.genId ?? details.place?.genId;
  const { level, why } = kind;
  const { id: batch } = details.data ?? {};
  const words = named(named(kind.cure, '<gen_id>', genId), '<cohort>', details.cohort);
  const cure = named(words, '<batch>', typeof batch === 'string' ? batch : undefined);
  return { code, level, message, why, cure, ...details };
}

export function closedAt(file: string): Finding {
  return finding('may_not_be_read', `${file} may not be read`, { place: { file } });
}

/** What ended a look, or stands in the way of one. */
export function findingOf({ code, severity, message, place, cure, reason, data }: Problem): Finding {
  // Doctor only looks, so what the disk did not let it do was to read.
  const disk = code === 'DD588' || code === 'DD504';
  if (disk && (reason === 'EACCES' || reason === 'EPERM') && place?.file !== undefined)
    return closedAt(place.file);
  const about = place?.genId === undefined ? {} : { genId: place.genId };
  return finding(
    'input_problem',
    `${code}: ${message}`,
    defined({ level: severity, cure, data: { ...data, code }, place, ...about }),
  );
}

function named(text: string, placeholder: string, name: string | undefined): string {
  return name === undefined ? text : text.replaceAll(placeholder, name);
}
