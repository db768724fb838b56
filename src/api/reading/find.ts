// What a word names: a generation, of a cohort or only of the store, or a cohort; and what somebody may have meant where there is none.
import { refuseBrokenNamed } from '../../engine/plan/broken.ts';
import type { Session } from '../../engine/project/session.ts';
import { problem, ProblemError } from '../../problem.ts';
import { beginningSo, didYouMean, nearest, onlyBeginning } from '../../text/nearest.ts';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { stageAt, type Graph } from '../../graph/graph.ts';
import { listGenerations } from '../../store/gens/genstore.ts';
import type { Reading } from './open.ts';

/** A generation of the graph, or one that only the store still knows. */
export interface Found {
  readonly stage: Stage;
  readonly genId: GenId;
  /** Undefined when no cohort has it. */
  readonly row: number | undefined;
}

/** The generation of an id, or of the beginning of one (`gen:` may stand before it); a ProblemError when there is none. */
export function findGeneration({ session }: Pick<Reading, 'session'>, word: string): Found {
  const { graph, layout } = session.loaded;
  const genId = word.replace(/^gen:/, '');
  const row = graph.ids.indexOf(genId);
  if (row >= 0) return { stage: stageAt(graph, row), genId, row };
  const stored = STAGES.map((stage) => ({ stage, ids: listGenerations(layout, stage) }));
  const stage = stored.find(({ ids }) => ids.includes(genId))?.stage;
  if (stage !== undefined) return { stage, genId, row: undefined };
  const all = new Set([...graph.ids, ...stored.flatMap(({ ids }) => ids)]);
  const meant = onlyBeginning(all, genId);
  if (meant !== undefined) return findGeneration({ session }, meant);
  throw new ProblemError([unknownGeneration(graph, genId)]);
}

/** The row of an id that a cohort has. */
export function findRow(reading: Reading, word: string): number {
  const { row, genId } = findGeneration(reading, word);
  if (row !== undefined) return row;
  throw new ProblemError([
    problem('DD505', `${genId} is in the store, but in no cohort`, {
      reason: 'orphan',
      place: { genId },
      cure: `\`daydream show ${genId}\` shows what is there; to judge it, put it back into a cohort.`,
    }),
  ]);
}

/** The cohort of a name, or all of them; a ProblemError when there is none of that name. */
export function cohortsMeant({ loaded }: Session, name: string | undefined): readonly string[] {
  const { structure } = loaded;
  refuseBrokenNamed(loaded, name);
  const ids = structure.cohorts.map(({ id }) => id);
  if (name === undefined) return ids;
  if (ids.includes(name)) return [name];
  throw new ProblemError([
    problem('DD109', `there is no cohort ${name}${didYouMean(name, ids)}`, {
      cure: '`daydream cohort ls` lists the cohorts.',
    }),
  ]);
}

function unknownGeneration(
  { ids, templates, cohorts }: Graph,
  word: string,
): ProblemError['problems'][number] {
  const begun = beginningSo(ids, word);
  const close =
    begun.length > 0 ? begun.slice(0, 3) : nearest(word, word.length < 4 ? [] : likely(ids, word));
  const isName = templates.some(({ id }) => id === word) || cohorts.some(({ id }) => id === word);
  const hint = close.length === 0 ? '' : `; did you mean ${close.join(' or ')}?`;
  if (begun.length > 1)
    return problem('DD505', `${word} is the beginning of ${begun.length} ids${hint}`, {
      reason: 'ambiguous_generation',
      data: { gen_id: word, suggestions: close },
      cure: 'Write more of the id.',
    });
  return problem('DD505', `there is no generation ${word}${hint}`, {
    reason: 'unknown_generation',
    data: { gen_id: word, suggestions: close },
    ...(isName ? { cure: `${word} is a name, not an id: \`daydream ls\` lists the ids.` } : {}),
  });
}

/** Ids are many, so only those that share a half with the word are compared letter by letter. */
function likely(ids: readonly GenId[], word: string): readonly GenId[] {
  const half = Math.floor(word.length / 2);
  return ids.filter((id) => id.startsWith(word.slice(0, half)) || id.endsWith(word.slice(-half)));
}
