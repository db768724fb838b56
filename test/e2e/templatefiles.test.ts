// Which of a template's files changed: what it loads, its system prompt and what that loads, by name, wherever a reason is told.
import { renameSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, DRAFT, type Kite } from '../support/kite.ts';

const PARTS = 'data/1_raw/templates/parts';
const SYSTEM = 'data/1_raw/templates/draft/d-one.system.txt';

const FILES = {
  [DRAFT]: `{% extends 'parts/base.txt' %}{% import 'parts/macros.txt' as m %}
{% block body %}{% include 'parts/style.txt' %}
{% if false %}{% include 'parts/never.txt' %}{% endif %}
{% include 'parts/by/' ~ concepts[0].name ~ '.txt' %}
{% for concept in concepts %}{{ m.item(concept) }}
{% endfor %}{% endblock %}`,
  [SYSTEM]: "You write. {% include 'parts/manner.txt' %}",
  [`${PARTS}/base.txt`]: 'Top\n{% block body %}{% endblock %}\nBottom\n',
  [`${PARTS}/macros.txt`]: '{% macro item(c) %}- {{ c.name }}: {{ c.content }}{% endmacro %}\n',
  [`${PARTS}/style.txt`]: "Plainly. {% include 'parts/deep.txt' %}\n",
  [`${PARTS}/deep.txt`]: 'Deeply.\n',
  [`${PARTS}/never.txt`]: 'Never.\n',
  [`${PARTS}/manner.txt`]: 'Kindly.\n',
  [`${PARTS}/by/Kite.txt`]: 'Of kites.\n',
  [`${PARTS}/by/Keel.txt`]: 'Of keels.\n',
  [`${PARTS}/by/Kiln.txt`]: 'Of kilns.\n',
};

interface Why {
  readonly verdict: { readonly reasons: readonly { readonly part?: string; readonly files?: unknown }[] };
  readonly prompt: { readonly diff: string } | null;
}

async function why(kite: Kite, label = 'A:d-one'): Promise<{ readonly words: string; readonly told: Why }> {
  const id = kite.id(label);
  const told = JSON.parse((await kite.run(['why', id, '--json'])).stdout) as Why;
  const [words = ''] = (await kite.run(['why', id])).stdout.split('\n');
  return { words, told };
}

/** The lines that differ. */
function changesIn({ prompt }: Why): readonly string[] {
  return (prompt?.diff ?? '')
    .split('\n')
    .filter((line) => /^[-+]/.test(line) && !/^(---|\+\+\+) /.test(line));
}

describe('of a template that loads others', () => {
  let kite: Kite;
  beforeAll(async () => {
    kite = makeKite(undefined, FILES);
    await kite.build();
  });

  const rename = (from: string, to: string) => (): void => renameSync(kite.path(from), kite.path(to));
  const write = (name: string, text: string) => (): void => kite.write(name, text);

  it.each<[what: string, edit: () => void, files: string, changes: readonly string[]]>([
    [
      'an included text',
      write(`${PARTS}/style.txt`, 'Briefly.\n'),
      'parts/deep.txt (gone), parts/style.txt',
      ['-Plainly. Deeply.', '+Briefly.'],
    ],
    [
      'one that an included text includes',
      write(`${PARTS}/deep.txt`, 'Shallowly.\n'),
      'parts/deep.txt',
      ['-Plainly. Deeply.', '+Plainly. Shallowly.'],
    ],
    [
      'what it extends',
      write(`${PARTS}/base.txt`, 'Head\n{% block body %}{% endblock %}\nBottom\n'),
      'parts/base.txt',
      ['-Top', '+Head'],
    ],
    [
      'what it imports',
      write(`${PARTS}/macros.txt`, '{% macro item(c) %}* {{ c.name }}{% endmacro %}\n'),
      'parts/macros.txt',
      ['-- Kite: Flies on a line.', '+* Kite'],
    ],
    [
      'what a branch that is not taken includes',
      write(`${PARTS}/never.txt`, 'Ever.\n'),
      'parts/never.txt',
      [],
    ],
    [
      'what a name that is worked out means',
      write(`${PARTS}/by/Kite.txt`, 'On kites.\n'),
      'parts/by/Kite.txt',
      ['-Of kites.', '+On kites.'],
    ],
    ['what it might mean', write(`${PARTS}/by/Ship.txt`, 'Of ships.\n'), 'parts/by/Ship.txt (new)', []],
    [
      'another name of that',
      rename(`${PARTS}/by/Kiln.txt`, `${PARTS}/by/Oven.txt`),
      'parts/by/Kiln.txt (gone), parts/by/Oven.txt (new)',
      [],
    ],
    [
      'a text that its system prompt includes',
      write(`${PARTS}/manner.txt`, 'Coldly.\n'),
      'parts/manner.txt',
      ['-You write. Kindly.', '+You write. Coldly.'],
    ],
    [
      'its system prompt',
      write(SYSTEM, 'You sing.\n'),
      'draft/d-one.system.txt, parts/manner.txt (gone)',
      ['-You write. Kindly.', '+You sing.'],
    ],
  ])('%s', async (_what, edit, files, changes) => {
    edit();
    try {
      const { words, told } = await why(kite);
      expect(words).toBe(`${kite.id('A:d-one')} (draft) is stale from render on: template changed: ${files}`);
      expect(changesIn(told).filter((line) => !line.slice(1).startsWith('[system'))).toEqual(changes);
      expect((await kite.run(['plan'])).stdout).toContain(`  changed    ${files}\n`);
      expect((await kite.check()).stdout).toContain(`\nchanged  ${files}\n`);
      expect((await why(kite, 'A:d-two')).words).toContain('is current');
    } finally {
      rmSync(kite.path(`${PARTS}/by`), { recursive: true });
      for (const [name, text] of Object.entries(FILES)) kite.write(name, text);
    }
    expect((await kite.check()).code).toBe(0);
  });

  it('nothing where line ends alone differ', async () => {
    kite.write(`${PARTS}/style.txt`, FILES[`${PARTS}/style.txt`].replaceAll('\n', '\r\n'));
    expect((await why(kite)).words).toContain('is current');
    kite.write(`${PARTS}/style.txt`, FILES[`${PARTS}/style.txt`]);
  });

  it('as data, and after what was remembered of the store is gone', async () => {
    kite.write(`${PARTS}/deep.txt`, 'Shallowly.\n');
    rmSync(kite.path('data/.daydream/gens.bin'));
    rmSync(kite.path('data/.daydream/graph.bin'));
    const { verdict } = (await why(kite)).told;
    expect(verdict.reasons).toMatchObject([
      { part: 'template', files: [{ file: 'parts/deep.txt', what: 'changed' }] },
    ]);
    kite.write(`${PARTS}/deep.txt`, FILES[`${PARTS}/deep.txt`]);
  });
});

/** As earlier versions wrote it. */
function withoutFilesOf(kite: Kite, label: string): void {
  const name = `${kite.folder(label)}/metadata.json`;
  const metadata = JSON.parse(kite.read(name)) as { trace: { render: { files?: unknown } } };
  expect(metadata.trace.render.files).toBeDefined();
  delete metadata.trace.render.files;
  kite.write(name, JSON.stringify(metadata, null, 2));
}

describe('where no trace says what there was', () => {
  it('is said to be unknown, and the trace holds', async () => {
    const kite = makeKite(undefined, {
      [DRAFT]: "{% include 'parts/style.txt' %}\n",
      [`${PARTS}/style.txt`]: 'Plain.\n',
    });
    await kite.build();
    for (const label of ['A:d-one', 'B:d-one']) withoutFilesOf(kite, label);
    rmSync(kite.path('data/.daydream/gens.bin'));
    expect((await kite.check()).code).toBe(0);
    kite.write(`${PARTS}/style.txt`, 'Fancy.\n');
    expect((await why(kite)).words).toContain('on: the template or a file that it loads changed');
    expect((await kite.run(['plan'])).stdout).not.toContain('  changed ');
  });

  it('is known of what a build has seen since', async () => {
    const kite = makeKite(undefined, {
      [DRAFT]: "{% include 'parts/style.txt' %}\n",
      [`${PARTS}/style.txt`]: 'Plain.\n',
    });
    await kite.build();
    for (const label of ['A:d-one', 'B:d-one']) withoutFilesOf(kite, label);
    rmSync(kite.path('data/.daydream/gens.bin'));
    await kite.build();
    kite.write(`${PARTS}/style.txt`, 'Fancy.\n');
    expect((await why(kite)).words).toContain('on: template changed: parts/style.txt');
  });
});

describe('of a template that is a single file', () => {
  it('no list is kept, and a system prompt that comes is named', async () => {
    const kite = makeKite();
    await kite.build();
    expect(kite.read(`${kite.folder('A:d-one')}/metadata.json`)).not.toContain('"files"');
    kite.write(SYSTEM, 'You sing.\n');
    expect((await why(kite)).words).toContain('template changed: draft/d-one.system.txt (new)');
    rmSync(kite.path(SYSTEM));
    kite.write(DRAFT, 'Another {{ concepts[0].name }}\n');
    expect((await why(kite)).words).toMatch(/on: template changed$/);
    expect((await kite.run(['plan'])).stdout).toContain('  changed    draft/d-one.txt\n');
    expect((await kite.check()).stdout).toContain('\nchanged  draft/d-one.txt\n');
  });

  it("the config's system prompt is told from its own", async () => {
    const config = (system: string): string =>
      `${JSON.stringify({ provider: 'offline', stages: { draft: { system } } })}\n`;
    const kite = makeKite(undefined, { 'daydream.config.json': config('Sing.') });
    await kite.build();
    kite.write('daydream.config.json', config('Hum.'));
    expect((await why(kite)).words).toContain(
      'on: the system prompt that the config or a model sets changed',
    );
  });
});
