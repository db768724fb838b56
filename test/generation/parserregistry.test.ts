// Which parser a name means, and that a user's parser cannot break anything.
import { describe, expect, it } from 'vitest';
import { TEXT_SCORES } from '../../src/generation/parsers/textscores.ts';
import { wrap, type CustomParser } from '../../src/generation/parsers/custom.ts';
import {
  createParserRegistry,
  parserFingerprint,
  unknownParser,
} from '../../src/generation/parsers/registry.ts';

const upper: CustomParser = { name: 'upper', parse: (raw) => raw.toUpperCase() };

function custom(parse: (raw: string) => unknown): unknown {
  const { value } = createParserRegistry({
    parsers: [{ name: 'mine', parse: parse as CustomParser['parse'] }],
  });
  return value.find('draft', 'mine')?.parse('text');
}

describe('the registry', () => {
  it('knows the built-in parsers of each stage', () => {
    const { value } = createParserRegistry({});
    expect(value.names('draft')).toEqual([
      'essay_block',
      'essay_block_lenient',
      'essay_idea_last',
      'identity',
    ]);
    expect(value.names('essay')).toEqual(['identity']);
    expect(value.names('evaluation')).toEqual([
      'identity',
      'in_last_line',
      'json_score',
      'json_scores',
      ...TEXT_SCORES.toSorted(),
    ]);
  });

  it("adds a user's parser to the stages that it names, or to all", () => {
    const { value, problems } = createParserRegistry({
      parsers: [upper, { ...upper, name: ' late ', stages: ['evaluation'] }],
    });
    expect(problems).toEqual([]);
    expect(value.names('essay')).toEqual(['identity', 'upper']);
    expect(value.names('evaluation')).toEqual(expect.arrayContaining(['in_last_line', 'late', 'upper']));
    expect(value.find('essay', ' upper ')?.parse('text')).toEqual({ ok: true, text: 'TEXT' });
    expect(value.find('draft', 'late')).toBeUndefined();
  });

  it('refuses a taken name and keeps the parser that had it', () => {
    const shout: CustomParser = { name: 'upper', parse: () => 'LOUD' };
    const { value, problems } = createParserRegistry({
      parsers: [{ ...upper, name: 'identity' }, upper, shout],
    });
    expect(problems.map(({ code, data }) => [code, data])).toEqual([
      ['DD411', { name: 'identity', builtIn: true }],
      ['DD411', { name: 'upper', builtIn: false }],
    ]);
    expect(value.find('draft', 'identity')?.parse('text')).toEqual({ ok: true, text: 'text' });
    expect(value.find('draft', 'upper')?.parse('text')).toEqual({ ok: true, text: 'TEXT' });
  });

  it('refuses a parser without a name or a function', () => {
    const nameless = { ...upper, name: ' ' };
    const lifeless = { name: 'x' } as unknown as CustomParser;
    expect(createParserRegistry({ parsers: [nameless, lifeless] }).problems.map(({ code }) => code)).toEqual([
      'DD412',
      'DD412',
    ]);
  });

  it('suggests the nearest parser of the stage', () => {
    const { value } = createParserRegistry({});
    expect(unknownParser(value, 'draft', 'esay_block', { file: 'drafts.csv', line: 3 })).toMatchObject({
      code: 'DD410',
      reason: 'missing_parser',
      message: expect.stringContaining('(did you mean "essay_block"'),
      place: { file: 'drafts.csv', line: 3 },
    });
  });
});

describe("a user's parser", () => {
  it('may refuse a text with a reason', () => {
    expect(custom(() => ({ error: 'no verdict' }))).toEqual({
      ok: false,
      reason: 'parser_refused',
      data: { message: 'no verdict' },
    });
  });

  it('may throw anything', () => {
    const thrown = [new Error('broken'), 'words', null, Object.create(null)].map((value) =>
      custom(() => {
        throw value;
      }),
    );
    expect(thrown).toMatchObject(
      ['broken', 'words', 'null', 'something that cannot be shown'].map((message) => ({
        reason: 'parser_threw',
        data: { message },
      })),
    );
  });

  it('may never end, whatever it catches, and what is parsed after it is parsed', () => {
    const parser = wrap(
      {
        name: 'mine',
        parse: (raw) => {
          for (;;)
            try {
              if (raw !== 'for ever') return raw;
              JSON.parse('{');
            } catch {
              continue;
            }
        },
      },
      '',
      30,
    );
    expect(parser.parse('for ever')).toEqual({
      ok: false,
      reason: 'parser_threw',
      data: { message: 'it did not come to an end within 0.03 s' },
    });
    expect(parser.parse('soon')).toEqual({ ok: true, text: 'soon' });
  });

  it('may call another, each for so long as it has', () => {
    const inner = wrap({ name: 'inner', parse: (raw) => `${raw}!` }, '');
    const outer = wrap(
      {
        name: 'outer',
        parse: (raw) => {
          const said = [inner.parse(raw), inner.parse(raw)];
          return JSON.stringify(said);
        },
      },
      '',
    );
    const said = { ok: true, text: 'x!' };
    expect(outer.parse('x')).toEqual({ ok: true, text: JSON.stringify([said, said]) });
  });

  it('may return what its type forbids', () => {
    const returned = [undefined, null, 7, {}, { error: 7 }, Promise.resolve('late')].map((value) =>
      custom(() => value),
    );
    expect(returned).toEqual(
      ['undefined', 'null', 'number', 'object', 'object', 'a promise'].map((type) => ({
        ok: false,
        reason: 'parser_returned_no_text',
        data: { returned: type },
      })),
    );
  });
});

describe('the fingerprint', () => {
  const of = (parser: CustomParser): string => {
    const found = createParserRegistry({ parsers: [parser] }).value.find('draft', parser.name);
    return found === undefined ? 'none' : parserFingerprint(found);
  };

  it('is name and version for a built-in parser', () => {
    const found = createParserRegistry({}).value.find('draft', 'essay_block');
    expect(found && parserFingerprint(found)).toBe('essay_block@1');
  });

  it("is the version of a user's parser, whatever its source", () => {
    expect(of({ ...upper, version: '2' })).toBe('upper@2');
    expect(of({ name: 'upper', version: '2', parse: () => '' })).toBe('upper@2');
  });

  it('is the source where there is no version', () => {
    expect(of(upper)).toBe(of({ name: 'upper', parse: (raw) => raw.toUpperCase() }));
    expect(of(upper)).not.toBe(of({ name: 'upper', parse: (raw) => raw.toLowerCase() }));
    expect(of(upper)).not.toBe(of({ ...upper, version: '1' }));
  });
});
