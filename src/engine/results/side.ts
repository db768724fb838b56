// One side of a comparison, read from a data root as it stands. Writes nothing.
import { canonicalJson } from '../../canonical.ts';
import { at, idAt, stageAt, taskAt } from '../../graph/graph.ts';
import type { ComparedGeneration, ComparedSide } from '../../report/comparison/comparison.ts';
import { readLedger } from '../../store/ledger/ledger.ts';
import { ledgerTotal } from '../../store/ledger/totals.ts';
import { scoresOfCohorts } from './scores.ts';
import type { Session } from '../project/session.ts';
import { FILE } from '../../store/layout.ts';
import { digestIn } from '../../inputs/disk/stamped.ts';

/** Of all cohorts, or of one; of a cohort that is not there nothing. */
export function sideOf(session: Session, cohortId: string | undefined): ComparedSide {
  const { graph, structure, layout } = session.loaded;
  const cohorts = structure.cohorts.filter(({ id }) => cohortId === undefined || id === cohortId);
  const rows = [...new Set(cohorts.flatMap(({ members }) => Array.from(members)))];
  const generations = rows.map((row): ComparedGeneration => {
    const text = session.index.has(row, FILE.parsed) ? session.index.get('parsedFile', row) : undefined;
    return { stage: stageAt(graph, row), genId: idAt(graph, row), text };
  });
  const ids = new Set(generations.map(({ genId }) => genId));
  const entries = readLedger(layout.ledger).value.filter((entry) => ids.has(entry.gen_id));
  return {
    generations,
    inputs: inputsOf(session, rows),
    rows: scoresOfCohorts(
      session,
      cohorts.map(({ id }) => id),
    ),
    spent: ledgerTotal(entries),
  };
}

/** Templates, combos and models that these rows use, with what decides their results. */
export function inputsOf(
  { loaded: { graph, header } }: Session,
  rows: readonly number[],
): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>();
  for (const row of rows) {
    const { stage, template, combo, work, modelId } = taskAt(graph, row);
    const text = digestIn(header.texts[at(graph.template, row)]) ?? '';
    const { mode, parser, minLines, truncation, thoughts = [] } = template;
    inputs.set(
      `${stage} template ${template.id}`,
      [text, mode, parser, minLines, truncation, ...[thoughts].flat()].join(' '),
    );
    if (stage === 'draft') inputs.set(`combo ${combo.id}`, combo.digest);
    if (work.kind === 'copy') continue;
    const { provider, model, temperature, maxTokens, sampling } = work.ask;
    inputs.set(
      `${stage} model ${modelId}`,
      canonicalJson({ provider, model, temperature, maxTokens, sampling }),
    );
  }
  return inputs;
}
