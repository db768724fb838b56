// Templates that load others: what they load is part of what a prompt was made from.
import { describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';

const DRAFT = 'data/1_raw/templates/draft/d-one.txt';
const PART = 'data/1_raw/templates/parts/style.txt';

async function builtWithPart(): Promise<Kite> {
  const kite = makeKite();
  kite.write(PART, 'Write plainly.\n');
  kite.edit(DRAFT, 'Use:', "{% include 'parts/style.txt' %} Use:");
  await kite.build();
  return kite;
}

describe('a template that includes another', () => {
  it('makes its prompts of both, and is current until one of them changes', async () => {
    const kite = await builtWithPart();
    expect(kite.read(`${kite.folder('A:d-one')}/prompt.txt`)).toMatch(/^Write plainly\. Use:/);
    expect((await kite.run(['check'])).code).toBe(0);
    kite.write(PART, 'Write richly.\n');
    expect((await kite.run(['check'])).code).toBe(1);
    const { stdout } = await kite.run(['why', kite.id('A:d-one')]);
    expect(stdout).toContain('template');
    expect(stdout).toMatch(/-.*Write plainly/);
    expect(stdout).toMatch(/\+.*Write richly/);
    await kite.build();
    expect((await kite.run(['check'])).code).toBe(0);
    expect(kite.read(`${kite.folder('A:d-one')}/prompt.txt`)).toMatch(/^Write richly\./);
  });

  it('says where the other is missing, and notices when it comes', async () => {
    const kite = makeKite();
    kite.edit(DRAFT, 'Use:', "{% include 'parts/style.txt' ignore missing %}Use:");
    await kite.build();
    expect((await kite.run(['check'])).code).toBe(0);
    kite.write(PART, 'Write plainly.\n');
    expect((await kite.run(['check'])).code).toBe(1);
    kite.edit(DRAFT, 'style.txt', 'stile.txt');
    kite.edit(DRAFT, ' ignore missing', '');
    const { code, stderr } = await kite.run(['check']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/DD491 .*d-one\.txt:1:1: There is no template "parts\/stile\.txt"/);
  });

  it('says why the other can not be read, in the place of asking for what it would hold', async () => {
    const kite = await builtWithPart();
    kite.write(PART, '<<<<<<< ours\nPlainly.\n=======\nRichly.\n>>>>>>> theirs\n');
    expect(await kite.run(['check'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/DD284 .*parts\/style\.txt:1/) as string,
    });
    kite.remove(PART);
    kite.write(`${PART}/of.txt`, 'x');
    expect(await kite.run(['check'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/DD201 .*style\.txt.* it is a folder/) as string,
    });
  });

  it.each(['../../secret.txt', '/etc/hostname', 'parts/../../x.txt'])(
    'does not read outside the templates root: %s',
    async (name) => {
      const kite = makeKite();
      kite.write('data/1_raw/secret.txt', 'secret');
      kite.edit(DRAFT, 'Use:', `{% include '${name}' %}Use:`);
      const { code, stderr } = await kite.run(['check']);
      expect({ code, said: stderr.includes('DD491') }).toEqual({ code: 2, said: true });
    },
  );
});

describe('a template that includes another by a name that is worked out', () => {
  async function builtByConcepts(): Promise<Kite> {
    const kite = makeKite();
    kite.write('data/1_raw/templates/parts/of-Kite.txt', "Fly. {% include 'parts/end.txt' %}\n");
    kite.write('data/1_raw/templates/parts/of-Keel.txt', 'Sail.\n');
    kite.write('data/1_raw/templates/parts/end.txt', 'End.\n');
    kite.write('data/1_raw/templates/parts/else.txt', 'Else.\n');
    kite.edit(DRAFT, 'Use:', "{% include 'parts/of-' ~ concepts[0].name ~ '.txt' %} Use:");
    await kite.build();
    return kite;
  }

  it('reads what fits the name, asks again only where the prompt has changed, and leaves the others alone', async () => {
    const kite = await builtByConcepts();
    expect(kite.read(`${kite.folder('A:d-one')}/prompt.txt`)).toMatch(/^Fly\. End\. Use:/);
    expect((await kite.run(['check'])).code).toBe(0);
    kite.write('data/1_raw/templates/parts/else.txt', 'Otherwise.\n');
    expect((await kite.run(['check'])).code).toBe(0);
    kite.write('data/1_raw/templates/parts/of-Keel.txt', 'Sail on.\n');
    expect((await kite.run(['check'])).code).toBe(1);
    const { stdout } = await kite.run(['why', kite.id('B:d-one')]);
    expect(stdout).toMatch(/\+.*Sail on/);
    const { steps } = await kite.build();
    expect(steps.filter((step) => step.includes('d-one ') || step.startsWith('A:'))).toEqual([
      'A:d-one rendered',
      'B:d-one rendered offline parsed',
    ]);
    kite.write('data/1_raw/templates/parts/end.txt', 'The end.\n');
    expect((await kite.build()).steps).toContain('A:d-one rendered offline parsed');
    expect((await kite.run(['check'])).code).toBe(0);
  });

  it('notices what comes and goes', async () => {
    const kite = await builtByConcepts();
    kite.write('data/1_raw/templates/parts/of-deep/Kiln.txt', '{% if %}');
    expect((await kite.run(['check'])).code).toBe(1);
    expect((await kite.build()).steps).toEqual(['A:d-one rendered', 'B:d-one rendered']);
    kite.remove('data/1_raw/templates/parts/of-Keel.txt');
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(1);
    expect(stderr).toContain('There is no template "parts/of-Keel.txt"');
  });

  it('does not read outside the templates root', async () => {
    const kite = makeKite();
    kite.write('data/1_raw/secret.txt', 'secret');
    kite.edit(
      DRAFT,
      'Use:',
      "{% include '../' ~ 'secret.txt' ignore missing %}{% include ['.', './secret.txt']|join ignore missing %}Use:",
    );
    await kite.build();
    expect(kite.read(`${kite.folder('A:d-one')}/prompt.txt`)).toMatch(/^Use:/);
  });
});
