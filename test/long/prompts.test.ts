// Prompts and parsers without running anything: render and parse.
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';
import { makeProject, scratchFolder, run } from '../support/project.ts';

describe('daydream render', () => {
  let kite: Kite;

  beforeAll(async () => {
    kite = makeKite();
    await kite.build();
  });

  it.each([['A:d-one'], ['A:d-one/e-llm'], ['A:d-one/e-copy'], ['A:d-one/e-llm/v-one']])(
    'prints the prompt of %s as it was sent, and nothing else',
    async (label) => {
      const { code, stdout, stderr } = await kite.run(['render', kite.id(label)]);
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: kite.read(`${kite.folder(label)}/prompt.txt`),
        stderr: '',
      });
    },
  );

  it('renders what would be sent now, and writes nothing', async () => {
    const other = makeKite();
    await other.build();
    other.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    const { stdout } = await other.run(['render', other.id('A:d-one')]);
    expect(stdout).toBe('Use all of:\n- Kite: Flies on a line.\n');
    expect(other.read(`${other.folder('A:d-one')}/prompt.txt`)).toMatch(/^Use:/);
  });

  it.each([
    ['draft/d-one', 'Use:\n- Kite: Flies on a line.\n', 'as d_'],
    ['d-three', 'Three Kite', 'no generation with draft template d-three'],
  ])(
    'renders the template %s for the first that uses it, or with sample concepts',
    async (word, text, told) => {
      const { code, stdout, stderr } = await kite.run(['render', word]);
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: text,
        stderr: expect.stringContaining(told) as string,
      });
    },
  );

  it('ends with 1 while what the prompt is made from is not there', async () => {
    const fresh = makeKite();
    await fresh.run(['cohort', 'compile']);
    const { code, stdout, stderr } = await fresh.run(['render', fresh.id('A:d-one/e-llm')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`made from ${fresh.id('A:d-one')}`);
    expect((await fresh.run(['render', 'e-llm'])).stdout).toContain('sample text');
  });

  it('refuses a name that means nothing, and one that means two things', async () => {
    const double = makeKite();
    double.edit('data/1_raw/essay_templates.csv', 'e-copy,', 'd-one,One,x,,llm\ne-copy,');
    double.write('data/1_raw/templates/essay/d-one.txt', '{{ links_block }}\n');
    expect((await double.run(['render', 'd-one'])).stderr).toContain('draft/d-one or essay/d-one');
    const unknown = await double.run(['render', 'd-tow']);
    expect(unknown).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('"d-two"') as string,
    });
  });

  it('places what is wrong with a template that no cohort uses yet', async () => {
    const broken = makeKite();
    broken.write('data/1_raw/templates/draft/d-three.txt', 'One\n{{ concept.name }}\n');
    const { code, stderr } = await broken.run(['render', 'd-three']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/DD402 .*d-three\.txt:2:\d+: 'concept' is undefined/);
  });
});

describe('daydream parse', () => {
  const CONFIG = `export default {
  parsers: [{ name: 'shout', stages: ['draft'], parse: (raw) => raw.trim() === '' ? { error: 'silence' } : raw.toUpperCase() }],
};
`;

  it('prints exactly the parsed text, of a file or of standard input, with no project in sight', async () => {
    const folder = makeProject({ 'reply.txt': 'Good.\r\nSCORE: 7\r\n' });
    const words = ['parse', '--stage', 'evaluation', '--parser', 'in_last_line'];
    const done = { code: 0, stdout: '7.0\n', stderr: '' };
    expect(await folder.run([...words, 'reply.txt'])).toEqual(done);
    expect(await folder.run(words, { input: 'Good.\nSCORE: 7\n' })).toEqual(done);
  });

  it('ends with 1 and the reason where there is nothing to take', async () => {
    const { code, stdout, stderr } = await run(['parse', '--parser', 'in_last_line'], {
      cwd: scratchFolder(),
      input: 'No.\n',
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('no_score_last_lines');
    expect(stderr).toContain('the text ends: No.');
  });

  it('takes a reply as it stands, from a file and from standard input, whatever it begins with or looks like', async () => {
    const project = makeKite();
    const reply = '\uFEFF<<<<<<< ours\nA\n=======\nB\n>>>>>>> theirs\n';
    project.write('reply.txt', reply);
    const words = ['parse', '--stage', 'draft', '--parser', 'identity'];
    const [file, input] = [
      await project.run([...words, 'reply.txt']),
      await project.run(words, { input: reply }),
    ];
    expect(file).toMatchObject({ code: 0, stdout: reply });
    expect(input).toEqual(file);
  });

  it("runs the config's own parsers, and lists them", async () => {
    const project = makeProject({ 'daydream.config.js': CONFIG });
    expect(await project.run(['parse', '--parser', 'shout'], { input: 'hey' })).toMatchObject({
      code: 0,
      stdout: 'HEY',
    });
    const refused = await project.run(['parse', '--parser', 'shout', '--json'], { input: ' ' });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: false,
      reason: 'parser_refused',
      data: { message: 'silence' },
    });
    const { stdout } = await project.run(['parse', '--list', '--stage', 'draft']);
    expect(stdout.split('\n')).toContain('draft       shout');
  });

  it.each([
    [['--parser', 'essay_blok'], '', /DD410 .*did you mean "essay_block"/],
    [['--stage', 'essay', '--parser', 'in_last_line'], '', /DD410/],
    [['--stage', 'easy', '--parser', 'identity'], '', /--stage must be/],
    [[], '', /--parser is missing/],
    [['--parser', 'identity', 'nowhere.txt'], '', /DD203/],
  ])('%j is refused', async (words, input, said) => {
    const { code, stdout, stderr } = await run(['parse', ...words], { cwd: scratchFolder(), input });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});
