// daydream render: a prompt as it would be sent. Asks nobody and writes nothing.
import type { Catalog, ConceptContent, Template } from '../../../catalog/catalog.ts';
import { contentOf } from '../../../catalog/concepts.ts';
import { variantOf } from '../../../catalog/variants.ts';
import { readCatalog } from '../../../engine/project/texts.ts';
import { missingSystem, templatesOnDisk } from '../../../engine/templates/loadedtemplates.ts';
import { bindSettings } from '../../../engine/project/modelrules.ts';
import { askOf, boundTemplate } from '../../../graph/bindtables.ts';
import type { Settings } from '../../../config.ts';
import { openSession, type Session } from '../../../engine/project/session.ts';
import { hasErrors, problem, ProblemError, type Problem } from '../../../problem.ts';
import { didYouMean, onlyBeginning } from '../../../text/nearest.ts';
import { apart, joined } from '../../../generation/systemprompt.ts';
import { sentText, sentWith } from '../../../engine/results/sentwith.ts';
import { isBlank } from '../../../text/python.ts';
import { checkTemplate } from '../../../generation/prompt.ts';
import { compileTemplate, render } from '../../../template/template.ts';
import { STAGES } from '../../../generation/stage.ts';
import { at, taskAt, type Task } from '../../../graph/graph.ts';
import { diskReader } from '../../../inputs/disk/diskreader.ts';
import { parentTextOf, renderPrompt } from '../../../run/prepare.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { isCopy } from '../../../generation/mode.ts';

/** Stands in for the text of a generation above, where there is none yet. */
const SAMPLE_TEXT = 'A first line of sample text.\n\nA second paragraph of it.';
const SAMPLE_CONCEPTS = 4;

export const command: CommandSpec = {
  words: '<gen_id or template>',
  options: [],
  examples: [
    'render e_2nvow3o7h9nijzyy',
    'render draft/rolling-thread',
    'render candour',
    'render rolling-thread@temperature=0.9',
  ],
  run: showPrompt,
};

async function showPrompt(call: Invocation): Promise<ExitCode> {
  const session = await openSession(await call.load());
  const { graph, settings } = session.loaded;
  const word = (call.words[0] ?? '').replace(/^gen:/, '');
  const row = graph.ids.indexOf(onlyBeginning(graph.ids, word) ?? word);
  if (row >= 0) return renderRow(call, session, taskAt(graph, row));
  const catalog = readCatalog(settings);
  const template = templateNamed(catalog, word);
  const user = userOf(session, template);
  if (user !== undefined) {
    call.console.note(`as ${user.genId} has it`);
    return renderRow(call, session, user);
  }
  const { base } = variantOf(template.id);
  const like = base === template.id ? undefined : userOf(session, { ...template, id: base });
  if (like !== undefined) {
    call.console.note(`no generation has ${template.id}: as ${like.genId} would have it`);
    return renderRow(call, session, askedAs(like, template, { catalog, settings }));
  }
  return renderSample(call, catalog, template, settings);
}

/** A generation of a template as one of its variant would be: with what that has its model asked with, and under no id. */
function askedAs(
  task: Task,
  variant: Template,
  { catalog, settings }: { readonly catalog: Catalog; readonly settings: Settings },
): Task {
  const bind = bindSettings(settings);
  const template = boundTemplate(variant, catalog, bind);
  const model = catalog.models.get(task.modelId);
  if (model === undefined) return { ...task, template };
  const ask = askOf(model, task.stage, bind, template.asked);
  return { ...task, genId: '', template, work: { kind: 'llm', ask } };
}

async function renderRow({ console }: Invocation, session: Session, task: Task): Promise<ExitCode> {
  const { graph } = session.loaded;
  const parentText = parentTextOf(session.loaded, task);
  if (task.parentId !== undefined && parentText === undefined) {
    console.note(
      `${task.genId} is made from ${task.parentId}, which has no parsed.txt yet; \`daydream build ${task.parentId}\` makes it`,
    );
    return 1;
  }
  const shop = { texts: await session.texts(), graph, index: session.index };
  const rendered = renderPrompt(shop, task, parentText);
  if ('failure' in rendered) {
    const { message, reason } = rendered.failure;
    const place = { file: task.template.file, ...(task.genId === '' ? {} : { genId: task.genId }) };
    throw new ProblemError([problem('DD405', message, { reason, place })]);
  }
  const sent = sentWith(session.loaded.settings, task);
  if (console.json)
    console.printJson({
      version: 1,
      genId: task.genId === '' ? null : task.genId,
      template: task.template.id,
      prompt: rendered.prompt.text,
      system: apart(rendered.prompt.text).system ?? null,
      sent: sent?.body ?? null,
    });
  else {
    if (sent !== undefined) console.note(console.paint('dim', sentText(sent)));
    console.write(rendered.prompt.text);
  }
  return 0;
}

/** By `stage/name`, or by a name that only one stage has; a variant by the name that it has in a spec. */
function templateNamed(catalog: Catalog, word: string): Template {
  const all = STAGES.flatMap((stage) => [...catalog.templates[stage].values()]);
  const found = STAGES.flatMap((stage) => {
    const name = word.startsWith(`${stage}/`) ? word.slice(stage.length + 1) : word;
    return catalog.templates[stage].get(name) ?? catalog.templates[stage].get(word) ?? [];
  });
  const [template, other] = found;
  if (template === undefined) throw new ProblemError([unknown(word, all)]);
  if (other === undefined) return template;
  const names = found.map(({ stage, id }) => `${stage}/${id}`);
  throw new ProblemError([
    problem('DD102', `${word} is a template of several stages`, {
      cure: `Say which: ${names.join(' or ')}.`,
    }),
  ]);
}

function unknown(word: string, templates: readonly Template[]): Problem {
  const names = templates.map(({ stage, id }) => (word.includes('/') ? `${stage}/${id}` : id));
  return problem('DD505', `${word} is neither a generation nor a template${didYouMean(word, names)}`, {
    reason: 'unknown_generation_or_template',
    cure: '`daydream ls` lists the generations; the templates are in the *_templates.csv files.',
  });
}

/** The first generation that uses the template and whose parent has its text. */
function userOf({ loaded }: Session, { stage, id }: Template): Task | undefined {
  const { graph } = loaded;
  for (let row = 0; row < graph.size; row++) {
    const bound = at(graph.boundTemplates, at(graph.template, row));
    if (bound.id !== id || bound.stage !== stage) continue;
    const task = taskAt(graph, row);
    if (task.parentId === undefined || parentTextOf(loaded, task) !== undefined) return task;
  }
  return undefined;
}

/** Nobody uses the template, or nothing above is there yet. */
function renderSample(
  { console }: Invocation,
  catalog: Catalog,
  template: Template,
  settings: Settings,
): ExitCode {
  const { stage, id, asked } = template;
  const { variables, told } = sampleOf(catalog, template);
  console.note(told);
  if (asked !== undefined && Object.keys(asked).length > 0) {
    const { sampling, ...others } = asked;
    console.note(console.paint('dim', `sent with ${JSON.stringify({ ...others, ...sampling })}`));
  }
  const text = isCopy(template) ? SAMPLE_TEXT : renderSent(catalog, template, variables, settings);
  if (console.json) console.printJson({ version: 1, genId: null, template: id, stage, prompt: text });
  else console.write(text);
  return 0;
}

/** With its system prompt. */
function renderSent(
  catalog: Catalog,
  template: Template,
  variables: Readonly<Record<string, unknown>>,
  settings: Settings,
): string {
  const prompt = renderText(template, variables, settings);
  const bound = boundTemplate(template, catalog, bindSettings(settings));
  const { system: usual, systemFile, systemNamed } = bound;
  const own = systemFile === undefined ? undefined : diskReader().text(systemFile).value;
  const text = own ?? usual;
  if (text === undefined && systemNamed === true) throw new ProblemError([missingSystem(bound)]);
  if (text === undefined) return prompt;
  const beside = { ...template, file: systemFile ?? template.file };
  const system = renderText(beside, variables, settings, text);
  return joined(isBlank(system) ? { prompt } : { system, prompt });
}

function renderText(
  { stage, file, id }: Template,
  variables: Readonly<Record<string, unknown>>,
  settings: Settings,
  given?: string,
): string {
  const text = given === undefined ? diskReader().text(file) : { value: given, problems: [] };
  const compiled = compileTemplate(text.value ?? '', { file, shelf: templatesOnDisk(settings) });
  const problems = [...text.problems, ...compiled.problems];
  if (text.value === undefined && !hasErrors(problems))
    problems.push(problem('DD355', `${stage} template ${id} has no text`, { place: { file } }));
  if (compiled.value !== undefined && !hasErrors(problems))
    problems.push(...checkTemplate(compiled.value, stage));
  if (compiled.value === undefined || hasErrors(problems)) throw new ProblemError(problems);
  const result = render(compiled.value, variables);
  if (!result.ok) throw new ProblemError([result.problem]);
  return result.text;
}

interface Sample {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly told: string;
}

function sampleOf(catalog: Catalog, { stage, id, mode }: Template): Sample {
  const nobody = `no generation with ${stage} template ${id} can be rendered yet`;
  if (stage !== 'draft') {
    const what = isCopy({ mode }) ? 'copied' : 'given';
    return {
      told: `${nobody}: sample text is ${what}`,
      variables: { draft_block: SAMPLE_TEXT, links_block: SAMPLE_TEXT, response: SAMPLE_TEXT },
    };
  }
  const combo = [...catalog.combos.values()].find((each) => each.problem === undefined);
  if (combo !== undefined)
    return { told: `${nobody}: given the concepts of ${combo.id}`, variables: { concepts: combo.contents } };
  const concepts: readonly ConceptContent[] = [...catalog.concepts.values()]
    .slice(0, SAMPLE_CONCEPTS)
    .map((concept) => contentOf(concept, 'paragraph'));
  return { told: `${nobody}: given the first ${concepts.length} concepts`, variables: { concepts } };
}
