// The page's style sheet. Colours come from the palette; nothing is fetched.
import { DARK, LIGHT, type Theme } from './palette.ts';

function variables(theme: Theme): string {
  const { steps, ...named } = theme;
  const lines = Object.entries(named).map(([name, colour]) => `--${name}: ${colour};`);
  for (const [at, [ground, text]] of steps.entries()) lines.push(`--g${at}: ${ground}; --t${at}: ${text};`);
  return lines.join(' ');
}

const STEPS = LIGHT.steps
  .map((_, at) => `.s${at} { background: var(--g${at}); color: var(--t${at}); }`)
  .join('\n');

export const STYLE = `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
p { max-width: 70ch; }
a { color: var(--link); }
.muted, caption { color: var(--muted); }
.warning { color: var(--warning); font-weight: 600; }
nav { margin: .75rem 0; } nav a { margin-right: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
.frame { overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }
caption { padding: .4rem .6rem; text-align: left; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; z-index: 2; background: var(--raised); }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--raised); }
tbody th { z-index: 1; font-weight: 600; } thead th:first-child { z-index: 3; }
td.number, th.number { text-align: right; }
.matrix th { white-space: nowrap; }
.matrix td { min-width: 6.5rem; text-align: right; white-space: nowrap; }
.matrix td b { font-size: 1.05rem; } .matrix td span { display: block; font-size: .8rem; }
thead th button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: inherit;
  cursor: pointer; text-decoration: underline dotted; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
.legend { display: flex; flex-wrap: wrap; margin: .5rem 0; padding: 0; list-style: none; font-size: .8rem; }
.legend li { padding: .1rem .5rem; border: 1px solid var(--line); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
input[type=search] { width: min(40rem, 100%); margin: .5rem 0; padding: .4rem .6rem; border: 1px solid var(--muted);
  border-radius: 6px; background: var(--ground); color: inherit; font: inherit; }
td button, dialog button { padding: .1rem .6rem; border: 1px solid var(--muted); border-radius: 4px;
  background: var(--raised); color: inherit; font: inherit; cursor: pointer; }
dialog { width: min(60rem, 95vw); max-height: 90vh; padding: 1.25rem; border: 1px solid var(--muted); border-radius: 8px;
  background: var(--ground); color: var(--text); }
dialog::backdrop { background: rgb(0 0 0 / .6); }
pre { margin: .75rem 0; padding: .75rem; overflow: auto; border: 1px solid var(--line); border-radius: 6px;
  background: var(--raised); font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
dialog pre { font: 15px/1.6 Georgia, serif; }
@media print { .frame { max-height: none; overflow: visible; } nav, input, td button { display: none; } }
${STEPS}
`;
