// What may not leave: ids and links don't lead out of the project, replies don't act on a terminal or in a page, keys stay in the
// environment. And sizes that are refused, or borne.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  faults,
  startFakeProvider,
  type FakeProvider,
  type FakeRequest,
  type Fault,
} from '../support/fakeprovider.ts';
import { CONFIG_FILE, KITE_FILES, kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { locate, needing } from '../support/needs.ts';
import { scratchFolder } from '../support/project.ts';

const BINARY = process.env['DAYDREAM_BINARY'] ?? join(import.meta.dirname, '../../dist/daydream.js');
const TEMPLATES = 'data/1_raw/templates/draft';
const SPEC = 'data/cohorts/C/spec/config.yaml';
const DRAFTS = 'data/1_raw/draft_templates.csv';

/** Every file below a folder with its text; what is written outside of the data root would show here. */
function snapshot(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files.map((each) => [
      join(each.parentPath, each.name),
      readFileSync(join(each.parentPath, each.name), 'utf8'),
    ]),
  );
}

describe('names and links that lead out of the project', () => {
  let outside: string;
  let kite: Kite;
  beforeEach(() => {
    outside = scratchFolder();
    writeFileSync(join(outside, 'secret.txt'), 'SECRET {{ concepts[0].name }}\n');
    writeFileSync(join(outside, 'levels.yaml'), '- A\n- B\n');
    kite = makeKite();
  });

  /** What is wrong with a build that had to be refused; nothing of what lies outside may have been read or written. */
  async function refused(...codes: readonly string[]): Promise<readonly string[]> {
    const before = snapshot(outside);
    const { code, stderr } = await kite.run(['build']);
    const written = kite.exists('data/gens') ? kite.files('data/gens') : [];
    return [
      ...(code === 0 ? ['it was built'] : []),
      ...(codes.some((each) => stderr.includes(each)) ? [] : [stderr]),
      ...(isDeepStrictEqual(snapshot(outside), before) ? [] : ['something was written outside']),
      ...written.filter((name) => kite.read(name).includes('SECRET')),
    ];
  }

  const IDS = ['../../../../secret', '/etc/passwd', '..', 'a/b', 'a\\b', 'a\0b', ' ', '.hidden/../x'];
  it.each(IDS)('a template called %j', async (id) => {
    kite.edit(DRAFTS, 'd-one,One', `"${id}",One`);
    kite.edit(SPEC, '[d-one, d-two]', `[${JSON.stringify(id)}, d-two]`);
    expect(await refused('DD2', 'DD3')).toEqual([]);
  });

  it.each(IDS)('a model called %j', async (id) => {
    kite.edit('data/1_raw/llm_models.csv', 'w1,lab/w1', `"${id}",lab/w1`);
    kite.edit(SPEC, '[w1]', `[${JSON.stringify(id)}]`);
    const before = snapshot(outside);
    await kite.run(['build']);
    expect(snapshot(outside)).toEqual(before);
    const top = kite.exists('data/gens') ? readdirSync(kite.path('data/gens')) : [];
    expect(top.filter((name) => !['draft', 'essay', 'evaluation'].includes(name))).toEqual([]);
  });

  it.each(['../outside', '..', 'a/b', '/tmp/x'])('a cohort called %j', async (id) => {
    for (const words of [
      ['cohort', 'compile', id],
      ['report', id],
      ['purge', id, '--yes'],
      ['cohort', 'new', id],
    ]) {
      const before = [snapshot(outside), snapshot(kite.path('data'))];
      const { code } = await kite.run(words);
      expect(code).not.toBe(0);
      expect([snapshot(outside), snapshot(kite.path('data'))]).toEqual(before);
    }
  });

  it('an include by its path', async () => {
    kite.edit(SPEC, 'combo_id: [A, B]', `combo_id: "@file:${outside}/levels.yaml"`);
    expect(await refused('DD305')).toEqual([]);
  });

  it('an include by a link', async () => {
    symlinkSync(join(outside, 'levels.yaml'), kite.path('data/cohorts/C/spec/levels.yaml'));
    kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: "@file:levels.yaml"');
    expect(await refused('DD305')).toEqual([]);
  });

  it('a template that is a link', async () => {
    kite.remove(`${TEMPLATES}/d-one.txt`);
    symlinkSync(join(outside, 'secret.txt'), kite.path(`${TEMPLATES}/d-one.txt`));
    expect(await refused('DD2')).toEqual([]);
  });

  it('a concept that is a link', async () => {
    const name = 'data/1_raw/concepts/descriptions-paragraph/k1.txt';
    kite.remove(name);
    symlinkSync(join(outside, 'secret.txt'), kite.path(name));
    expect(await refused('DD2')).toEqual([]);
  });

  it('the id of a generation', async () => {
    expect((await kite.build()).code).toBe(0);
    for (const id of [`../../../${CONFIG_FILE}`, '/etc/passwd', '..']) {
      for (const words of [
        ['show', id],
        ['why', id],
        ['rm', id, '--yes'],
        ['parse', id],
      ]) {
        const { code, stdout } = await kite.run(words);
        expect(code).not.toBe(0);
        expect(stdout).not.toContain('root:');
        expect(stdout).not.toContain('"provider"');
      }
    }
    expect(kite.exists(CONFIG_FILE)).toBe(true);
  });
});

describe('what a model says', () => {
  const NASTY =
    '\u001B]0;owned\u0007\u001B[2J\u001B[31mred\u0008\u009B5n\r\n<script>alert(1)</script>\n=cmd|1\n';
  let server: FakeProvider;
  let fault: ((request: FakeRequest) => Fault | undefined) | undefined;
  let kite: Kite;
  beforeEach(async () => {
    fault = undefined;
    server = await startFakeProvider({
      answer: (request) =>
        request.prompt.startsWith('Use') ? `${NASTY}${kiteAnswer(request)}` : kiteAnswer(request),
      fault: (request) => fault?.(request),
    });
    kite = makeKite(server.url);
  });
  afterEach(() => server.close());

  /** Runs in a terminal of its own, and gives back every byte that reached it. */
  async function onTerminal(...words: readonly string[]): Promise<string> {
    const line = [process.execPath, BINARY, ...words].map((word) => `'${word}'`).join(' ');
    const child = spawn(locate('bsdutils'), ['-qec', line, '/dev/null'], {
      cwd: kite.root,
      env: { PATH: process.env['PATH'], HOME: kite.root, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let shown = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      shown += text;
    });
    await once(child, 'close');
    return shown;
  }

  /** Sequences of the reply that would have acted; colours of our own are others. */
  const ACTED = ['owned\u0007', '\u001B[2J', '\u001B]0', '\u0008', '\u009B'];
  const acted = (shown: string): readonly string[] => ACTED.filter((each) => shown.includes(each));

  it('is kept as it came, and never acts on a terminal', needing('bsdutils'), async () => {
    expect((await kite.run(['build', '--yes'])).code).toBe(0);
    expect(kite.read(`${kite.folder('A:d-one')}/raw.txt`)).toContain('\u001B[2J');
    const id = kite.id('A:d-one');
    for (const words of [['show', id], ['show', id, '--raw'], ['why', id], ['ls'], ['status'], ['check']]) {
      const shown = await onTerminal(...words);
      expect(acted(shown)).toEqual([]);
    }
  });

  it('acts on no terminal as an error either', needing('bsdutils'), async () => {
    fault = () => faults.status(400, { error: { message: `no ${NASTY}`, code: 400 } });
    const shown = await onTerminal('build', '--yes');
    expect(shown).toContain('alert(1)');
    expect(acted(shown)).toEqual([]);
  });

  it('is no markup in a page', async () => {
    await kite.run(['build', '--yes']);
    await kite.run(['report', 'C', '--html', '--out', 'page.html']);
    const pages = kite.files('.').filter((name) => name.endsWith('.html'));
    expect(pages).toHaveLength(1);
    for (const page of pages) expect(kite.read(page)).not.toContain('<script>alert(1)');
  });

  it('and what people name things is no formula in a table for spreadsheets', async () => {
    kite.edit('data/1_raw/evaluation_templates.csv', 'v-one', '=v-one');
    kite.edit(SPEC, '[v-one]', '["=v-one"]');
    kite.write('data/1_raw/templates/evaluation/=v-one.txt', 'Judge:\n{{ response }}\nEnd\n');
    const tableOf = async (format: string): Promise<string> =>
      (await kite.run(['ls', 'stage:evaluation', '--format', format, '--columns', 'gen_id,template'])).stdout;
    expect(await tableOf('csv')).toMatch(/^v_\w+,=v-one$/m);
    expect(await tableOf('csv-safe')).toMatch(/^v_\w+,'=v-one$/m);
  });

  it('of ten megabytes is kept and judged', async () => {
    const long = 'word '.repeat(2_000_000);
    fault = ({ prompt }) =>
      prompt.startsWith('Tagged Flies')
        ? faults.reply({ content: `${long}\n<essay>\nx\ny\nz\n</essay>`, usage: null })
        : undefined;
    const { code, stderr } = await kite.run(['build', '--yes']);
    expect(code, `${stderr}`).toBe(0);
    expect(kite.read(`${kite.folder('A:d-two')}/raw.txt`)).toHaveLength(long.length + 23);
    expect(kite.read(`${kite.folder('A:d-two')}/parsed.txt`)).toBe('x\ny\nz');
  });
});

describe('keys', () => {
  it('are in no file and in no message, whatever fails', async () => {
    const key = 'sk-or-v1-0123456789abcdef0123456789abcdef';
    const server = await startFakeProvider({
      answer: kiteAnswer,
      fault: ({ index, headers }) =>
        index % 3 === 0
          ? faults.status(401, { error: { message: `bad key ${headers.authorization ?? ''}`, code: 401 } })
          : undefined,
    });
    const kite = makeKite(server.url);
    kite.edit(CONFIG_FILE, '"stream":false', '"stream":false,"apiKeyEnv":"LAB_KEY"');
    const env = { LAB_KEY: key };
    const said = await Promise.all([
      kite.run(['build', '--yes', '-v', '--json'], { env }),
      kite.run(['status', '--json'], { env }),
    ]);
    const again = await kite.run(['build', '--yes', '-v'], { env });
    await server.close();
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    for (const { stdout, stderr } of [...said, again]) expect(stdout + stderr).not.toContain(key);
    const holding = kite.files('.').filter((name) => readFileSync(kite.path(name)).includes(key));
    expect(holding).toEqual([]);
  });
});

describe('sizes', () => {
  it('a spec of 10^9 rows is refused before it is made, with its count and its axes', async () => {
    const axis = (name: string): string =>
      `  ${name}: [${Array.from({ length: 1000 }, (_, level) => `${name[0] ?? ''}${level}`).join(', ')}]`;
    const kite = makeKite(undefined, {
      [SPEC]: (KITE_FILES[SPEC] ?? '')
        .replace('  combo_id: [A, B]', axis('combo_id'))
        .replace('  draft_template: [d-one, d-two]', axis('draft_template'))
        .replace('  draft_llm: [w1]', axis('draft_llm')),
    });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD313');
    for (const name of ['combo_id', 'draft_template', 'draft_llm']) expect(stderr).toContain(name);
    expect(stderr).toMatch(/[12][,_ ]?000[,_ ]?000[,_ ]?000/);
    expect(existsSync(kite.path('data/gens'))).toBe(false);
  });

  it('a template of fifty megabytes is refused with its place', async () => {
    const kite = makeKite();
    kite.write(`${TEMPLATES}/d-one.txt`, 'word '.repeat(10_000_000));
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD404');
    expect(stderr).toContain('d-one.txt');
  });

  it('catalogs of 100,000 rows are read', async () => {
    const kite = makeKite();
    const rows = Array.from({ length: 100_000 }, (_, row) => `t${row},T ${row},x,,llm\n`);
    kite.write(DRAFTS, kite.read(DRAFTS) + rows.join(''));
    const { code, stderr } = await kite.run(['build'], { env: { NODE_OPTIONS: '--max-old-space-size=400' } });
    expect(code, `${stderr}`).toBe(0);
  });
});
