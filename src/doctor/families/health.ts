// Findings about how things stand as a whole: coverage, failure rates, replies that cost too much, judges that never vary or are to be
// doubted, and what people said.
import { basename } from 'node:path';
import { readerOf } from '../../engine/results/reports.ts';
import { judgeDoubts, scoresOfCohorts } from '../../engine/results/scores.ts';
import { NO_MODEL } from '../../generation/mode.ts';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { at } from '../../graph/graph.ts';
import { termOf } from '../../graph/selectors.ts';
import { SETTLED, STATES, type State } from '../../plan/verdict.ts';
import { ProblemError } from '../../problem.ts';
import type { Doubt } from '../../scores/judges/doubts.ts';
import type { GenReader } from '../../scores/rows.ts';
import { groupBy } from '../../statistics/groups.ts';
import { genFolder } from '../../store/layout.ts';
import { readRatings } from '../../store/ledger/ratings.ts';
import { wordIn } from '../../store/gens/survey.ts';
import type { StoredGeneration } from '../../store/gens/surveyfacts.ts';
import { shellWord } from '../../text/quotes.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';

const FAILURE_RATE = 0.05;
/** So many of a kind are needed to say what is usual, or that nothing varies. */
const ENOUGH = 8;

export const HEALTH = [coverage, costOutliers, constantJudges, doubtfulJudges, damagedRatings] as const;

/** One for each file. */
function damagedRatings({ layout }: Examination): readonly Finding[] {
  const lines = readRatings(layout).problems;
  return groupBy(lines, ({ place }) => [place?.file ?? '']).map(({ key: [file = ''], rows }) => {
    const whole = rows.find(({ code }) => code !== 'DD711');
    const numbers = rows.flatMap(({ place }) => place?.line ?? []);
    const shown = numbers.slice(0, 5).join(', ') + (numbers.length > 5 ? ', …' : '');
    const lost = `${basename(file)}: ${numbers.length === 1 ? 'a line is' : `${numbers.length} lines are`} no rating (${shown})`;
    return finding('ratings_damaged', whole?.message ?? lost, {
      ...(whole?.cure === undefined ? {} : { cure: whole.cure }),
      place: { file, line: numbers[0] ?? 1 },
      data: { lines: numbers },
    });
  });
}

function coverage({ opened, asked }: Examination): readonly Finding[] {
  if (opened === undefined) return [];
  const { graph } = opened.session.loaded;
  const { state } = opened.plan.judge.verdicts;
  return graph.cohorts.flatMap(({ id: cohort, members }) => {
    if (!asked.cohort(cohort)) return [];
    return STAGES.flatMap((stage, number) => {
      const counts = new Map<State, number>();
      for (const row of members) {
        if (graph.stage[row] !== number) continue;
        const word = at(STATES, at(state, row));
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      const count = (...words: readonly State[]): number =>
        words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0);
      const [total, done, failed] = [count(...STATES), count(...SETTLED), count('failed')];
      const details = { stage, cohort, data: Object.fromEntries(counts) };
      const term = termOf('cohort', cohort);
      const word = shellWord(term);
      const cure = `\`daydream build ${word}\`; \`daydream plan ${word}\` says first what that takes.`;
      const rest = STATES.filter((word) => count(word) > 0 && !SETTLED.has(word));
      const words = rest.map((word) => `${count(word)} ${word}`).join(', ');
      const rate = failed / Math.max(1, done + failed + count('stale'));
      return [
        ...(done === total
          ? []
          : [
              finding(
                'not_current',
                `cohort ${cohort}: ${done} of ${total} ${stage}s are current (${words})`,
                { ...details, cure },
              ),
            ]),
        ...(rate > FAILURE_RATE
          ? [
              finding('failure_rate', `cohort ${cohort}: ${failed} of ${total} ${stage}s failed`, {
                ...details,
                cure: `Ask again: \`daydream build ${word} --retry all\`; \`daydream ls ${shellWord(`${term},state:failed`)} --columns gen_id,model,why\` says why they failed.`,
              }),
            ]
          : []),
      ];
    });
  });
}

function costOutliers({ store, asked, layout }: Examination): readonly Finding[] {
  const groups = groupBy(
    store.filter((each) => costOf(each) > 0),
    (each) => [each.stage, wordOf(each, 'llm_model_id')],
  );
  return groups.flatMap(({ rows: group }) => {
    const costs = group.map(costOf).sort((a, b) => a - b);
    if (costs.length < ENOUGH) return [];
    const [q1, median, q3] = [quantile(costs, 0.25), quantile(costs, 0.5), quantile(costs, 0.75)];
    const limit = Math.max(5 * median, q3 + 3 * (q3 - q1));
    return group
      .filter((each) => costOf(each) > limit && asked.generation(each))
      .map((each) => {
        const { stage, genId } = each;
        const place = { file: `${genFolder(layout, stage, genId)}/raw_metadata.json`, genId };
        const message = `${genId} cost $${costOf(each).toFixed(4)}, where $${median.toFixed(4)} is usual`;
        return finding('cost_outlier', message, {
          stage,
          genId,
          place,
          data: { cost: costOf(each), median },
        });
      });
  });
}

/** USD as the provider counted them. */
function costOf({ answer }: StoredGeneration): number {
  return answer === undefined || answer === 'damaged' ? 0 : (answer.cost ?? 0);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

function constantJudges({ store, asked }: Examination): readonly Finding[] {
  const judges = new Map<object, readonly [model: string, template: string]>();
  const judgeOf = (each: StoredGeneration): readonly [model: string, template: string] => {
    const judge = judges.get(each.kind) ?? [wordOf(each, 'llm_model_id'), wordOf(each, 'template_id')];
    judges.set(each.kind, judge);
    return judge;
  };
  const evaluations = store.filter(
    (each) => each.stage === 'evaluation' && asked.generation(each) && judgeOf(each)[0] !== NO_MODEL,
  );
  const groups = groupBy(evaluations, judgeOf);
  return groups.flatMap(({ key: [model = '', template = ''], rows: group }) => {
    const scores = new Set<number>();
    const essays = new Set<string>();
    for (const { genId, parentId, score } of group) {
      if (score === undefined) continue;
      scores.add(score);
      essays.add(parentId ?? genId);
    }
    const [only] = scores;
    if (scores.size !== 1 || essays.size < ENOUGH) return [];
    const message = `judge ${model} gives every one of ${essays.size} essays ${only} by rubric ${template}`;
    return [
      finding('constant_judge', message, { data: { model, template, score: only, essays: essays.size } }),
    ];
  });
}

function doubtfulJudges(examination: Examination): readonly Finding[] {
  return doubtsIn(examination).map(({ judge, rubric, finding: words, value }) =>
    finding('judge_doubtful', `judge ${judge} by rubric ${rubric}: ${words} (${Number(value.toFixed(3))})`, {
      data: { judge, rubric, finding: words, value },
    }),
  );
}

/** None where a file of the store can not be read: that is a finding of its own, and reports stop at it. */
function doubtsIn(examination: Examination): readonly Doubt[] {
  const { opened, asked } = examination;
  if (opened === undefined) return [];
  const { session } = opened;
  const cohorts = session.loaded.structure.cohorts.map(({ id }) => id).filter(asked.cohort);
  try {
    return judgeDoubts(session, scoresOfCohorts(session, cohorts, surveyed(examination)));
  } catch (error) {
    if (error instanceof ProblemError) return [];
    throw error;
  }
}

/** The store as it was read already; of what failed, from its files, which say whether that was accepted. */
function surveyed({ stored, parentOf, layout }: Examination): GenReader {
  const files = readerOf(layout);
  // A text is asked for right after its metadata, and then what it was made from.
  let last: StoredGeneration | undefined;
  const found = (stage: Stage, genId: GenId): StoredGeneration | undefined => {
    if (last?.genId === genId && last.stage === stage) return last;
    const parent = last?.parentId === genId ? parentOf(last) : undefined;
    return (last = parent?.stage === stage ? parent : stored(stage, genId));
  };
  return {
    metadata(stage, genId) {
      const { metadata, trace } = found(stage, genId) ?? {};
      const told = trace !== 'newer' && trace?.failure === undefined && metadata !== 'damaged';
      return told ? metadata : files.metadata(stage, genId);
    },
    // How a reply came about is no part of what judges are doubted for.
    rawMetadata: () => undefined,
    parsed(stage, genId) {
      const { score } = found(stage, genId) ?? {};
      if (score !== undefined) return String(score);
      return found(stage, genId)?.texts.parsed === undefined ? undefined : '';
    },
  };
}

function wordOf({ metadata }: StoredGeneration, key: string): string {
  return metadata === undefined || metadata === 'damaged' ? '' : (wordIn(metadata, key) ?? '');
}
