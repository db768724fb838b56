// What the page can have done, by name: builds begun and stopped, safe cures. Bodies are read and checked here; what may be spent is not
// among them.
import { checkShape, type Shape } from '../../inputs/shape.ts';
import type { Project } from '../../api/project.ts';
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
    mend: async () => ({ done: await project.mend() }),
  };
}

function checked(body: unknown): Wish {
  const found = checkShape(body, { fields: WISH }, { path: '', place: {} });
  if (found.length === 0 && body !== null && typeof body === 'object') return body;
  throw new ProblemError(
    found.length === 0
      ? [problem('DD168', 'the body is no object')]
      : found.map(({ message }) => problem('DD168', message.replace('config key', 'field'))),
  );
}
