// The filters that make or unmake HTML, addresses and JSON. Knows no syntax.
import { BLANK, formatFloat } from '../../text/python.ts';
import {
  Dict,
  isTrue,
  itemsIn,
  Markup,
  numberOf,
  textOf,
  typeOf,
  Undefined,
  used,
  type Call,
} from '../values/kinds.ts';
import { sortedBy } from '../values/order.ts';
import { escaped, escapeText, print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { countOf, isIterable, iterate, listOf } from '../values/sequences.ts';
import { needText } from '../methods/texts.ts';
import { taking } from '../methods/parameters.ts';
import { withoutTags } from '../methods/safe.ts';

function quoted(value: unknown, forQuery: boolean, run: Run): string {
  const text = print(value, run);
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
    throw run.failed('a lone surrogate has no UTF-8');
  const made = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return run.text(forQuery ? made.replaceAll('%20', '+') : made.replaceAll('%2F', '/'));
}

function urlencoded(value: unknown, run: Run): string {
  if (textOf(value) !== undefined || !isIterable(value, run)) return quoted(value, false, run);
  const pairs =
    value instanceof Dict
      ? [...value.entries.values()]
      : [...iterate(value, run)].map((pair) => listOf(pair, run));
  return pairs
    .map((pair) => {
      if (pair.length !== 2) throw run.failed('urlencode takes pairs of a name and a value');
      return `${quoted(pair[0], true, run)}=${quoted(pair[1], true, run)}`;
    })
    .join('&');
}

function attributes(value: unknown, autospace: unknown, run: Run): string | Markup {
  if (!(used(value, run) instanceof Dict)) throw run.failed('xmlattr takes a mapping');
  const parts = [...(value instanceof Dict ? value.entries.values() : [])]
    .filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => {
      const name = needText(key, run);
      if (/[ \t\n\r\f\v/>=]/.test(name)) throw run.failed(`Invalid character in attribute name: '${name}'`);
      return `${escaped(key, run).text}="${escaped(item, run).text}"`;
    });
  const made = run.text(
    (isTrue(autospace === undefined ? true : autospace, run) && parts.length > 0 ? ' ' : '') +
      parts.join(' '),
  );
  return run.autoescape ? new Markup(made) : made;
}

interface Json {
  readonly indent: string | undefined;
  readonly run: Run;
}

function json(value: unknown, style: Json, level = 0): string {
  const { run } = style;
  run.work();
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  const text = textOf(value);
  if (text !== undefined) return run.text(jsonText(text));
  const number = numberOf(value);
  if (typeof number === 'bigint') return print(number, run);
  if (number !== undefined)
    return { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }[formatFloat(number)] ?? formatFloat(number);
  const around = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (style.indent === undefined) return open + parts.join(', ') + close;
    const line = `\n${style.indent.repeat(level)}`;
    return run.text(open + line + style.indent + parts.join(`,${line}${style.indent}`) + line + close);
  };
  const items = itemsIn(value);
  if (items !== undefined)
    return run.deeper(() =>
      around(
        '[',
        items.map((item) => json(item, style, level + 1)),
        ']',
      ),
    );
  if (!(value instanceof Dict))
    throw run.failed(`Object of type ${typeOf(value).split('.').at(-1)} is not JSON serializable`);
  const entries = sortedBy([...value.entries.values()], ([key]) => key, run);
  return run.deeper(() =>
    around(
      '{',
      entries.map(([key, item]) => `${jsonText(jsonKey(key, run))}: ${json(item, style, level + 1)}`),
      '}',
    ),
  );
}

function jsonKey(key: unknown, run: Run): string {
  if (key === null || typeof key === 'boolean' || numberOf(key) !== undefined)
    return json(key, { indent: undefined, run });
  const text = textOf(key);
  if (text === undefined) throw run.failed(`keys must be str, int, float, bool or None, not ${typeOf(key)}`);
  return text;
}

function jsonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function tojson(value: unknown, indent: unknown, run: Run): Markup {
  const width =
    (indent ?? null) === null || textOf(value) !== undefined
      ? undefined
      : (textOf(indent) ?? ' '.repeat(Math.max(0, countOf(used(indent, run), run))));
  const made = json(value, { indent: width, run });
  return new Markup(
    run.text(made.replace(/[<>&']/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)),
  );
}

/** Of words, in which there is no blank. */
const ADDRESS = new RegExp(
  String.raw`^(?:(?:https?:\/\/|www\.)(?:(?:[\p{L}\p{N}_%-]+\.)+)?(?:[a-z]{2,63}|xn--[\p{L}\p{N}_%]{2,59})|(?:[\p{L}\p{N}_%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)|https?:\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|\[(?:[\da-f]{0,4}:){2}(?:[\da-f]{0,4}:?){1,6}\]))(?::\d{1,5})?(?:[/?#][^]*)?$`,
  'iu',
);
const MAIL = /^[^]+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;

interface Links {
  /** Looked at where there is a link and nowhere else. */
  readonly limit: () => number;
  readonly rel: string;
  readonly target: string;
  readonly schemes: readonly string[];
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function linked(word: string, { limit, rel, target, schemes }: Links): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
  let middle = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? '';
  middle = middle.slice(0, middle.length - tail.length);
  for (const [open, close] of [
    ['(', ')'],
    ['<', '>'],
    ['&lt;', '&gt;'],
  ] as const) {
    const opened = count(middle, open);
    if (opened <= count(middle, close)) continue;
    for (let moved = Math.min(opened, count(tail, close)); moved > 0; moved -= 1) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  if (ADDRESS.test(middle)) {
    const href = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
    const letters = [...middle];
    const shown = letters.length > limit() ? `${letters.slice(0, limit()).join('')}...` : middle;
    middle = `<a href="${href}"${rel}${target}>${shown}</a>`;
  } else if (middle.startsWith('mailto:') && MAIL.test(middle.slice(7)))
    middle = `<a href="${middle}">${middle.slice(7)}</a>`;
  else if (middle.includes('@') && !middle.startsWith('www.') && !middle.includes(':') && MAIL.test(middle))
    middle = `<a href="mailto:${middle}">${middle}</a>`;
  else
    for (const scheme of schemes)
      if (middle !== scheme && middle.startsWith(scheme))
        middle = `<a href="${middle}"${rel}${target}>${middle}</a>`;
  return head + middle + tail;
}

function urlized(
  [value, limit, nofollow, target, rel, schemes]: readonly unknown[],
  run: Run,
): string | Markup {
  const rels = new Set(
    [
      ...needText(isTrue(rel ?? null, run) ? rel : '', run).split(/\s+/),
      ...(nofollow === true ? ['nofollow'] : []),
      'noopener',
    ].filter(Boolean),
  );
  const extra = (schemes ?? null) === null ? [] : listOf(schemes, run).map((scheme) => needText(scheme, run));
  for (const scheme of extra)
    if (!/^(?:[\w.+-]{2,}:\/{0,2})$/.test(scheme))
      throw run.failed(`'${scheme}' is not a valid URI scheme prefix.`);
  const links: Links = {
    limit: () => ((limit ?? null) === null ? Infinity : countOf(limit, run)),
    rel: ` rel="${escapeText([...rels].sort().join(' '), run)}"`,
    target: (target ?? null) === null ? '' : ` target="${escaped(target, run).text}"`,
    schemes: extra,
  };
  const words = escaped(value, run).text.split(new RegExp(`([${BLANK}]+)`));
  const made = words.map((word) => {
    run.work(1 + (word.length >> 3));
    return linked(word, links);
  });
  return run.autoescape ? new Markup(run.text(made.join(''))) : run.text(made.join(''));
}

const escape = taking('value /', ([value], run) => escaped(value, run));

export const MARKUP_FILTERS: Readonly<Record<string, Call>> = {
  e: escape,
  escape,
  forceescape: taking('value', ([value], run) => new Markup(escapeText(print(value, run), run))),
  safe: taking('value', ([value], run) => new Markup(print(value, run))),
  striptags: taking('value', ([value], run) => withoutTags(value, run)),
  urlencode: taking('value', ([value], run) => urlencoded(value, run)),
  urlize: taking('value trim_url_limit? nofollow? target? rel? extra_schemes?', urlized),
  xmlattr: taking('d autospace?', ([value, autospace], run) => attributes(value, autospace, run)),
  tojson: taking('value indent?', ([value, indent], run) => tojson(value, indent, run)),
};
