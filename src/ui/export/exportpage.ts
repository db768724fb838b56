// The report as one file: the workbench's page with its data inside. It opens from disk and fetches nothing, which its own policy
// forbids. Reads nothing.
import { hash } from 'node:crypto';
import type { ExportData } from './exportdata.ts';

/** The page's own program and style. */
export interface Program {
  readonly script: string;
  readonly style: string;
}

/** The whole document. The same input gives the same text. */
export function exportPage(data: ExportData, { script, style }: Program): string {
  const own = script.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policyOf(own, style))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(data.title)} · daydream report</title>
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This page needs JavaScript; it holds all that it shows and asks nobody.</noscript></div>
${jsonIsland('data', data)}
<script>${own}</script>
</body>
</html>
`;
}

/** Only the page's own style and script, by their digests; no address at all. */
function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
    `script-src 'sha256-${hash('sha256', script, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A value as a script element that only holds data: no text in it can end the element. */
export function jsonIsland(id: string, value: unknown): string {
  const json = JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
  return `<script type="application/json" id="${escaped(id)}">${json}</script>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit for an element's text and for an attribute in quotes, and for nothing else: no URL, no script, no style. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}
