// The front half of one generation: judge it again now that its parent is done, render its prompt, and say what is left to do.
// Writes nothing and asks nobody.
import { defined } from '../defined.ts';
import { at, taskAt, type Task } from '../graph/graph.ts';
import { joined } from '../generation/systemprompt.ts';
import { parentStage } from '../generation/stage.ts';
import type { Failure, FileDigests } from '../generation/trace.ts';
import { render } from '../template/template.ts';
import { isInvisible } from '../text/display.ts';
import { isBlank } from '../text/python.ts';
import { shortName } from '../canonical.ts';
import { STATE } from '../plan/judge.ts';
import { FROM, WHY } from '../plan/verdict.ts';
import { afterRendering } from '../plan/cutoff.ts';
import { digestOfText, readArtifact } from '../store/gens/genstore.ts';
import type { FailureReport } from './events.ts';
import type { Study } from './study.ts';

/** A prompt and the parts that it was really made from. */
export interface Prompt {
  readonly text: string;
  readonly digest: string;
  /** Absent when the prompt.txt on disk is used as it stands. */
  readonly parts?: Readonly<Record<string, string>>;
  /** What the digest of the template among them is made of. */
  readonly files?: FileDigests;
}

export type Prepared =
  | { readonly kind: 'settled' }
  | { readonly kind: 'adopt'; readonly task: Task }
  /** Another tool left it half made: what is there is accepted, and the rest is then to be made. */
  | { readonly kind: 'adopt_first'; readonly task: Task }
  | { readonly kind: 'known_failure'; readonly failure: FailureReport }
  | { readonly kind: 'blocked'; readonly by: string }
  | { readonly kind: 'render_failed'; readonly task: Task; readonly failure: Omit<Failure, 'at'> }
  | {
      readonly kind: 'generate';
      readonly task: Task;
      readonly prompt: Prompt;
      readonly cache: 'use' | 'bypass';
    }
  | { readonly kind: 'parse'; readonly task: Task; readonly prompt?: Prompt }
  /** Only the prompt.txt is missing or was rendered from other parts, to the same text. */
  | { readonly kind: 'prompt_only'; readonly task: Task; readonly prompt: Prompt };

export function prepare(shop: Study, row: number): Prepared {
  const { verdicts } = shop.judge;
  shop.judge.row(row);
  const state = at(verdicts.state, row);
  const task = taskAt(shop.graph, row);
  if (state === STATE.blocked) return { kind: 'blocked', by: at(shop.graph.ids, at(verdicts.cause, row)) };
  if (at(verdicts.from, row) === FROM.none)
    return at(verdicts.untraced, row) === 1 ? { kind: 'adopt', task } : { kind: 'settled' };
  if (at(verdicts.attempted, row) === 0) return knownFailure(shop, row);
  const bits = at(verdicts.why, row);
  const retried = (bits & WHY.retry) !== 0 && shop.index.failureAt(row)?.kind !== 'api';
  const bypass = (bits & WHY.forced) !== 0 || retried;
  if (at(verdicts.untraced, row) === 1 && at(verdicts.from, row) !== FROM.render)
    return { kind: 'adopt_first', task };
  return ready(shop, task, { from: at(verdicts.from, row), bypass });
}

function ready(shop: Study, task: Task, { from, bypass }: { from: number; bypass: boolean }): Prepared {
  const { row } = task;
  if (from === FROM.parse && !bypass) return { kind: 'parse', task };
  if (from !== FROM.render) {
    return { kind: 'generate', task, prompt: promptAsItStands(shop, task), cache: bypass ? 'bypass' : 'use' };
  }
  const rendered = renderPrompt(shop, task, parentTextOf(shop, task));
  if ('failure' in rendered) return { kind: 'render_failed', task, failure: rendered.failure };
  const { prompt } = rendered;
  const left = bypass
    ? 'generate'
    : afterRendering({ verdicts: shop.judge.verdicts, index: shop.index }, row, prompt.digest);
  switch (left) {
    case 'generate':
      return { kind: 'generate', task, prompt, cache: bypass ? 'bypass' : 'use' };
    case 'parse':
      return { kind: 'parse', task, prompt };
    case 'prompt':
      return { kind: 'prompt_only', task, prompt };
    default:
      return left satisfies never;
  }
}

/** What is asked where the prompt holds: its file, also as a hand has changed it. */
export function promptAsItStands({ layout }: Pick<Study, 'layout'>, task: Task): Prompt {
  const text = readArtifact(layout, task.stage, task.genId, 'prompt') ?? '';
  return { text, digest: digestOfText(text) };
}

type Rendered = { readonly prompt: Prompt } | { readonly failure: Omit<Failure, 'at'> };

/** Renders a task's prompt from what is on disk now; the parts are of the very bytes that were read. */
export function renderPrompt(
  shop: Pick<Study, 'texts' | 'graph' | 'index'>,
  task: Task,
  parentText: string | undefined,
): Rendered {
  const set = at(shop.graph.partSets, at(shop.graph.renderSet, task.row));
  const parent = task.parentId === undefined ? {} : { parent: digestOfText(parentText ?? '') };
  if (task.work.kind === 'copy') {
    const text = parentText ?? '';
    return { prompt: { text, digest: digestOfText(text), parts: { ...set, ...parent } } };
  }
  const template = shop.texts.template(task.template);
  if ('problem' in template)
    return {
      failure: renderFailure({ ...set, ...parent }, template.problem.reason, template.problem.message),
    };
  const { variables, read } = inputsOf(shop, task, parentText ?? '');
  const parts = { ...set, ...parent, ...read, template: template.digest };
  const result = render(template.compiled, variables);
  if (!result.ok) return { failure: renderFailure(parts, result.problem.reason, result.problem.message) };
  if (isInvisible(result.text))
    return { failure: renderFailure(parts, 'prompt_empty', 'the prompt would be empty: nobody is asked') };
  const system = template.system === undefined ? undefined : render(template.system, variables);
  if (system !== undefined && !system.ok)
    return { failure: renderFailure(parts, system.problem.reason, system.problem.message) };
  // An empty system prompt is none.
  const said = system === undefined || isBlank(system.text) ? {} : { system: system.text };
  const text = joined({ ...said, prompt: result.text });
  const { files } = template;
  return { prompt: defined({ text, digest: digestOfText(text), parts, files }) };
}

/** Whether the prompt.txt of a row equals what would be rendered now. */
export function promptHolds(shop: Pick<Study, 'texts' | 'graph' | 'index' | 'layout'>, row: number): boolean {
  const task = taskAt(shop.graph, row);
  const rendered = renderPrompt(shop, task, parentTextOf(shop, task));
  return 'prompt' in rendered && rendered.prompt.digest === shop.index.get('promptFile', row);
}

export function parentTextOf({ layout }: Pick<Study, 'layout'>, task: Task): string | undefined {
  return task.parentId === undefined
    ? undefined
    : readArtifact(layout, parentStage(task.stage), task.parentId, 'parsed');
}

/** What a template is given, and the parts that say which concept texts were really read. */
function inputsOf(
  shop: Pick<Study, 'texts'>,
  task: Task,
  parentText: string,
): {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly read: Readonly<Record<string, string>>;
} {
  switch (task.stage) {
    case 'draft': {
      const { contents, digest } = shop.texts.concepts(task.combo.id);
      return { variables: { concepts: contents }, read: { concepts: digest } };
    }
    case 'essay':
      return { variables: { draft_block: parentText, links_block: parentText }, read: {} };
    case 'evaluation':
      return { variables: { response: parentText }, read: {} };
  }
}

function renderFailure(
  parts: Readonly<Record<string, string>>,
  reason: string | undefined,
  message: string,
): Omit<Failure, 'at'> {
  return {
    step: 'render',
    kind: 'render',
    reason: reason ?? 'render_failed',
    message,
    parts: shortName(parts),
  };
}

function knownFailure(shop: Study, row: number): Prepared {
  const failure = shop.index.failureAt(row);
  const { step = 'parse', kind = 'unparsable' } = failure ?? {};
  return {
    kind: 'known_failure',
    failure: {
      step,
      kind,
      reason: 'as_before',
      message: 'failed before, and nothing that it was made from has changed',
    },
  };
}
