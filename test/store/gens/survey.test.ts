// One generation's folder, read once: what it says of every file that is there, of those that are not, and of what a crash or another
// tool may have left in their place.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digest } from '../../../src/digest.ts';
import { genId as idOf, signatureFromMetadata } from '../../../src/generation/genid.ts';
import type { Stage } from '../../../src/generation/stage.ts';
import { FLAGS, GenIndex, UNKNOWN } from '../../../src/store/gens/genindex.ts';
import { hashesTo, isWritable, surveyGenerations, wordIn } from '../../../src/store/gens/survey.ts';
import type { StoredGeneration } from '../../../src/store/gens/surveyfacts.ts';
import { FILE, genFolder, layoutOf, type Layout } from '../../../src/store/layout.ts';
import { closeTo, realFs } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';

const DRAFT = { template_id: 'd-one', llm_model_id: 'maker/one', combo_id: 'c_1', replicate: 2 };
const ESSAY = { template_id: 'e-one', parent_gen_id: 'd_parent', replicate: 1 };
const ROW = 1;
/** That replies need. */
const LINES = { draft: 3, essay: 3, evaluation: 3 };

let layout: Layout;
let index: GenIndex;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  index = new GenIndex(3);
});
afterEach(realFs);

function write(stage: Stage, genId: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(genFolder(layout, stage, genId), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function survey(stage: Stage, genId: string): StoredGeneration {
  const [found] = surveyGenerations(layout, [{ stage, genId }], { index, row: ROW }, LINES);
  if (found === undefined) throw new Error('nothing was read');
  return found;
}

/** Which texts are there. */
const there = ({ texts }: StoredGeneration): readonly string[] =>
  Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [name]));

/** A draft with these files. */
function surveyOf(files: Readonly<Record<string, string | Uint8Array>>): StoredGeneration {
  write('draft', 'd_1', files);
  return survey('draft', 'd_1');
}

function idFor(stage: Stage, metadata: Readonly<Record<string, unknown>>, suffix = 0): string {
  const found = signatureFromMetadata(stage, metadata);
  if (!found.ok) throw new Error(found.field);
  return idOf(stage, found.parts, suffix);
}

const traced = (trace: object): string => JSON.stringify({ ...DRAFT, trace: { version: 1, ...trace } });

describe('a folder', () => {
  it('with nothing in it says that nothing is there', () => {
    mkdirSync(genFolder(layout, 'draft', 'd_1'), { recursive: true });
    const nothing = {
      stage: 'draft',
      genId: 'd_1',
      metadata: undefined,
      kind: {},
      row: -1,
      whole: false,
      trace: undefined,
      answer: undefined,
      parsedMetadata: undefined,
      texts: {},
      score: undefined,
      parentId: undefined,
      holdsParent: undefined,
      bytes: 0,
      leftovers: [],
      unreadable: [],
      inTheWay: [],
    };
    expect(survey('draft', 'd_1')).toEqual(nothing);
    expect(survey('draft', 'd_gone')).toEqual({ ...nothing, genId: 'd_gone' });
  });

  it('is counted in bytes with all that lies in it, also what no generation has', () => {
    const { bytes, leftovers } = surveyOf({
      'prompt.txt': 'ä\r\n',
      'raw_metadata.json': '{}',
      'note.md': 'mine',
      '.raw.txt.tmp': 'half',
      'more/deep/one.txt': '12345',
    });
    expect(bytes).toBe(4 + 2 + 4 + 4 + 5);
    expect(leftovers).toEqual(['.raw.txt.tmp']);
  });

  it('is no generation where it is a file, and says so where it can not be read', () => {
    mkdirSync(join(layout.gens, 'draft'), { recursive: true });
    writeFileSync(genFolder(layout, 'draft', 'd_1'), 'in the way');
    expect(survey('draft', 'd_1').texts).toEqual({});
    symlinkSync('d_2', genFolder(layout, 'draft', 'd_2'));
    expect(() => survey('draft', 'd_2')).toThrow(/ELOOP/);
  });

  it('may have folders where files should be, which are no files', () => {
    const found = surveyOf({ 'raw.txt/inner': '123', 'metadata.json/inner': '1', 'parsed.txt': 'p' });
    expect(there(found)).toEqual(['parsed']);
    expect([found.metadata, found.bytes]).toEqual([undefined, 5]);
    expect(found.inTheWay).toEqual(['metadata.json', 'raw.txt']);
    symlinkSync('nowhere', join(genFolder(layout, 'draft', 'd_1'), 'prompt.txt'));
    expect(survey('draft', 'd_1').inTheWay).toEqual(['metadata.json', 'raw.txt']);
  });

  it.each(['EACCES', 'EPERM'])('says where it may not be read (%s), which is no error', (code) => {
    write('draft', 'd_1', { 'prompt.txt': 'p', 'raw.txt': 'r', 'notes/mine': '1' });
    const folder = genFolder(layout, 'draft', 'd_1');
    closeTo(join(folder, 'raw.txt'), code);
    closeTo(join(folder, 'notes'), code);
    const found = survey('draft', 'd_1');
    expect(found.unreadable).toEqual(['gens/draft/d_1/notes', 'gens/draft/d_1/raw.txt']);
    expect([there(found), found.inTheWay]).toEqual([['prompt'], []]);
    closeTo(folder, code);
    expect(survey('draft', 'd_1')).toMatchObject({ unreadable: ['gens/draft/d_1'], texts: {} });
  });

  it('may lose a file while it is read, which is not there then', () => {
    write('draft', 'd_1', { 'prompt.txt': 'p', 'raw.txt': 'r' });
    closeTo(join(genFolder(layout, 'draft', 'd_1'), 'raw.txt'), 'ENOENT');
    const found = survey('draft', 'd_1');
    expect([there(found), found.unreadable]).toEqual([['prompt'], []]);
  });

  it('is an error where the disk is broken', () => {
    write('draft', 'd_1', { 'raw.txt': 'r' });
    closeTo(join(genFolder(layout, 'draft', 'd_1'), 'raw.txt'), 'EIO');
    expect(() => survey('draft', 'd_1')).toThrow(/EIO/);
  });

  it('may hold files through links', () => {
    write('draft', 'd_2', { 'raw.txt': 'elsewhere' });
    mkdirSync(genFolder(layout, 'draft', 'd_1'));
    symlinkSync('../d_2/raw.txt', join(genFolder(layout, 'draft', 'd_1'), 'raw.txt'));
    expect(survey('draft', 'd_1')).toMatchObject({ texts: { raw: { bytes: 9 } }, bytes: 9, inTheWay: [] });
  });

  it('says so where a file of it can not be read', () => {
    mkdirSync(genFolder(layout, 'draft', 'd_1'), { recursive: true });
    symlinkSync('raw.txt', join(genFolder(layout, 'draft', 'd_1'), 'raw.txt'));
    expect(() => survey('draft', 'd_1')).toThrow(/ELOOP/);
  });
});

describe('a text', () => {
  it('is so many bytes, and may be blank', () => {
    const { texts } = surveyOf({ 'prompt.txt': 'wört', 'raw.txt': '', 'parsed.txt': ' \n\t\n' });
    expect(texts.prompt).toEqual({ bytes: 5, blank: false });
    expect(texts.raw).toMatchObject({ bytes: 0, blank: true });
    expect(texts.parsed).toEqual({ bytes: 4, blank: true });
  });

  it('that was answered is counted in code points and in lines, with every line end as LF', () => {
    const { texts } = surveyOf({ 'raw.txt': 'ein 🌙\r\n\r\nzwei\rdrei\n' });
    const text = 'ein 🌙\n\nzwei\ndrei\n';
    expect(texts).toEqual({
      raw: { bytes: 22, blank: false, digest: digest(text), length: 17, lines: 3 },
    });
  });

  it('has its lines counted to as many as are needed', () => {
    expect(surveyOf({ 'raw.txt': 'one\n\ntwo' }).texts.raw?.lines).toBe(2);
    expect(surveyOf({ 'raw.txt': 'one\n\ntwo\nthree\nfour' }).texts.raw?.lines).toBe(3);
  });

  it('is changed where it is other than its step left it', () => {
    const step = (text: string): object => ({ parts: {}, output: digest(text) });
    const { texts } = surveyOf({
      'metadata.json': traced({ render: step('one\n'), generate: step('two'), parse: step('three') }),
      'prompt.txt': 'one\r\n',
      'raw.txt': 'edited',
      'parsed.txt': 'three',
    });
    expect([texts.prompt?.changed, texts.raw?.changed, texts.parsed?.changed]).toEqual([false, true, false]);
  });

  it('of which no trace says how it was is neither', () => {
    const { texts } = surveyOf({
      'metadata.json': traced({ render: { parts: {}, output: digest('one') } }),
      'prompt.txt': 'one',
      'raw.txt': 'two',
    });
    expect(texts.prompt).toHaveProperty('changed', false);
    expect(texts.raw?.changed).toBeUndefined();
  });

  it.each([
    ['half a letter', Uint8Array.of(97, 0xc3), 'not UTF-8'],
    ['zeros', 'a\0b', 'holds NUL bytes'],
    ['zeros, and half a letter', Uint8Array.of(0, 0xc3), 'holds NUL bytes'],
    ['what stands for bytes that are no text', 'a\uFFFDb', undefined],
    ['a mark of its byte order', '\uFEFFa', undefined],
    ['that mark, and what stands for no text', '\uFEFF\uFFFD', undefined],
  ])('with %s in it is torn or not', (_, content, torn) => {
    const raw = surveyOf({ 'raw.txt': content }).texts.raw;
    expect(raw?.torn).toBe(torn);
    expect(raw?.bytes).toBe(Buffer.from(content as string).length);
  });
});

describe('an index', () => {
  it('gets what it remembers of each file, without times', () => {
    const output = digest('one');
    surveyOf({
      'metadata.json': traced({ render: { parts: {}, output } }),
      'prompt.txt': 'one',
      'raw.txt': 'two\r\n',
    });
    expect([0, 1, 2, 3].map((file) => index.has(ROW, file))).toEqual([true, true, false, true]);
    expect([index.sizeOf('promptFile', ROW), index.sizeOf('rawFile', ROW)]).toEqual([3, 5]);
    expect([index.get('promptFile', ROW), index.get('rawFile', ROW)]).toEqual([output, digest('two\n')]);
    expect(index.same('promptOut', ROW, 'promptFile')).toBe(true);
    expect(index.flags[ROW]).toBe(FLAGS.metadata | FLAGS.traced);
    expect(index.mtimes[ROW * 4 + FILE.metadata]).toBe(UNKNOWN);
    expect([index.has(0, FILE.prompt), index.has(2, FILE.prompt)]).toEqual([false, false]);
  });

  it('forgets what was in the row before', () => {
    index.stamp(ROW, FILE.metadata, { size: 1, mtimeMs: 1, ino: 1 });
    index.stamp(ROW, FILE.parsed, { size: 1, mtimeMs: 1, ino: 1 });
    index.setTrace(ROW, { version: 1 }, FLAGS.metadata);
    survey('draft', 'd_gone');
    expect([index.has(ROW, FILE.metadata), index.has(ROW, FILE.parsed), index.flags[ROW]]).toEqual([
      false,
      false,
      0,
    ]);
  });

  it('names a file that is no text by its bytes, unless it has line ends of others', () => {
    const torn = Uint8Array.of(97, 0xff, 10);
    const ended = Uint8Array.of(97, 0xff, 13, 10);
    surveyOf({ 'raw.txt': torn, 'parsed.txt': ended });
    expect(index.get('rawFile', ROW)).toBe(digest(torn));
    expect(index.get('parsedFile', ROW)).toBe(digest('a\uFFFD\n'));
  });
});

describe('metadata', () => {
  it.each(['{', '[]', 'null', '"text"'])('that are no object (%s) are damaged', (text) => {
    const found = surveyOf({
      'metadata.json': text,
      'raw_metadata.json': text,
      'parsed_metadata.json': text,
    });
    expect([found.metadata, found.answer, found.parsedMetadata]).toEqual(['damaged', 'damaged', 'damaged']);
    expect(found.trace).toBeUndefined();
    expect(index.flags[ROW]).toBe(FLAGS.metadata | FLAGS.damaged);
  });

  it('that are empty are not there', () => {
    expect(surveyOf({ 'metadata.json': '' }).metadata).toBeUndefined();
  });

  it('agree with the id of their coordinates and with those that follow when it is taken', () => {
    for (const suffix of [0, 1, 4])
      expect(hashesTo('draft', idFor('draft', DRAFT, suffix), DRAFT)).toBe(true);
    expect(hashesTo('draft', idFor('draft', DRAFT, 5), DRAFT)).toBe(false);
    expect(hashesTo('draft', 'd_1', {})).toBe(false);
  });

  it('say what their trace says of the call', () => {
    const generate = { parts: { provider: 'https://models.example' }, output: digest('') };
    const failure = { step: 'parse', kind: 'too_short', reason: '', message: '', parts: '', at: '' };
    expect(surveyOf({ 'metadata.json': traced({ generate, failure }) }).trace).toEqual({
      provider: 'https://models.example',
      cutOff: false,
      failure: 'too_short',
    });
    expect(surveyOf({ 'metadata.json': traced({ generate: { ...generate, cutOff: true } }) }).trace).toEqual({
      provider: 'https://models.example',
      cutOff: true,
      failure: undefined,
    });
    expect(surveyOf({ 'metadata.json': traced({}) }).trace).toEqual({
      provider: undefined,
      cutOff: false,
      failure: undefined,
    });
  });

  it('of a newer daydream say nothing that could be misread', () => {
    const output = digest('other');
    const found = surveyOf({
      'metadata.json': JSON.stringify({ ...DRAFT, trace: { version: 2, render: { parts: {}, output } } }),
      'prompt.txt': 'one',
    });
    expect([found.trace, found.texts.prompt]).toEqual(['newer', { bytes: 3, blank: false }]);
    expect(index.flags[ROW]).toBe(FLAGS.metadata | FLAGS.newer);
  });

  it('of the answer say what it cost, how long it was and whether it was cut off', () => {
    const said = (raw: object): unknown => surveyOf({ 'raw_metadata.json': JSON.stringify(raw) }).answer;
    expect(said({ usage: { cost: 0.5 }, raw_length: 7, truncated: true })).toEqual({
      cost: 0.5,
      length: 7,
      truncated: true,
    });
    expect(said({ usage: { cost: '1' }, raw_length: '7', truncated: 1 })).toEqual({ truncated: false });
    expect(said({ usage: null })).toEqual({ truncated: false });
    expect(said({ other: 1 })).toEqual({ truncated: false });
  });

  it('of the parsed text are there or not', () => {
    expect(surveyOf({ 'parsed_metadata.json': '{"a":1}' }).parsedMetadata).toBe('present');
  });

  it('name things by words, and no word is none', () => {
    expect(['a', 'b', 'c', 'd'].map((key) => wordIn({ a: 'word', b: '', c: 1 }, key))).toEqual([
      'word',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the parent', () => {
  const essay = (files: Readonly<Record<string, string>>): StoredGeneration => {
    write('essay', 'e_1', files);
    return survey('essay', 'e_1');
  };

  it('is whom the metadata name, and the prompt holds its text or does not', () => {
    write('draft', 'd_parent', { 'parsed.txt': 'the\r\nidea' });
    const metadata = JSON.stringify(ESSAY);
    expect(essay({ 'metadata.json': metadata, 'prompt.txt': 'Write on the\nidea.' })).toMatchObject({
      parentId: 'd_parent',
      holdsParent: true,
    });
    expect(essay({ 'metadata.json': metadata, 'prompt.txt': 'Write on nothing.' }).holdsParent).toBe(false);
  });

  it('of an evaluation is an essay', () => {
    write('essay', 'e_parent', { 'parsed.txt': 'idea' });
    write('draft', 'e_parent', { 'parsed.txt': 'another' });
    write('evaluation', 'v_1', {
      'metadata.json': JSON.stringify({ ...ESSAY, parent_gen_id: 'e_parent' }),
      'prompt.txt': 'Judge: idea',
    });
    expect(survey('evaluation', 'v_1')).toMatchObject({ parentId: 'e_parent', holdsParent: true });
  });

  it('is not looked at where a text is not there, or where a trace says more', () => {
    const metadata = JSON.stringify(ESSAY);
    expect(essay({ 'metadata.json': metadata, 'prompt.txt': 'x' }).holdsParent).toBeUndefined();
    write('draft', 'd_parent', { 'parsed.txt': 'x' });
    expect(essay({ 'metadata.json': metadata, 'prompt.txt': 'x' }).holdsParent).toBe(true);
    write('essay', 'e_2', { 'metadata.json': metadata });
    expect(survey('essay', 'e_2').holdsParent).toBeUndefined();
    const withTrace = JSON.stringify({ ...ESSAY, trace: { version: 1 } });
    expect(essay({ 'metadata.json': withTrace })).toMatchObject({
      parentId: 'd_parent',
      holdsParent: undefined,
    });
  });

  it('whose text may not be read is as one without a text', () => {
    write('draft', 'd_parent', { 'parsed.txt': 'x' });
    closeTo(join(genFolder(layout, 'draft', 'd_parent'), 'parsed.txt'));
    expect(essay({ 'metadata.json': JSON.stringify(ESSAY), 'prompt.txt': 'x' })).toMatchObject({
      holdsParent: undefined,
      unreadable: [],
    });
  });

  it('whose text is a link to itself is as one without a text', () => {
    const folder = genFolder(layout, 'draft', 'd_parent');
    mkdirSync(folder, { recursive: true });
    symlinkSync('parsed.txt', join(folder, 'parsed.txt'));
    expect(essay({ 'metadata.json': JSON.stringify(ESSAY), 'prompt.txt': 'x' })).toMatchObject({
      parentId: 'd_parent',
      holdsParent: undefined,
    });
  });

  it('is none of a draft, nor where none is named', () => {
    const named = surveyOf({ 'metadata.json': JSON.stringify(ESSAY), 'prompt.txt': 'x' });
    expect([named.parentId, named.holdsParent]).toEqual([undefined, undefined]);
    expect(essay({ 'metadata.json': '{"parent_gen_id":""}', 'prompt.txt': 'x' }).parentId).toBeUndefined();
    expect(essay({ 'metadata.json': '{', 'prompt.txt': 'x' }).parentId).toBeUndefined();
  });
});

describe('the score', () => {
  it.each([
    ['Thoughts.\n7.5\n', 7.5],
    ['nan', undefined],
    ['inf', undefined],
    ['no number', undefined],
  ])('of an evaluation is the number on the last line, if it is one: %j', (text, score) => {
    write('evaluation', 'v_1', { 'parsed.txt': text });
    expect(survey('evaluation', 'v_1').score).toBe(score);
  });

  it('is none without a text, and of other stages', () => {
    write('evaluation', 'v_1', { 'raw.txt': '7' });
    expect(survey('evaluation', 'v_1').score).toBeUndefined();
    expect(surveyOf({ 'parsed.txt': '7' }).score).toBeUndefined();
  });
});

describe('a folder to write in', () => {
  it('is there', () => {
    expect([isWritable(layout.dataRoot), isWritable(join(layout.dataRoot, 'gone'))]).toEqual([true, false]);
  });

  it.skipIf(process.getuid?.() === 0)('may be written to', () => {
    chmodSync(layout.dataRoot, 0o500);
    expect(isWritable(layout.dataRoot)).toBe(false);
    chmodSync(layout.dataRoot, 0o700);
  });
});
