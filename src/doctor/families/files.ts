// Findings about single files of a generation: metadata that is missing or torn, texts that are torn, empty, short or cut off.
import { join } from 'node:path';
import { ARTIFACTS } from '../../generation/stage.ts';
import { taskAt } from '../../graph/graph.ts';
import { readArtifact, type Metadata } from '../../store/gens/genstore.ts';
import { genFolder } from '../../store/layout.ts';
import { wordIn } from '../../store/gens/survey.ts';
import type { AnswerFacts, StoredGeneration } from '../../store/gens/surveyfacts.ts';
import type { Examination } from '../examination.ts';
import { closedAt, finding, type Finding, type FindingCode, type Fix } from '../findings.ts';
import { provenMetadata } from './identity.ts';
import { parsedMetadataOf, rawMetadataOf } from '../../store/gens/sidefiles.ts';
import { isCopy } from '../../generation/mode.ts';
import { defined } from '../../defined.ts';

export function fileFindings(examination: Examination): readonly Finding[] {
  const found = [...mayNotBeRead(examination)];
  for (const stored of examination.store) {
    if (isOrdinary(examination, stored) || !examination.asked.generation(stored)) continue;
    const { stage, genId, metadata, trace, answer, parsedMetadata, texts, inTheWay } = stored;
    // Worked out once for all of them.
    const facts = { stage, genId, metadata, trace, answer, parsedMetadata, texts, inTheWay };
    for (const look of LOOKS) found.push(...look(examination, facts));
  }
  return found;
}

/** Nothing of what follows would be found of it, and most are so. */
function isOrdinary({ settings }: Examination, stored: StoredGeneration): boolean {
  const { minLines } = settings.stages[stored.stage];
  return stored.whole && (minLines === 0 || (stored.texts.raw?.lines ?? 0) >= minLines);
}

/** What is looked at of each generation. */
type Stored = Pick<
  StoredGeneration,
  'stage' | 'genId' | 'metadata' | 'trace' | 'answer' | 'parsedMetadata' | 'texts' | 'inTheWay'
>;

const LOOKS = [
  filesInTheWay,
  metadataFile,
  rawMetadataFile,
  parsedMetadataFile,
  tornTexts,
  emptyTexts,
  replies,
] as const;

function mayNotBeRead({ unreadable, layout }: Examination): readonly Finding[] {
  return unreadable.map((path) => closedAt(join(layout.dataRoot, path)));
}

interface Detail {
  readonly file: string;
  readonly cure?: string | undefined;
  readonly fix?: Fix | undefined;
  readonly level?: 'warning';
}

function at(
  { layout }: Examination,
  { stage, genId }: Stored,
  code: FindingCode,
  message: string,
): (detail: Detail) => Finding {
  return ({ file, cure, fix, level }) =>
    finding(
      code,
      message,
      defined({
        stage,
        genId,
        place: { file: `${genFolder(layout, stage, genId)}/${file}`, genId },
        cure,
        fix,
        level,
      }),
    );
}

function write(stored: Stored, file: string, content: Metadata, replaces: 'nothing' | 'damaged'): Fix {
  const path = `gens/${stored.stage}/${stored.genId}/${file}`;
  return { kind: 'write', path, text: JSON.stringify(content, null, 2), replaces };
}

function remove({ genId }: Stored): string {
  return `No cohort has it, so nothing can prove what it was made from: \`daydream rm ${genId} --yes\`.`;
}

function filesInTheWay(examination: Examination, stored: Stored): readonly Finding[] {
  const { genId, inTheWay } = stored;
  const rest = isMember(examination, stored) ? `build: \`daydream build ${genId}\`` : 'put the file back';
  return inTheWay.map((file) =>
    at(
      examination,
      stored,
      'not_a_file',
      `${file} of ${genId} is a folder, or something else that is no file`,
    )({
      file,
      cure: `Move it away, and ${rest}.`,
    }),
  );
}

function isInTheWay({ inTheWay }: Stored, file: string): boolean {
  return inTheWay.includes(file);
}

function metadataFile(examination: Examination, stored: Stored): readonly Finding[] {
  const file = 'metadata.json';
  const { genId, metadata, texts } = stored;
  const missing =
    metadata === undefined &&
    !isInTheWay(stored, file) &&
    ARTIFACTS.some((each) => texts[each] !== undefined);
  if (metadata !== 'damaged' && !missing) return [];
  const proven = provenMetadata(examination.opened, stored);
  const damaged = metadata === 'damaged';
  const message = damaged ? `${file} of ${genId} is no JSON` : `${genId} has texts and no ${file}`;
  const code = damaged ? 'metadata_torn' : 'metadata_missing';
  const fix = proven === undefined ? undefined : write(stored, file, proven, damaged ? 'damaged' : 'nothing');
  const cure = proven === undefined ? remove(stored) : undefined;
  return [at(examination, stored, code, message)({ file, fix, cure })];
}

function rawMetadataFile(examination: Examination, stored: Stored): readonly Finding[] {
  const file = 'raw_metadata.json';
  const { stage, genId, answer, texts } = stored;
  if (answer !== 'damaged' && (answer !== undefined || texts.raw === undefined)) return [];
  if (isInTheWay(stored, file)) return [];
  const text = readArtifact(examination.layout, stage, genId, 'raw') ?? '';
  const { mode, modelId } = makerOf(examination, stored);
  const content = rawMetadataOf(
    { stage, genId, mode },
    text,
    modelId === undefined ? {} : { llm_model_id: modelId },
  );
  return missingOrTorn(examination, stored, { file, content, damaged: answer === 'damaged' });
}

function parsedMetadataFile(examination: Examination, stored: Stored): readonly Finding[] {
  const file = 'parsed_metadata.json';
  const { stage, genId, parsedMetadata, texts } = stored;
  if (parsedMetadata !== 'damaged' && (parsedMetadata !== undefined || texts.parsed === undefined)) return [];
  if (isInTheWay(stored, file)) return [];
  const { mode, parser } = makerOf(examination, stored);
  const error = texts.parsed === undefined ? { reason: 'unknown', message: 'the file was damaged' } : null;
  const content = parsedMetadataOf({ stage, genId, mode }, error, { parser });
  return missingOrTorn(examination, stored, { file, content, damaged: parsedMetadata === 'damaged' });
}

function missingOrTorn(
  examination: Examination,
  stored: Stored,
  { file, content, damaged }: { file: string; content: Metadata; damaged: boolean },
): readonly Finding[] {
  const fix = write(stored, file, content, damaged ? 'damaged' : 'nothing');
  return damaged
    ? [at(examination, stored, 'metadata_torn', `${file} of ${stored.genId} is no JSON`)({ file, fix })]
    : [at(examination, stored, 'raw_metadata_missing', `${stored.genId} has no ${file}`)({ file, fix })];
}

function makerOf(
  { opened }: Examination,
  { stage, genId, metadata }: Stored,
): { readonly mode: string; readonly modelId: string | undefined; readonly parser: string | undefined } {
  const row = opened?.row(stage, genId);
  const task =
    opened === undefined || row === undefined ? undefined : taskAt(opened.session.loaded.graph, row);
  const known = metadata === undefined || metadata === 'damaged' ? {} : metadata;
  return {
    mode: task?.work.kind ?? wordIn(known, 'mode') ?? 'llm',
    modelId: task?.modelId ?? wordIn(known, 'llm_model_id'),
    parser: task?.template.parser ?? wordIn(known, 'parser_name'),
  };
}

function isMember({ opened }: Examination, { stage, genId }: Stored): boolean {
  return opened?.row(stage, genId) !== undefined;
}

/** The command that makes a text again. */
function again(examination: Examination, stored: Stored, wasChanged: boolean | undefined): string {
  const { genId, trace } = stored;
  if (!isMember(examination, stored)) return remove(stored);
  if (wasChanged === true) return `Make it again: \`daydream build ${genId} --discard-edits\`.`;
  const failed = trace !== undefined && trace !== 'newer' && trace.failure !== undefined;
  return `Ask again: \`daydream build ${genId} ${failed ? '--retry refused' : '--force'}\`.`;
}

function tornTexts(examination: Examination, stored: Stored): readonly Finding[] {
  return ARTIFACTS.flatMap((artifact) => {
    const facts = stored.texts[artifact];
    if (facts === undefined) return [];
    const wasChanged = facts.changed;
    const file = `${artifact}.txt`;
    const cure = again(examination, stored, wasChanged);
    if (facts.torn !== undefined && wasChanged !== false)
      return [
        at(examination, stored, 'torn_file', `${file} of ${stored.genId} ${facts.torn}`)({ file, cure }),
      ];
    const length = artifact === 'raw' ? answerOf(stored).length : undefined;
    const there = stored.texts.raw?.length ?? 0;
    if (length === undefined || there >= length || facts.blank || wasChanged === false) return [];
    const message = `${file} of ${stored.genId} holds ${there} of the ${length} characters that were written: cut off on the disk, or shortened by hand`;
    const accept = `${cure} Or accept it: \`daydream adopt ${stored.genId}\`.`;
    return [at(examination, stored, 'torn_file', message)({ file, cure: accept, level: 'warning' })];
  });
}

function answerOf({ answer }: Stored): Partial<AnswerFacts> {
  return answer === undefined || answer === 'damaged' ? {} : answer;
}

function emptyTexts(examination: Examination, stored: Stored): readonly Finding[] {
  return ARTIFACTS.flatMap((artifact) => {
    const facts = stored.texts[artifact];
    if (facts?.blank !== true) return [];
    const wasChanged = facts.changed;
    const emptied = wasChanged === true && facts.bytes === 0 && isMember(examination, stored);
    // What lost its last byte is no edit: a build makes it again without being told.
    const cure = emptied
      ? `Build: \`daydream build ${stored.genId}\`.`
      : again(examination, stored, wasChanged);
    const file = `${artifact}.txt`;
    return [at(examination, stored, 'empty_file', `${file} of ${stored.genId} is empty`)({ file, cure })];
  });
}

/** Replies that their stage does not accept, whether or not a trace says so. */
function replies(examination: Examination, stored: Stored): readonly Finding[] {
  const { stage, genId, texts, trace } = stored;
  const { raw } = texts;
  const { minLines, truncation } = examination.settings.stages[stage];
  const cutOff =
    answerOf(stored).truncated === true || (trace !== undefined && trace !== 'newer' && trace.cutOff);
  if (raw === undefined || raw.blank || (raw.lines >= minLines && !cutOff)) return [];
  if (isCopy(makerOf(examination, stored))) return [];
  const cure = again(examination, stored, false);
  const file = 'raw.txt';
  const short =
    raw.lines < minLines
      ? [
          at(
            examination,
            stored,
            'short_reply',
            `the reply of ${genId} has ${raw.lines} lines where ${minLines} are needed`,
          )({
            file,
            cure,
          }),
        ]
      : [];
  if (!cutOff || truncation === 'accept') return short;
  const limit = `Raise max_tokens of the model or maxTokens of the stage and build. ${cure}`;
  const cut = at(
    examination,
    stored,
    'truncated_reply',
    `the reply of ${genId} was cut off by its token limit`,
  );
  return [...short, cut({ file, cure: limit })];
}
