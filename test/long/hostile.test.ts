// Files that mean harm, or were damaged: whatever stands in them, reading ends soon, and with a value or a problem that has a code.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import { traceOf } from '../../src/generation/trace.ts';
import { createParserRegistry } from '../../src/generation/parsers/registry.ts';
import { checkTemplate } from '../../src/generation/prompt.ts';
import { compileTemplate, render } from '../../src/template/template.ts';
import { STAGES } from '../../src/generation/stage.ts';
import { parseCsv } from '../../src/inputs/csv/csv.ts';
import { decodeText } from '../../src/inputs/disk/diskreader.ts';
import { parseJson } from '../../src/inputs/yaml/tree.ts';
import { parseYaml } from '../../src/inputs/yaml/yaml.ts';
import { readBody, readCompletion } from '../../src/model/client/completion.ts';
import { readStream, type Streamed } from '../../src/model/client/eventstream.ts';
import type { ModelOutcome } from '../../src/model/provider.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const RUNS = { numRuns: SOAK ? 100_000 : 500 };
const LONG = { timeout: 3_600_000 };

/** Texts made of what the format is made of, which get further than noise does. */
function texts(...words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\0', '\uFEFF', '\r', '\u2028', '\uD800', '\u001B[2J', '__proto__'),
    },
  );
  return fc.array(word, { maxLength: 60 }).map((parts) => parts.join(''));
}

function expectTold(problems: readonly Problem[]): void {
  for (const { code, message, cure } of problems) {
    expect(code).toMatch(/^DD\d{3}$/);
    expect(message).not.toBe('');
    expect(cure).not.toBe('');
  }
}

/** Milliseconds: what hangs or runs in more than linear time takes far longer, what is merely on a busy machine does not. */
const SOON = 60_000;
function soon<T>(work: () => T): T {
  const started = performance.now();
  const value = work();
  expect(performance.now() - started).toBeLessThan(SOON);
  return value;
}

/** What a property fails with, the smallest counterexample in it; undefined when it holds. */
function broken<T>(property: fc.IRawProperty<T>): unknown {
  try {
    fc.assert(property, RUNS);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('hostile files', () => {
  it('CSV ends as rows or as problems', LONG, () => {
    const csv = texts(',', '"', '\n', '\r\n', 'a', 'id', ' ', '""', 'one,two\n', ';');
    expect(
      broken(fc.property(csv, (text) => expectTold(soon(() => parseCsv(text, 'x.csv')).problems))),
    ).toBeUndefined();
  });

  it('YAML ends as a tree or as problems', LONG, () => {
    const yaml = texts(
      ...['a: ', '- ', '\n', '  ', '[', ']', '{', '}', ', ', ': ', '&x ', '*x', '<<: ', '!!int ', '!t '],
      ...[
        '|\n',
        '>\n',
        '"',
        "'",
        '#',
        '? ',
        '---\n',
        '...\n',
        '%YAML 1.1\n',
        '0x',
        '1e999',
        '.inf',
        '2025-13-01',
      ],
    );
    expect(
      broken(fc.property(yaml, (text) => expectTold(soon(() => parseYaml(text, 'x.yaml')).problems))),
    ).toBeUndefined();
  });

  it('JSON ends as a tree or as problems', LONG, () => {
    const json = texts(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      'e9',
      'true',
      'null',
      '\\u0000',
      '\n',
    );
    expect(
      broken(fc.property(json, (text) => expectTold(soon(() => parseJson(text, 'x.json')).problems))),
    ).toBeUndefined();
  });

  it('bytes that are no UTF-8 are told with their line', LONG, () => {
    expect(
      broken(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
          expectTold(soon(() => decodeText(bytes, 'x.txt')).problems),
        ),
      ),
    ).toBeUndefined();
  });

  it('templates compile and render, or say why not', LONG, () => {
    const jinja = texts(
      ...[
        '{{ ',
        ' }}',
        '{% ',
        ' %}',
        '{# ',
        ' #}',
        'concepts',
        'concept',
        '.name',
        '[0]',
        '|',
        'join',
        '(',
        ')',
      ],
      ...[
        'for x in ',
        'endfor',
        'if ',
        'else',
        'endif',
        'set x = ',
        'range(9)',
        ' ~ ',
        ' * ',
        '**',
        '-',
        "'a'",
        '"',
      ],
      ...[
        'raw',
        'endraw',
        'loop.index',
        'constructor',
        '__proto__',
        'macro m()',
        'include "x"',
        '\n',
        ' is defined',
      ],
    );
    expect(
      broken(
        fc.property(jinja, (text) => {
          const { value, problems } = soon(() => compileTemplate(text, { file: 'x.txt' }));
          expectTold(problems);
          if (value === undefined) return;
          for (const stage of STAGES) expectTold(soon(() => checkTemplate(value, stage)));
          const concepts = [{ name: 'n', content: '{{ 7 * 7 }}' }];
          const result = soon(() => render(value, { concepts, response: text }));
          expectTold(result.ok ? [] : [result.problem]);
        }),
      ),
    ).toBeUndefined();
  });

  it('metadata has a trace, a newer one, or none', LONG, () => {
    expect(
      broken(
        fc.property(fc.json({ maxDepth: 5 }), fc.jsonValue(), (text, part) => {
          for (const trace of [JSON.parse(text), part, { version: 1, generate: part }, { version: part }]) {
            const found = traceOf({ trace });
            expect(found === undefined || found === 'newer' || found.version === 1).toBe(true);
          }
        }),
      ),
    ).toBeUndefined();
  });

  /** Bodies that begin as a reply does, with anything in the places that are looked at. */
  const completion = fc
    .record({
      id: fc.jsonValue(),
      error: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.jsonValue() }),
      choices: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record({
            message: fc.oneof(
              fc.jsonValue(),
              fc.record({ content: fc.jsonValue(), refusal: fc.jsonValue() }),
            ),
            delta: fc.oneof(fc.jsonValue(), fc.record({ content: fc.jsonValue(), refusal: fc.jsonValue() })),
            finish_reason: fc.oneof(fc.constantFrom('stop', 'length', 'error', null), fc.jsonValue()),
            error: fc.oneof(
              { weight: 3, arbitrary: fc.constant(null) },
              { weight: 1, arbitrary: fc.jsonValue() },
            ),
          }),
          { maxLength: 2 },
        ),
      ),
      usage: fc.oneof(
        fc.jsonValue(),
        fc.record({ prompt_tokens: fc.jsonValue(), completion_tokens: fc.jsonValue(), cost: fc.jsonValue() }),
      ),
    })
    .map((body) => JSON.stringify(body));
  const READING = { maxTokens: 100, headers: new Headers(), now: 0 };

  function expectOutcome(outcome: ModelOutcome): void {
    expect(['reply', 'failure']).toContain(outcome.kind);
    if (outcome.kind !== 'reply') return;
    expect(typeof outcome.text).toBe('string');
    for (const number of Object.values(outcome.usage))
      expect(Number.isFinite(number) && number >= 0).toBe(true);
  }

  it('bodies that a provider sends are replies or failures', LONG, () => {
    const bodies = fc.oneof(
      completion,
      texts('{', '}', '"choices"', ':', '[', ']', '1e999', '-1', '<html>', ','),
    );
    expect(
      broken(fc.property(bodies, (body) => expectOutcome(soon(() => readBody(body, READING))))),
    ).toBeUndefined();
  });

  it('streams that a provider sends are replies or failures, or break off', LONG, async () => {
    const line = fc.oneof(
      { weight: 4, arbitrary: completion.map((body) => `data: ${body}\n\n`) },
      {
        weight: 1,
        arbitrary: texts('data: ', 'data:', '[DONE]', '\n', '\n\n', ': ', 'event: x\n', '{', '}'),
      },
    );
    const streams = fc.tuple(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 64 }));
    const asserted = fc.assert(
      fc.asyncProperty(streams, async ([lines, size]) => {
        const bytes = Buffer.from(lines.join(''));
        const streamed = await readStream(chunksOf(bytes, size)).catch((error: unknown) => error);
        // What is no JSON is told by the client, as it tells a connection that breaks.
        if (streamed instanceof SyntaxError) return;
        expectOutcome(readCompletion((streamed as Streamed).body, READING));
      }),
      { numRuns: RUNS.numRuns / 10 },
    );
    await expect(asserted).resolves.toBeUndefined();
  });

  it('replies are parsed or refused by every parser', LONG, () => {
    const reply = texts(
      ...[
        '<essay>',
        '</essay>',
        '<essay-idea-1>',
        '<essay-idea',
        'SCORE: ',
        '7',
        '.5',
        '/10',
        '**',
        '\n',
        ' ',
        '-',
      ],
      ...['Score', ':', '```', '<', '>', 'stage="1"', '９', '\u0085'],
    );
    const { value: registry } = createParserRegistry({});
    const parsers = STAGES.flatMap((stage) =>
      registry.names(stage).flatMap((name) => registry.find(stage, name) ?? []),
    );
    expect(parsers.length).toBeGreaterThan(4);
    expect(
      broken(
        fc.property(reply, (text) => {
          for (const parser of parsers) {
            const result = soon(() => parser.parse(text));
            expect(['boolean']).toContain(typeof result.ok);
          }
        }),
      ),
    ).toBeUndefined();
  });
});

describe('files of a hostile size or shape', () => {
  const parsersOf = (): readonly ((raw: string) => unknown)[] => {
    const { value: registry } = createParserRegistry({});
    return STAGES.flatMap((stage) =>
      registry.names(stage).flatMap((name) => registry.find(stage, name)?.parse ?? []),
    );
  };

  it.each([
    ['blanks', ' '.repeat(10_000_000)],
    ['line ends', '\n'.repeat(10_000_000)],
    ['opened tags', '<essay>'.repeat(1_400_000)],
    ['half tags', '<essay-idea'.repeat(900_000)],
    ['one long line of digits', `SCORE: ${'9'.repeat(10_000_000)}`],
    ['stars around scores', '**SCORE: 7** '.repeat(770_000)],
    ['zero-width and wide characters', '\u200B９／'.repeat(3_000_000)],
  ])('a reply of ten megabytes of %s is parsed in time linear in it', LONG, (_name, reply) => {
    const parsers = parsersOf();
    expect(parsers.length).toBeGreaterThan(4);
    for (const parse of parsers) soon(() => parse(reply));
  });

  it('a catalog of 100,000 rows is read, and one whose quote never closes is refused', LONG, () => {
    const rows = Array.from({ length: 100_000 }, (_, row) => `t${row},"Template, ${row}",x,,llm`);
    const text = `template_id,template_name,description,parser,generator\n${rows.join('\n')}\n`;
    expect(soon(() => parseCsv(text, 'x.csv')).value.rows).toHaveLength(100_000);
    const open = soon(() => parseCsv(`${text}"${'open,\n'.repeat(100_000)}`, 'x.csv'));
    expect(open.problems).toMatchObject([{ code: 'DD204', place: { line: 100_002 } }]);
  });

  it('a template of fifty megabytes is refused', () => {
    const { value, problems } = soon(() => compileTemplate('word '.repeat(10_000_000), { file: 'x.txt' }));
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'DD404' }]);
  });

  it.each([
    ['aliases of aliases', aliasBomb(12)],
    ['merges of merges', mergeBomb(12)],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['a hundred thousand braces', '{a: '.repeat(100_000)],
    [
      'indentation without an end',
      Array.from({ length: 5000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ],
  ])('YAML with %s is refused with its code', LONG, (_name, text) => {
    const { problems } = soon(() => parseYaml(text, 'x.yaml'));
    expect(problems.length).toBeGreaterThan(0);
    expectTold(problems);
  });

  it('JSON of a hundred thousand brackets is refused with its code', () => {
    const { problems } = soon(() => parseJson('['.repeat(100_000), 'x.json'));
    expect(problems.length).toBeGreaterThan(0);
    expectTold(problems);
  });

  it.each([
    "{{ concepts.constructor.constructor('return process')() }}",
    '{{ concepts[0].__proto__.polluted }}',
    "{{ ''.constructor }}",
    "{{ ''['constructor']['fromCharCode'](65) }}",
    "{{ concepts['map'] }}",
    '{{ self }}{{ this }}{{ globalThis }}{{ process.env }}',
    "{{ require('fs') }}",
    "{% include '/etc/passwd' %}",
    "{% import '../../x' as x %}",
    "{{ concepts|attr('constructor') }}",
    '{{ range(999999999)|join }}',
    '{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}x{% endfor %}{% endfor %}{% endfor %}',
    "{% set x = 'ab' * 999999999 %}{{ x }}",
    '{{ 9 ** 9999999 }}',
  ])('the template %s reaches nothing and ends', LONG, (text) => {
    const { value, problems } = soon(() => compileTemplate(text, { file: 'x.txt' }));
    const found =
      value === undefined
        ? problems
        : [soon(() => render(value, { concepts: [{ name: 'n', content: 'c' }] }))].flatMap((each) =>
            each.ok ? [] : [each.problem],
          );
    expect(found.length, `${text} rendered`).toBeGreaterThan(0);
    expectTold(found);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('a reply that looks like a template is text, and stays so in the next prompt', () => {
    const { value } = compileTemplate('{{ response }}', { file: 'x.txt' });
    const reply = "{{ 7 * 7 }}{% include 'x' %}{{ ''.constructor }}<script>alert(1)</script>&amp;";
    expect(value === undefined ? '' : render(value, { response: reply })).toEqual({ ok: true, text: reply });
  });
});

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

function aliasBomb(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const inner = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array.from({ length: 10 }, () => inner).join(', ')}]`;
  });
  return lines.join('\n');
}

function mergeBomb(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const source =
      level === 0 ? '{k: v}' : `[${Array.from({ length: 10 }, () => `*m${level - 1}`).join(', ')}]`;
    const keys =
      level === 0 ? '' : Array.from({ length: 10 }, (_each, key) => `k${key}: *m${level - 1}`).join(', ');
    return `m${level}: &m${level} {<<: ${source}, ${keys}}`;
  });
  return lines.join('\n');
}
