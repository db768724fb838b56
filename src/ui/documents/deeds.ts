// What the page can have done, by name: builds begun and stopped, safe cures. Bodies are read and checked here; what may be spent is not
// among them.
import { checkShape, type Shape } from '../../inputs/shape.ts';
import type { Project } from '../../api/project.ts';
import type { RatingGiven } from '../../api/rating.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { Builds, Wish } from '../builds.ts';

const WORDS: Shape = { either: ['text', { list: 'text' }] };
const WISH = {
  select: WORDS,
  exclude: WORDS,
  force: { either: ['flag', 'text', { list: 'text' }] },
  retry: ['api', 'refused', 'all'],
  discardEdits: 'flag',
} as const satisfies Record<string, Shape>;

export function deedsOf(
  project: Project,
  builds: Builds,
): Readonly<Record<string, (body: unknown) => unknown>> {
  return {
    build: async (body) => ({ build: await builds.start(checked(body)) }),
    stop: () => ({ build: builds.stop() }),
    rate: async (body) => {
      await project.rate(rated(body));
      return { kept: true };
    },
    mend: async () => ({ done: await project.mend() }),
  };
}

const RATED = {
  rater: 'text',
  task: { fields: { rubric: 'text', texts: { list: { fields: { genId: 'text', digest: 'text' } } } } },
  answer: { either: ['number', 'text'] },
} as const satisfies Record<string, Shape>;

function checked(body: unknown): Wish {
  return fitting<Wish>(body, WISH);
}

/** What an answer may be is said where it is kept. */
function rated(body: unknown): RatingGiven {
  return fitting<RatingGiven>(body, RATED);
}

function fitting<T extends object>(body: unknown, fields: Record<string, Shape>): T {
  const found = checkShape(body, { fields }, { path: '', place: {} });
  if (found.length === 0 && body !== null && typeof body === 'object') return body as T;
  throw new ProblemError(
    found.length === 0
      ? [problem('DD168', 'the body is no object')]
      : found.map(({ message }) =>
          problem(
            'DD168',
            message.replace('config key', 'field').replace('the config must', 'the body must'),
          ),
        ),
  );
}
