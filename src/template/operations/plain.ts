// The filters on texts and numbers. Knows no syntax.
import {
  BLANK,
  codePointLength,
  formatFloat,
  lowerCase,
  parseFloatText,
  splitLines,
} from '../../text/python.ts';
import { attributeOf, undefinedMember } from '../methods/members.ts';
import { callWith, taking } from '../methods/parameters.ts';
import { needText, TEXT_METHODS } from '../methods/texts.ts';
import { calculate, negated } from '../values/arithmetic.ts';
import { fixed, roundedQuotient, scaled } from '../values/decimals.ts';
import {
  Dict,
  isTrue,
  Markup,
  MISSING,
  numberOf,
  textOf,
  Tuple,
  typeOf,
  Undefined,
  used,
  type Call,
} from '../values/kinds.ts';
import { floatOf, wholeOfText } from '../values/numbers.ts';
import { formatPercent } from '../values/formatting.ts';
import { escaped, isSafe, print, softText } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { charactersOf, countOf, lengthOf } from '../values/sequences.ts';
import { pretty, wordwrapped } from './wrapping.ts';

type Given = readonly unknown[];

/** A method of texts, of whatever comes in as a text; safe text stays safe. */
function method(params: string, name: string, usual: Given = []): Call {
  const call = TEXT_METHODS.get(name);
  return taking(params, ([value, ...given], run) =>
    call === undefined
      ? undefined
      : callWith(call, [softText(value, run), ...(given.length > 0 ? given : usual)], run),
  );
}

const fallback = taking('value default_value? boolean?', ([value, otherwise = '', boolean = false], run) =>
  value instanceof Undefined || (isTrue(boolean, run) && !isTrue(value, run)) ? otherwise : value,
);
const length = taking('obj /', ([value], run) => lengthOf(value, run));

const WORD_START = new RegExp(`([-${BLANK}({[<]+)`);

function titled([value]: Given, run: Run): string {
  const text = run.text(print(value, run));
  return text
    .split(WORD_START)
    .map((word) => {
      const [head = ''] = word;
      return head.toUpperCase() + lowerCase(word.slice(head.length));
    })
    .join('');
}

function indented([value, width = 4n, first = false, blank = false]: Given, run: Run): string | Markup {
  const by = textOf(width) ?? ' '.repeat(Math.max(0, indentOf(width, run)));
  const text = needText(used(value, run), run);
  const lines = splitLines(`${text}\n`);
  run.made(text.length + lines.length * by.length);
  const [head = '', ...rest] = lines;
  const everywhere = isTrue(blank, run);
  // A safe text before one that is not makes that safe too; of the first line that is so only where they are put together by a safe one.
  const safe = width instanceof Markup && !(value instanceof Markup);
  const put = (line: string): string => by + (safe ? escaped(line, run).text : line);
  const start = safe && everywhere ? escaped(head, run).text : head;
  const made = [start, ...rest.map((line) => (line !== '' || everywhere ? put(line) : line))].join('\n');
  const isSafe = value instanceof Markup || (safe && everywhere);
  if (!isTrue(first, run)) return isSafe ? new Markup(made) : made;
  return isSafe || safe ? new Markup(isSafe ? by + made : put(made)) : by + made;
}

function indentOf(width: unknown, run: Run): number {
  const count = countOf(used(width, run), run);
  run.made(Math.max(0, count));
  return count;
}

function truncated(
  [value, length = 255n, killwords = false, end = '...', leeway = null]: Given,
  run: Run,
): unknown {
  // Of what is short enough the length may be any number.
  const [most, spare] = [length, leeway ?? 5n].map((each) => Number(numberOf(used(each, run)) ?? -1));
  const tail = needText(end, run);
  const least = codePointLength(tail);
  if (most === undefined || spare === undefined || most < least || spare < 0)
    throw run.failed(`expected length >= ${least} and leeway >= 0`);
  if (lengthOf(value, run) <= most + spare) return value;
  const room = countOf(length, run) - least;
  const cut = charactersOf(needText(value, run), run).slice(0, room).join('');
  const space = isTrue(killwords, run) ? -1 : cut.lastIndexOf(' ');
  const head = space < 0 ? cut : cut.slice(0, space);
  return calculate('+', value instanceof Markup ? new Markup(head) : head, end, run);
}

const joinTexts = method('self items', 'join');

function wrapped(
  [value, width = 79n, breakLong = true, newline = null, onHyphens = true]: Given,
  run: Run,
): unknown {
  const text = needText(used(value, run), run);
  const between = newline ?? '\n';
  needText(between, run);
  const breakLongWords = isTrue(breakLong, run);
  const breakOnHyphens = isTrue(onHyphens, run);
  return callWith(
    joinTexts,
    [between, wordwrapped(text, { width, breakLongWords, breakOnHyphens }, run)],
    run,
  );
}

function toWhole([value, otherwise = 0n, base = 10n]: Given, run: Run): unknown {
  const text = textOf(used(value, run));
  const number = text === undefined ? numberOf(value) : undefined;
  if (typeof number === 'bigint') return number;
  if (text !== undefined) {
    // What is no whole number is no base, and the text may still be a float.
    const given = numberOf(base);
    const radix = typeof given === 'bigint' ? Number(given) : -1;
    run.work(text.length);
    const whole = radix === 0 || (radix >= 2 && radix <= 36) ? wholeOfText(text, radix) : undefined;
    if (whole !== undefined) return whole;
  }
  const float = text === undefined ? number : parseFloatText(text);
  if (float === undefined || Number.isNaN(float)) return otherwise;
  if (!Number.isFinite(float)) throw run.failed('cannot convert float infinity to integer');
  return BigInt(Math.trunc(float));
}

function toFloat([value, otherwise = 0]: Given, run: Run): unknown {
  const text = textOf(used(value, run));
  const number = numberOf(value);
  if (number !== undefined) return floatOf(number, run);
  return (text === undefined ? undefined : parseFloatText(run.read(text))) ?? otherwise;
}

function rounded([value, precision = 0n, method = 'common']: Given, run: Run): unknown {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor')
    throw run.failed('method must be common, ceil or floor');
  const number = numberOf(method === 'common' ? value : used(value, run));
  if (number === undefined) throw run.failed(`type ${typeOf(value)} doesn't define __round__ method`);
  if (method !== 'common') {
    const power = calculate('**', 10n, precision, run);
    const scale = numberOf(calculate('*', number, power, run)) ?? 0;
    if (!Number.isFinite(Number(scale))) throw run.failed('cannot convert float infinity or NaN to integer');
    const whole =
      typeof scale === 'bigint' ? scale : BigInt(method === 'ceil' ? Math.ceil(scale) : Math.floor(scale));
    return calculate('/', whole, power, run);
  }
  if (precision === null) return typeof number === 'bigint' ? number : BigInt(scaled(number, 0));
  const digits = countOf(precision, run);
  if (typeof number === 'bigint') {
    if (digits >= 0) return number;
    if (-digits > 5000) return 0n;
    const power = 10n ** BigInt(-digits);
    return roundedQuotient(number, power) * power;
  }
  if (!Number.isFinite(number) || digits > 323) return number;
  if (digits < -308) return 0 * number;
  const exact = scaled(number, digits);
  const near = Number(`${exact}e${-digits}`);
  if (!Number.isFinite(near)) throw run.failed('rounded value too large to represent');
  return exact === 0n && (number < 0 || Object.is(number, -0)) ? -0 : near;
}

const UNITS = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

function fileSize([value, binary = false]: Given, run: Run): string {
  const given = toFloat([value, null], run);
  if (typeof given !== 'number') throw run.failed('could not convert to float');
  const two = isTrue(binary, run);
  const base = two ? 1024 : 1000;
  if (given === 1) return '1 Byte';
  if (given < base) return `${print(toWhole([given], run), run)} Bytes`;
  if (Number.isNaN(given)) return `nan ${two ? 'YiB' : 'YB'}`;
  const at = UNITS.findIndex((_unit, place) => given < BigInt(base) ** BigInt(place + 2));
  const place = at < 0 ? UNITS.length - 1 : at;
  const size = (base * given) / base ** (place + 2);
  const unit = UNITS[place] ?? '';
  return `${Number.isFinite(size) ? fixed(size, 1) : formatFloat(size)} ${two ? `${unit.toUpperCase()}iB` : `${unit}B`}`;
}

function formatted(args: Given, named: ReadonlyMap<string, unknown>, run: Run): unknown {
  const [value, ...rest] = args;
  if (rest.length > 0 && named.size > 0)
    throw run.failed("can't handle positional and keyword arguments at the same time");
  return formatPercent(softText(value, run), named.size > 0 ? Dict.of(named) : new Tuple(rest), run);
}

function attribute([value, name]: Given, run: Run): unknown {
  const text = needText(used(name, run), run);
  const found = attributeOf(used(value, run), text, run);
  return found === MISSING ? undefinedMember(value, name, run) : found;
}

function absolute([value]: Given, run: Run): unknown {
  const number = numberOf(value);
  if (number === undefined) throw run.failed(`bad operand type for abs(): '${typeOf(value)}'`);
  return number < 0 || Object.is(number, -0) ? negated(number, -1, run) : number;
}

const replaceText = method('self old new count', 'replace');

function replacedIn([value, old, fresh, count = null]: Given, run: Run): unknown {
  const most = count ?? -1n;
  if (!run.autoescape)
    return callWith(
      replaceText,
      [value, old, fresh].map((each): unknown => print(each, run)).concat(most),
      run,
    );
  const safe = isSafe(old) || (isSafe(fresh) && !isSafe(value));
  const text = safe ? escaped(value, run) : value;
  return callWith(replaceText, [text, softText(old, run), softText(fresh, run), most], run);
}

const WORDS = /[\p{L}\p{N}_]+/gu;

export const PLAIN_FILTERS: Readonly<Record<string, Call>> = {
  abs: taking('x /', absolute),
  attr: taking('obj name', attribute),
  capitalize: method('s', 'capitalize'),
  center: method('value width?', 'center', [80n]),
  count: length,
  d: fallback,
  default: fallback,
  filesizeformat: taking('value binary?', fileSize),
  float: taking('value default?', toFloat),
  format: formatted,
  indent: taking('s width? first? blank?', indented),
  int: taking('value default? base?', toWhole),
  length,
  lower: method('s', 'lower'),
  pprint: taking('value', ([value], run) => pretty(value, run)),
  replace: taking('s old new count?', replacedIn),
  round: taking('value precision? method?', rounded),
  string: taking('object /', ([value], run) => softText(value, run)),
  title: taking('s', titled),
  trim: method('value chars?', 'strip'),
  truncate: taking('s length? killwords? end? leeway?', truncated),
  upper: method('s', 'upper'),
  wordcount: taking('s', ([value], run) => BigInt(run.read(print(value, run)).match(WORDS)?.length ?? 0)),
  wordwrap: taking('s width? break_long_words? wrapstring? break_on_hyphens?', wrapped),
};
