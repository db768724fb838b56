// Text into HTML, safely: whatever is put into markup is escaped unless it is markup itself. Knows no page.

/** HTML that was made by `html`, never by hand. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Markup[];

/** A template whose values are escaped; markup and lists of it go in as they are, undefined as nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  // The templates are indented for their readers, thousands of rows of a page need not be.
  const markup = texts.map((text, at) => text.replaceAll(/\s*\n\s*/g, '\n') + partText(parts[at])).join('');
  return { markup };
}

function partText(part: Part): string {
  if (part === undefined) return '';
  if (typeof part !== 'object') return escapeHtml(String(part));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit for an element's text and for an attribute in quotes, and for nothing else: no URL, no script, no style. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}

/** A value as a script element that only holds data: no text in it can end the element. */
export function jsonIsland(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
  return { markup: `<script type="application/json" id="${escapeHtml(id)}">${json}</script>` };
}

/** A path below a folder as a relative URL: no part of it can be taken for a scheme, a host, a query or a fragment. */
export function relativeUrl(path: string): string {
  return `./${path
    .split('/')
    .map((part) => encodeURIComponent(part.replaceAll(/\p{Cs}/gu, '\uFFFD')))
    .join('/')}`;
}
