// Prompts: which values the templates of each stage are given, and whether a template can do with them. Knows no file and no catalog.
import type { Problem } from '../problem.ts';
import { type CompiledTemplate, render, unknownNames } from '../template/template.ts';
import type { Stage } from './stage.ts';

/** What the templates of a stage are given, and nothing else. */
export const STAGE_VARIABLES: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['concepts'],
  essay: ['draft_block', 'links_block'],
  evaluation: ['response'],
};

/** More than a real combo has, so that a template may ask for its fifth concept. */
const TRIAL_CONCEPTS = 12;

/** What would go wrong when rendering for the stage: unknown names in any branch, and what a rendering of made-up values shows. */
export function checkTemplate(compiled: CompiledTemplate, stage: Stage): readonly Problem[] {
  const given = STAGE_VARIABLES[stage];
  const unknown = unknownNames(compiled, given, {
    cure: `Templates of stage ${stage} are given ${given.join(' and ')}, and nothing else.`,
    data: { stage, given },
  });
  if (unknown.length > 0) return unknown;
  const trial = render(compiled, trialValues(stage));
  if (trial.ok || isOfMadeUpValues(trial.problem, compiled)) return [];
  return [trial.problem];
}

/** How much work real values make is not for made-up ones to say, nor which template a name leads to that is made of them. */
function isOfMadeUpValues({ code, data }: Problem, { written }: CompiledTemplate): boolean {
  if (code === 'DD404') return true;
  const names = code === 'DD491' ? data?.['names'] : undefined;
  return Array.isArray(names) && !names.every((name) => written.has(String(name)));
}

function trialValues(stage: Stage): Readonly<Record<string, unknown>> {
  if (stage === 'draft') {
    const concepts = Array.from({ length: TRIAL_CONCEPTS }, (_, at) => ({
      name: `Concept ${at}`,
      content: `Content ${at}.`,
    }));
    return { concepts };
  }
  return Object.fromEntries(STAGE_VARIABLES[stage].map((name) => [name, 'Some text.\nIts second line.']));
}
