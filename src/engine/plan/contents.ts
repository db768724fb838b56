// Selectors by what is in the store: `score:>7` for evaluations, `text:word` for texts. Each text is read when somebody asks, once.
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { type BesideScore, besideScore } from '../../generation/parsers/scored.ts';
import { STAGES } from '../../generation/stage.ts';
import { idAt, stageAt, type Graph } from '../../graph/graph.ts';
import type { Method } from '../../graph/selectormethods.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import type { Layout } from '../../store/layout.ts';
import { lowerCase } from '../../text/python.ts';

const EVALUATION = STAGES.length - 1;

const COMPARED: Readonly<Record<string, (score: number, limit: number) => boolean>> = {
  '>': (score, limit) => score > limit,
  '>=': (score, limit) => score >= limit,
  '<': (score, limit) => score < limit,
  '<=': (score, limit) => score <= limit,
  '=': (score, limit) => score === limit,
};

/** The score of an evaluation's row; undefined for every other row, and where there is none. */
export function scoreAt(
  layout: Layout,
  graph: Pick<Graph, 'stage' | 'ids'>,
  row: number,
): number | undefined {
  if (graph.stage[row] !== EVALUATION) return undefined;
  return scoreOfParsed(readArtifact(layout, 'evaluation', graph.ids[row] ?? '', 'parsed')).score;
}

/** What stands beside the score of an evaluation's row; nothing for every other row. */
export function besideScoreAt(layout: Layout, graph: Pick<Graph, 'stage' | 'ids'>, row: number): BesideScore {
  const isEvaluation = graph.stage[row] === EVALUATION;
  return besideScore(
    isEvaluation ? readArtifact(layout, 'evaluation', graph.ids[row] ?? '', 'parsed') : undefined,
  );
}

/** `score:>7`, `score:<=3.5`, `score:8`, `score:none`. */
export function scoreMethod(layout: Layout, graph: Graph): Method {
  const known = new Map<number, number | undefined>();
  const scoreOf = (row: number): number | undefined => {
    if (!known.has(row)) known.set(row, scoreAt(layout, graph, row));
    return known.get(row);
  };
  return {
    ...NAMELESS,
    form: '`score:>7`, `score:<=3.5`, `score:8` or `score:none`',
    meets(value) {
      if (value === 'none') return (row) => graph.stage[row] === EVALUATION && scoreOf(row) === undefined;
      const [, sign = '', digits = ''] = /^(>=|<=|>|<|=|)(\d+(?:\.\d+)?)$/.exec(value) ?? [];
      const compared = COMPARED[sign === '' ? '=' : sign];
      if (digits === '' || compared === undefined) return undefined;
      return (row) => {
        const score = scoreOf(row);
        return score !== undefined && compared(score, Number(digits));
      };
    },
  };
}

/** `text:kite`: what the parsed text contains, letter case ignored. */
export function textMethod(layout: Layout, graph: Graph): Method {
  return {
    ...NAMELESS,
    form: '`text:WORD`',
    meets(value) {
      const wanted = lowerCase(value);
      return (row) =>
        lowerCase(readArtifact(layout, stageAt(graph, row), idAt(graph, row), 'parsed') ?? '').includes(
          wanted,
        );
    },
  };
}

const NAMELESS: Method = { names: [], mark: () => undefined };
