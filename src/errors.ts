// Every mistake that a user can make: its code, what it means, where it is and how to mend it. Knows nothing of who finds it.

/** Where a problem is. Lines, columns and CSV rows count from 1; paths are absolute until they are shown. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The name of a CSV column, a config key or a spec entry. */
  readonly field?: string;
  readonly genId?: string;
}

export interface Problem {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** A machine-readable refinement of the code, such as `catalog_combos_missing`. */
  readonly reason?: string;
  /** What is wrong, in one sentence, with the values in question. */
  readonly message: string;
  readonly place?: Place;
  /** The command or the edit that mends it. */
  readonly cure: string;
  /** The values behind the message, for `--json`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A value with everything that was found wrong while making it. With an `error` among the problems, do not use the value. */
export interface Loaded<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

export interface CodeEntry {
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** The usual cure; a problem may carry a more exact one. */
  readonly cure: string;
}

/** Codes are stable: one is never given a second meaning. `docs/errors.md` lists them all. */
export const CODES = {
  // DD1xx: usage, configuration, environment
  // DD2xx: input files and catalogs
  DD201: {
    title: 'An input file cannot be read',
    why: 'Nothing can be said about a cohort while one of its inputs is out of reach.',
    cure: 'Make the file readable, or remove it if it is not meant to be there.',
  },
  DD202: {
    title: 'An input file is not UTF-8',
    why: 'Guessing an encoding would change prompts and ids without a word.',
    cure: 'Save the file as UTF-8.',
  },
  DD203: {
    title: 'An input file is missing',
    why: 'Every catalog is needed to tell what a cohort may use.',
    cure: 'Create the file; `daydream init` writes a complete example elsewhere to copy from.',
  },
  DD204: {
    title: 'A CSV file is malformed',
    why: 'From the broken place on, no row can be trusted.',
    cure: 'Close the quote, or double every quote inside a quoted cell.',
  },
  DD205: {
    title: 'A CSV row is longer than the header',
    why: 'A stray comma would shift every later cell into the wrong column.',
    cure: 'Quote the cell that holds a comma, remove the extra comma, or name the column in the header.',
  },
  DD206: {
    title: 'A CSV header is missing or names a column twice',
    why: 'Columns are found by name, so one of two equal ones would be lost.',
    cure: 'Write one header line, each column name once.',
  },
  DD207: {
    title: 'A catalog has the withdrawn column "active"',
    why: 'What is active is decided by cohort specs; a second switch would contradict them.',
    cure: 'Remove the column "active"; remove the rows that you do not want.',
  },
  DD208: {
    title: 'A required column is missing',
    why: 'Without it the rows say nothing.',
    cure: 'Add the column to the header, and its cells to the rows.',
  },
  DD209: {
    title: 'An id stands twice in one catalog',
    why: 'One of the two rows would be lost.',
    cure: 'Rename or remove one of the two rows.',
  },
  DD210: {
    title: 'An id cannot be used',
    why: 'Ids become file names, so they must be names and stay inside their folder.',
    cure: 'Use letters, digits, dashes, dots and underscores.',
  },
  DD211: {
    title: 'A catalog cell has a value that means nothing',
    why: 'Guessing here would change what is asked, or what it costs.',
    cure: 'Correct the cell, or leave it blank for the default.',
  },
  DD212: {
    title: 'A generator cell is blank',
    why: 'It is read as `llm`; a template that copies needs the word `copy`.',
    cure: 'Write `llm` or `copy` in the cell.',
  },
  DD213: {
    title: 'replication_config.csv is incomplete',
    why: 'Each stage needs a count of 1 or more.',
    cure: 'Give each of draft, essay and evaluation a row with a whole number from 1 on, or remove the file: every count is then 1.',
  },
  DD214: {
    title: 'A combo names an unknown concept',
    why: 'Its prompts cannot be written; cohorts that do not use it are not affected.',
    cure: 'Add the concept to concepts_metadata.csv, or correct the row in combo_mappings.csv.',
  },
  DD215: {
    title: 'There are no combos',
    why: 'Every draft is made from a combo of concepts.',
    cure: 'Register one: `daydream cohort combos add <concept> <concept>`.',
  },
  DD216: {
    title: 'A combo id is taken by other concepts',
    why: 'Two combos under one id would share drafts.',
    cure: 'Correct the rows with that id in combo_mappings.csv: they do not match their own id.',
  },
  DD217: {
    title: 'A YAML file is malformed',
    why: 'Nothing after the broken place can be trusted.',
    cure: 'Correct the line.',
  },
  DD218: {
    title: 'A YAML mapping has a key twice',
    why: 'One of the two values would be lost without a word.',
    cure: 'Remove or rename one of the two keys. `1`, `1.0`, `true` and `yes` are one key.',
  },
  DD219: {
    title: 'A document stands for too much',
    why: 'A few lines of nested lists or aliases can stand for more than memory holds.',
    cure: 'Write the values out, or move them to a CSV file and include it with `@file:`.',
  },
  DD220: {
    title: 'A JSON file is malformed',
    why: 'Nothing in it can be used.',
    cure: 'Correct the line.',
  },
  DD221: {
    title: 'A row is ignored',
    why: 'It lacks what makes it a row of this file.',
    cure: 'Complete the row, or remove it.',
  },
  // DD3xx: cohort specs and membership
  // DD4xx: templates, prompts and parsers
  // DD5xx: the store
  // DD6xx: models, limits and money
  // DD7xx: reports
  // DD8xx: watch
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

type Details = Omit<Partial<Problem>, 'code' | 'message'>;

/** An error-level problem. Its cure is the code's own where none is given. */
export function problem(code: Code, message: string, details: Details = {}): Problem {
  const entry: CodeEntry = CODES[code];
  return { code, severity: 'error', message, cure: entry.cure, ...details };
}

/** A problem that does not stop the command. */
export function warning(code: Code, message: string, details: Details = {}): Problem {
  return problem(code, message, { ...details, severity: 'warning' });
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((each) => each.severity === 'error');
}

/** Carries problems through code that cannot go on; thrown only between a loader and the command that reports it. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((each) => `${each.code}: ${each.message}`).join('\n'));
    this.name = 'ProblemError';
    this.problems = problems;
  }
}
