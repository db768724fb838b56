// Holds the table of codes in order, and docs/errors.md to the table: the page is its snapshot (`-u` writes it anew).
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../src/errors.ts';
import { ProblemError, hasErrors, problem, warning } from '../src/problem.ts';
import type { Code, CodeEntry } from '../src/errors.ts';
import { errorPage } from './support/errorpage.ts';
import { sourceFiles } from './support/source.ts';

const ENTRIES: readonly (readonly [string, CodeEntry])[] = Object.entries(CODES);

describe('the table of codes', () => {
  it('is in order', () => {
    const codes = ENTRIES.map(([code]) => code);
    expect(codes).toEqual(codes.toSorted());
    expect(codes.filter((code) => !/^DD[1-8]\d\d$/.test(code))).toEqual([]);
  });

  it('says of each code what it is, why it matters and what to do', () => {
    const texts = ENTRIES.flatMap(([code, { title, why, cure }]) =>
      Object.entries({ title, why, cure }).map(([part, text]) => ({ code, part, text })),
    );
    expect(
      texts.filter(({ text }) => text.trim() !== text || text.length < 8 || text.includes('\n')),
    ).toEqual([]);
    expect(texts.filter(({ part, text }) => part === 'title' && text.endsWith('.'))).toEqual([]);
    expect(texts.filter(({ part, text }) => part !== 'title' && !/[.!?)`]$/.test(text))).toEqual([]);
  });

  it('gives no two codes one title', () => {
    const titles = ENTRIES.map(([, { title }]) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  });

  it('holds no code that nothing raises', () => {
    const sources = sourceFiles(resolve(import.meta.dirname, '../src'))
      .filter(({ path }) => path !== 'errors.ts')
      .map(({ text }) => text);
    expect(
      ENTRIES.map(([code]) => code).filter((code) => !sources.some((text) => text.includes(`'${code}'`))),
    ).toEqual([]);
  });

  it('is what docs/errors.md lists', async () => {
    await expect(errorPage(CODES)).toMatchFileSnapshot('../docs/errors.md');
  });
});

describe('the page', () => {
  const codes = {
    DD101: {
      title: 'Unknown <thing>',
      why: 'A `*` or an _underscore_ is text.',
      cure: 'Run `daydream cohort new <name>`.',
    },
    DD203: { title: 'Second area', why: 'Why.', cure: 'Cure.' },
  };

  it('groups codes by area and keeps their order', () => {
    const headings = errorPage(codes)
      .split('\n')
      .filter((line) => line.startsWith('#'));
    expect(headings).toEqual([
      '# Errors',
      '## DD1xx: usage, configuration, environment',
      String.raw`### DD101: Unknown \<thing>`,
      '## DD2xx: input files and catalogs',
      '### DD203: Second area',
    ]);
  });

  it('shows text as text and leaves code spans alone', () => {
    const page = errorPage(codes);
    expect(page).toContain(String.raw`A ${'`*`'} or an \_underscore\_ is text.`);
    expect(page).toContain('**Cure:** Run `daydream cohort new <name>`.');
  });
});

describe('a problem', () => {
  const code = ENTRIES[0]?.[0] as Code;

  it('carries the cure of its code unless it has a better one', () => {
    expect(problem(code, 'm').cure).toBe(ENTRIES[0]?.[1].cure);
    expect(problem(code, 'm', { cure: 'edit it' }).cure).toBe('edit it');
  });

  it('stops the command as an error and not as a warning', () => {
    expect(hasErrors([warning(code, 'm')])).toBe(false);
    expect(hasErrors([warning(code, 'm'), problem(code, 'm')])).toBe(true);
  });

  it('names every code when it is thrown', () => {
    expect(new ProblemError([problem(code, 'one'), problem(code, 'two')]).message).toBe(
      `${code}: one\n${code}: two`,
    );
  });
});
