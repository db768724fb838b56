// daydream show: an artifact, where it comes from, what it cost, and what was answered before. Read-only.
import { sentText, sentWith } from '../../../../engine/results/sentwith.ts';
import { NO_MODEL } from '../../../../generation/mode.ts';
import { scoreOfParsed } from '../../../../generation/parsedscore.ts';
import { besideScore, scoreWords } from '../../../../generation/parsers/scored.ts';
import { taskAt } from '../../../../graph/graph.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { readIfPresent } from '../../../../store/writing/atomic.ts';
import { genFolder } from '../../../../store/layout.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { PROVIDER, type Invocation, type CommandSpec } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { dossierOf, responsesOf, type Dossier, type PastResponse } from '../../../../api/reading/dossier.ts';
import { displayText } from '../../../../text/display.ts';
import { findGeneration, type Found } from '../../../../api/reading/find.ts';
import { openForReading, type Reading } from '../../../../api/reading/open.ts';
import { alignedText } from '../../../words/tables.ts';
import { printDiff, sideBySide, unifiedDiff, type NamedText } from '../../../words/diff.ts';

const FILES = {
  prompt: 'prompt.txt',
  raw: 'raw.txt',
  parsed: 'parsed.txt',
  metadata: 'metadata.json',
} as const;
type FileName = keyof typeof FILES;

export const command: CommandSpec = {
  words: '<gen_id>',
  options: [
    { flags: '--prompt', text: 'what was asked' },
    { flags: '--raw', text: 'what was answered' },
    {
      flags: '--parsed',
      text: 'what the next stage reads; the default, but for evaluations, of which it is what the judge said',
    },
    { flags: '--metadata', text: 'its metadata.json, traces included' },
    { flags: '--diff <gen_id>', text: 'how another one differs: side by side on a wide terminal' },
    { flags: '--history [number]', text: 'every response that was kept for it, or the text of one' },
    PROVIDER,
  ],
  examples: [
    'show e_2nvow3o7h9nijzyy',
    'show e_2nvow3o7h9nijzyy --prompt',
    'show e_2nvow3o7h9nijzyy --diff e_ptw7g96bw1akmdc',
    'show e_2nvow3o7h9nijzyy --history 1',
  ],
  run: show,
};

async function show(call: Invocation): Promise<ExitCode> {
  const { options, words } = call;
  const file = fileOf(call);
  const reading = await openForReading(await call.load());
  const found = findGeneration(reading, words[0] ?? '');
  if (options.flag('history')) return showHistory(call, reading, found);
  const other = options.text('diff');
  if (other !== undefined) return showDiff(call, reading, [found, findGeneration(reading, other)], file);
  const spoken = found.stage === 'evaluation' && NAMES.every((name) => !options.flag(name));
  return spoken ? showJudgement(call, reading, found) : showFile(call, reading, found, file);
}

const NAMES = Object.keys(FILES) as FileName[];

/** What the judge said, and the score that was read from it. */
function showJudgement(call: Invocation, reading: Reading, found: Found): ExitCode {
  const { console } = call;
  const said = readFile(reading, found, 'raw');
  const dossier = dossierOf(reading, found);
  // What code scored is an essay, which is shown by its own id.
  if (said === undefined || dossier.model === NO_MODEL) return showFile(call, reading, found, 'parsed');
  const parsed = readFile(reading, found, 'parsed');
  if (console.json) {
    const { scores, rationale } = besideScore(parsed);
    console.printJson({
      version: 1,
      ...dossier,
      file: FILES.parsed,
      text: parsed ?? null,
      said,
      scores,
      rationale: rationale === '' ? null : rationale,
    });
    return parsed === undefined ? 1 : 0;
  }
  for (const line of headerOf(dossier)) console.note(console.paint('dim', displayText(line)));
  console.write(said.endsWith('\n') ? said : `${said}\n`);
  for (const line of scoreLines(parsed, found.genId)) console.note(displayText(line));
  return parsed === undefined ? 1 : 0;
}

function scoreLines(parsed: string | undefined, genId: string): readonly string[] {
  const { scores, rationale } = besideScore(parsed);
  const { score } = scoreOfParsed(parsed);
  if (parsed === undefined) return [`no score was read from this; \`daydream why ${genId}\` says why`];
  const named = scoreWords(scores).join(', ');
  return [
    `score ${score ?? parsed.trim()}${named === '' ? '' : `: ${named}`} (\`--parsed\`)`,
    ...(rationale === '' ? [] : [`  ${rationale}`]),
  ];
}

function fileOf({ options }: Invocation): FileName {
  const given = NAMES.filter((name) => options.flag(name));
  if (given.length > 1)
    throw new ProblemError([
      problem(
        'DD102',
        `only one of ${given.map((name) => `--${name}`).join(' and ')} can be shown at a time`,
      ),
    ]);
  return given[0] ?? 'parsed';
}

function showFile({ console }: Invocation, reading: Reading, found: Found, file: FileName): ExitCode {
  const dossier = dossierOf(reading, found);
  const text = readFile(reading, found, file);
  if (console.json) {
    console.printJson({ version: 1, ...dossier, file: FILES[file], text: text ?? null });
    return text === undefined ? 1 : 0;
  }
  for (const line of headerOf(dossier)) console.note(console.paint('dim', displayText(line)));
  if (file === 'prompt' && found.row !== undefined) {
    const { settings, graph } = reading.session.loaded;
    const sent = sentWith(settings, taskAt(graph, found.row));
    if (sent !== undefined) console.note(console.paint('dim', `  ${sentText(sent)}`));
  }
  if (text === undefined) {
    console.note(`${FILES[file]} of ${found.genId} is not there; \`daydream why ${found.genId}\` says why`);
    return 1;
  }
  console.write(text);
  return 0;
}

function headerOf(dossier: Dossier): readonly string[] {
  const { genId, stage, state, template, model, combo, concepts, replicate, parents, children, answer } =
    dossier;
  const of = concepts.length === 0 ? '' : ` (${concepts.join(', ')})`;
  const first = [`${stage} ${genId}`, state ?? 'in no cohort', template, model];
  return [
    [...first, `${combo ?? ''}${of}`, replicate === null ? '' : `replicate ${replicate}`]
      .filter(Boolean)
      .join(' · '),
    ...(parents.length === 0 ? [] : [`  made from ${parents.map((each) => each.genId).join(', from ')}`]),
    ...(children.length === 0 ? [] : [`  made into ${listed(children.map((each) => each.genId))}`]),
    ...(answerText(answer) === '' ? [] : [`  answered by ${answerText(answer)}`]),
  ];
}

function listed(ids: readonly string[]): string {
  return `${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ` and ${ids.length - 4} more` : ''}`;
}

function answerText(answer: Dossier['answer']): string {
  const { provider, model, answeredBy, promptTokens, completionTokens, cost, durationSeconds } = answer;
  if (provider === null && model === null) return '';
  const who = [provider, model].filter((each) => each !== null).join(' ');
  const tokens = [promptTokens, completionTokens].filter((each) => each !== null);
  return [
    answeredBy === null || answeredBy === provider ? who : `${who} (by ${answeredBy})`,
    ...(tokens.length === 0 ? [] : [`${tokens.join(' + ')} tokens`]),
    ...(cost === null ? [] : [`$${cost.toFixed(6)}`]),
    ...(durationSeconds === null ? [] : [`${durationSeconds} s`]),
  ].join(' · ');
}

/** Byte for byte as it is on disk. */
function readFile({ session }: Reading, { stage, genId }: Found, file: FileName): string | undefined {
  return readIfPresent(`${genFolder(session.loaded.layout, stage, genId)}/${FILES[file]}`)?.toString('utf8');
}

function showDiff(
  { console }: Invocation,
  reading: Reading,
  pair: readonly [Found, Found],
  file: FileName,
): ExitCode {
  const [before, after] = pair.map((found): NamedText => {
    const text = readFile(reading, found, file);
    if (text !== undefined) return { name: `${found.genId}/${FILES[file]}`, text };
    throw new ProblemError([
      problem('DD505', `${found.genId} has no ${FILES[file]} to compare`, {
        reason: 'missing_artifact',
        place: { genId: found.genId },
        cure: `\`daydream build ${found.genId}\` makes it.`,
      }),
    ]);
  }) as [NamedText, NamedText];
  if (console.json) {
    console.printJson({
      version: 1,
      file: FILES[file],
      equal: before.text === after.text,
      before,
      after,
      diff: unifiedDiff(before, after),
    });
    return 0;
  }
  if (before.text === after.text) console.note('both are the same');
  else if (console.width !== undefined && console.width >= 100)
    for (const line of sideBySide(before, after, console.width)) console.print(line);
  else printDiff(console, unifiedDiff(before, after));
  return 0;
}

function showHistory({ console, options }: Invocation, { session }: Reading, found: Found): ExitCode {
  const responses = responsesOf(session.loaded.layout, found);
  const number = options.number('history');
  if (number !== undefined) {
    const one = responses[number - 1];
    if (one === undefined) throw new ProblemError([noSuchResponse(found, number, responses.length)]);
    if (console.json) console.printJson({ version: 1, genId: found.genId, response: one });
    else console.write(one.text);
    return 0;
  }
  if (console.json) console.printJson({ version: 1, genId: found.genId, responses });
  else if (responses.length === 0)
    console.note(
      `the response cache has nothing for ${found.genId}: copies and the offline model are not kept`,
    );
  else console.write(alignedText(historyTable(responses)));
  return 0;
}

function noSuchResponse({ genId }: Found, number: number, count: number): ProblemError['problems'][number] {
  return problem(
    'DD102',
    `--history ${number}: ${count} response${count === 1 ? ' is' : 's are'} kept for ${genId}`,
    {
      cure: `\`daydream show ${genId} --history\` lists them.`,
    },
  );
}

function historyTable(responses: readonly PastResponse[]): Table {
  return {
    columns: [
      { name: 'number', kind: 'integer' },
      { name: 'when', kind: 'text' },
      { name: 'kind', kind: 'text' },
      { name: 'model', kind: 'text' },
      { name: 'cost', kind: 'float' },
      { name: 'now', kind: 'text' },
      { name: 'begins', kind: 'text' },
    ],
    rows: responses.map(({ at, kind, answer, current, text }, place) => [
      place + 1,
      at,
      kind,
      answer.model ?? '',
      answer.cost ?? undefined,
      current ? 'yes' : '',
      text.trim().slice(0, 50),
    ]),
  };
}
