// Asks people about texts of cohorts, and keeps what they say. Shows nothing and computes no statistics.
import { readFileSync } from 'node:fs';
import { STAGES, type GenId } from '../../generation/stage.ts';
import { at, type Graph, rowFinder } from '../../graph/graph.ts';
import { SETTLED, STATES } from '../../plan/verdict.ts';
import { hasErrors, problem, ProblemError, type Problem } from '../../problem.ts';
import {
  ratingItemsOf,
  type RatingItem,
  type Rateable,
  type RatingKind,
} from '../../scores/people/ratingitems.ts';
import type { GivenRating } from '../../scores/people/ratings.ts';
import { digestOfText, readArtifact } from '../../store/gens/genstore.ts';
import {
  addRating,
  isRaterName,
  keyOfRating,
  PREFERENCES,
  ratingsFile,
  readRatings,
  readRatingsOf,
  type RatedText,
  type Rating,
  type RatingAnswer,
} from '../../store/ledger/ratings.ts';
import type { Layout } from '../../store/layout.ts';
import { plural } from '../../text/amounts.ts';
import { didYouMean } from '../../text/nearest.ts';
import { judge, type Session } from '../project/session.ts';

export interface SheetOptions {
  /** Only essays that this rubric judges; those of every rubric where it is left out. */
  readonly rubric?: string | undefined;
  readonly rater: string;
  readonly kind: RatingKind;
  /** So many questions at most. */
  readonly n: number;
  readonly seed: string;
}

export interface ItemOptions extends Pick<SheetOptions, 'rubric' | 'kind' | 'seed'> {
  /** Of the generations, by row, where they were judged already. */
  readonly states?: Uint8Array | undefined;
}

/** What a person is shown: no template, no model, no combo. */
export interface RatingTask {
  readonly rubric: string;
  /** One essay, or two to choose between. What is said of them is handed in with these. */
  readonly texts: readonly (RatedText & { readonly text: string })[];
}

export interface RatingSheet {
  readonly rater: string;
  readonly kind: RatingKind;
  /** Absolute: where the person's answers are. */
  readonly file: string;
  /** With the text of its template, which says what is asked for. */
  readonly rubrics: readonly { readonly id: string; readonly text: string }[];
  /** Questions that this person has answered, or would not answer. */
  readonly answered: number;
  /** Questions that are left, those of `tasks` among them. */
  readonly open: number;
  readonly tasks: readonly RatingTask[];
  /** Lines of the file that can not be read. */
  readonly problems: readonly Problem[];
}

/** All that can be asked, in the order that the seed draws, whoever is asked. Throws a ProblemError where no text is judged by the rubric. */
export async function ratingItems(
  session: Session,
  cohortIds: readonly string[],
  { rubric, kind, seed, states }: ItemOptions,
): Promise<readonly RatingItem[]> {
  const known = states ?? (await judge(session)).verdicts.state;
  const { all, unfit } = rateablesIn(session, cohortIds, known);
  if (all.length === 0 && unfit > 0) throw nothingCurrent(unfit);
  const rubrics = [...new Set(all.map((each) => each.rubric))].sort();
  if (rubric !== undefined && !rubrics.includes(rubric)) throw noSuchRubric(rubric, rubrics);
  const meant = all.filter((each) => rubric === undefined || each.rubric === rubric);
  return ratingItemsOf(meant, kind, seed);
}

/** Those of them that come next for a person. Throws a ProblemError where there is nothing to ask about. */
export async function ratingSheet(
  session: Session,
  drawn: () => Promise<readonly RatingItem[]>,
  { rater, kind, n }: Pick<SheetOptions, 'rater' | 'kind' | 'n'>,
): Promise<RatingSheet> {
  const { graph, layout } = session.loaded;
  const file = fileOf(layout, rater);
  const questions = await drawn();
  if (questions.length === 0)
    throw new ProblemError([
      problem('DD710', kind === 'score' ? 'there is no text to rate' : 'there are no two texts to compare'),
    ]);
  const { value: ratings, problems } = readRatingsOf(layout, rater);
  if (hasErrors(problems)) throw new ProblemError(problems);
  const known = new Set(ratings.map(keyOfRating));
  const rated = new Set(ratings.flatMap(({ first, second }) => [first.genId, second?.genId ?? '']));
  const texts = textsIn(session);
  const isAnswered = (question: RatingItem): boolean =>
    rated.has(question.essays[0]) && known.has(keyOf(question, texts));
  const open = known.size === 0 ? questions : questions.filter((question) => !isAnswered(question));
  const asked = open.slice(0, n);
  return {
    rater,
    kind,
    file,
    rubrics: graph.boundTemplates.flatMap((template) =>
      template.stage === 'evaluation' && asked.some((each) => each.rubric === template.id)
        ? [{ id: template.id, text: readFileSync(template.file, 'utf8') }]
        : [],
    ),
    answered: questions.length - open.length,
    open: open.length,
    tasks: asked.map((question) => ({ rubric: question.rubric, texts: question.essays.map(texts.read) })),
    problems,
  };
}

/** Files of people, and lines of them, that can not be read, and so count nowhere. */
export function unreadableRatings({ loaded: { layout } }: Session): readonly Problem[] {
  return readRatings(layout).problems.map((each) => ({ ...each, severity: 'warning' }));
}

/** What people said of texts as they are now. */
export function ratingsThatCount(session: Session): readonly GivenRating[] {
  const { value } = readRatings(session.loaded.layout);
  if (value.length === 0) return [];
  const { digestOf } = textsIn(session);
  return value.flatMap(({ rater, rubric, first, second, answer }): GivenRating[] => {
    const now = [first, ...(second === undefined ? [] : [second])].every(
      ({ genId, digest }) => digestOf(genId) === digest,
    );
    return now && answer !== 'skip'
      ? [{ rater, rubric, first: first.genId, second: second?.genId, answer }]
      : [];
  });
}

/** Keeps what somebody said. Throws a ProblemError for what can not be kept. */
export function keepRating(layout: Layout, rater: string, rating: Rating): void {
  const { rubric, first, second, answer } = rating;
  const file = fileOf(layout, rater);
  const { problems } = readRatingsOf(layout, rater);
  if (hasErrors(problems)) throw new ProblemError(problems);
  const texts = [first, ...(second === undefined ? [] : [second])];
  const told =
    /^[^",\r\n]+$/.test(rubric) &&
    texts.every(({ genId, digest }) => /^[\w-]+$/.test(genId) && /^[\da-f]{16}$/.test(digest));
  if (!told || !isAnswerTo(answer, texts.length))
    throw new ProblemError([
      problem(
        'DD712',
        `${JSON.stringify(answer)} of ${texts.length} text(s) by the rubric "${rubric}" is no rating`,
        {
          cure: `Give a number for one text; ${PREFERENCES.map((each) => `\`${each}\``).join(', ')} for two; or \`skip\`.`,
        },
      ),
    ]);
  addRating(file, rating);
}

function isAnswerTo(answer: RatingAnswer, texts: number): boolean {
  if (answer === 'skip') return true;
  return texts === 1
    ? typeof answer === 'number' && Number.isFinite(answer)
    : PREFERENCES.some((each) => each === answer);
}

function fileOf(layout: Layout, rater: string): string {
  if (isRaterName(rater)) return ratingsFile(layout, rater);
  throw new ProblemError([
    problem('DD712', `"${rater}" can not be the name of a rater`, {
      cure: 'Use letters, digits, `_`, `-` and `.`: it becomes the name of a file.',
    }),
  ]);
}

/** Essays that are there as they should be, once for each rubric that judges them; and how many are not. */
function rateablesIn(
  { loaded: { graph } }: Session,
  cohortIds: readonly string[],
  states: Uint8Array,
): { readonly all: readonly Rateable[]; readonly unfit: number } {
  const { stage, parent, template, combo, ids } = graph;
  const isSettled = STATES.map((state) => SETTLED.has(state));
  const known = new Set<number>();
  const found: Rateable[] = [];
  const unfit = new Set<number>();
  for (const { id, members } of graph.cohorts) {
    if (!cohortIds.includes(id)) continue;
    for (const row of members) {
      if (stage[row] !== STAGES.length - 1) continue;
      const essay = at(parent, row);
      if (isSettled[at(states, essay)] !== true) {
        unfit.add(essay);
        continue;
      }
      const rubric = at(template, row);
      const key = essay * graph.templates.length + rubric;
      if (known.has(key)) continue;
      known.add(key);
      found.push({
        essay: at(ids, essay),
        rubric: at(graph.templates, rubric).id,
        combo: at(graph.combos, at(combo, essay)),
        way: wayTo(graph, essay),
      });
    }
  }
  return { all: found, unfit: unfit.size };
}

/** The same number for the same templates and models. */
function wayTo({ parent, template, model, templates, models }: Graph, essay: number): number {
  const draft = at(parent, essay);
  let way = at(template, draft);
  way = way * models.length + at(model, draft);
  way = way * templates.length + at(template, essay);
  return way * models.length + at(model, essay);
}

interface Texts {
  readonly digestOf: (essay: GenId) => string;
  readonly read: (essay: GenId) => RatingTask['texts'][number];
}

function textsIn({ loaded: { graph, layout }, index }: Session): Texts {
  return {
    digestOf(genId) {
      const row = rowFinder(graph)('essay', genId);
      return row === undefined ? '' : index.get('parsedFile', row);
    },
    read(genId) {
      const text = readArtifact(layout, 'essay', genId, 'parsed') ?? '';
      return { genId, digest: digestOfText(text), text };
    },
  };
}

function keyOf({ rubric, essays: [first, second] }: RatingItem, { digestOf }: Texts): string {
  const named = (genId: GenId): RatedText => ({ genId, digest: digestOf(genId) });
  return keyOfRating({
    rubric,
    first: named(first),
    ...(second === undefined ? {} : { second: named(second) }),
  });
}

function nothingCurrent(unfit: number): ProblemError {
  return new ProblemError([
    problem('DD710', `there is no text to rate: of ${plural(unfit, 'essay')} none is current`, {
      cure: '`daydream build` brings them up to date; `daydream status` says how they stand.',
    }),
  ]);
}

function noSuchRubric(rubric: string, rubrics: readonly string[]): ProblemError {
  return new ProblemError([
    problem('DD710', `no text is judged by the rubric ${rubric}${didYouMean(rubric, rubrics)}`, {
      ...(rubrics.length === 0 ? {} : { cure: `Use one of: ${rubrics.join(', ')}.` }),
    }),
  ]);
}
