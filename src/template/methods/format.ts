// Python's `str.format` and its format specifications. Of what it is given it reaches items and the members that templates have.
import { Markup, numberOf, textOf, typeOf } from '../values/kinds.ts';
import { floatOf } from '../values/numbers.ts';
import {
  aligned,
  asciiOf,
  checkPrecision,
  checkWidth,
  cutTo,
  floatDigits,
  signOf,
  wholeDigits,
  type Room,
} from '../values/formatting.ts';
import { escapeText, print, repr } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { needItem, needMember } from './reach.ts';

export interface Formatted {
  readonly args: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

interface Field {
  readonly name: string;
  readonly conversion: string;
  readonly spec: string;
}

interface State extends Formatted {
  readonly run: Run;
  /** How fields without a number are numbered; undefined until one is there, -1 once one has a number of its own. */
  next: number | undefined;
}

/** Values are escaped where the text is safe as HTML. */
export function formatText(self: unknown, formatted: Formatted, run: Run): string | Markup {
  const safe = self instanceof Markup;
  const state: State = { ...formatted, run, next: undefined };
  const made = filled(textOf(self) ?? '', state, { depth: 2, safe });
  return safe ? new Markup(made) : made;
}

interface Filling {
  readonly depth: number;
  readonly safe: boolean;
}

function filled(text: string, state: State, { depth, safe }: Filling): string {
  const { run } = state;
  if (depth === 0) throw run.failed('Max string recursion exceeded');
  let made = '';
  for (let at = 0; ; at += 1) {
    const brace = nextBrace(text, at);
    made += text.slice(at, brace);
    at = brace;
    if (at === text.length) return run.text(made);
    const char = text.charAt(at);
    if (text.charAt(at + 1) === char) {
      made += char;
      at += 1;
      continue;
    }
    if (char === '}') throw run.failed("Single '}' encountered in format string");
    const end = fieldEnd(text, at, run);
    const field = readField(text.slice(at + 1, end), run);
    const value = converted(valueOf(field.name, state), field.conversion, run);
    const spec = /[{}]/.test(field.spec)
      ? filled(field.spec, state, { depth: depth - 1, safe: false })
      : field.spec;
    const shown = formatValue(value, spec, run);
    made += safe && !(value instanceof Markup) ? escapeText(shown, run) : shown;
    at = end;
  }
}

const BRACE = /[{}]/g;

function nextBrace(text: string, from: number): number {
  BRACE.lastIndex = from;
  return BRACE.exec(text)?.index ?? text.length;
}

function fieldEnd(text: string, start: number, run: Run): number {
  let open = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text.charAt(at) === '{') open += 1;
    else if (text.charAt(at) === '}') open -= 1;
    if (open === 0) return at;
  }
  throw run.failed(
    start === text.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  );
}

function readField(inner: string, run: Run): Field {
  const parts = /^((?:\[[^\]]*\]|[^!:[])*)(?:!([^:]*))?(?::([^]*))?$/u.exec(inner);
  const [, name = '', conversion, spec = ''] = parts ?? [];
  if (parts === null || name.includes('{')) throw run.failed(`"${inner}" is no field of a format`);
  if (conversion !== undefined && !/^[rsa]$/.test(conversion))
    throw run.failed(`Unknown conversion specifier '${conversion}'`);
  return { name, conversion: conversion ?? '', spec };
}

function valueOf(path: string, state: State): unknown {
  const { run } = state;
  const [, first = '', rest = ''] = /^([^.[]*)([^]*)$/.exec(path) ?? [];
  let value = firstOf(first, state);
  let left = rest;
  while (left !== '') {
    const [all = '', member, key] = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(left) ?? [];
    if (all === '') throw run.failed('Empty attribute in format string');
    value =
      member !== undefined
        ? needMember(value, member, run)
        : needItem(value, /^\d+$/.test(key ?? '') ? BigInt(key ?? '') : key, run);
    left = left.slice(all.length);
  }
  return value;
}

function firstOf(name: string, state: State): unknown {
  const { run, args, named } = state;
  if (name !== '' && !/^\d+$/.test(name)) {
    if (!named.has(name)) throw run.failed(`there is no '${name}' to put into the format`);
    return named.get(name);
  }
  const automatic = name === '';
  if (state.next !== undefined && automatic === state.next < 0)
    throw run.failed('cannot switch between automatic field numbering and numbers in a format');
  const at = automatic ? (state.next ?? 0) : Number(name);
  state.next = automatic ? at + 1 : -1;
  if (at >= args.length) throw run.failed(`Replacement index ${at} out of range for positional args tuple`);
  return args[at];
}

function converted(value: unknown, conversion: string, run: Run): unknown {
  if (conversion === '') return value;
  if (conversion === 's') return print(value, run);
  const shown = repr(value, run);
  return conversion === 'a' ? asciiOf(shown) : shown;
}

const SPEC = /^(?:([^])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

interface Spec extends Room {
  readonly sign: string;
  /** A zero has no minus. */
  readonly unsignedZero: boolean;
  readonly alternate: boolean;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Python's `format(value, spec)`. */
function formatValue(value: unknown, text: string, run: Run): string {
  const number = numberOf(value);
  if (text === '') return print(value, run);
  if (textOf(value) === undefined && number === undefined)
    throw run.failed(`unsupported format string passed to ${typeOf(value)}.__format__`);
  const spec = readSpec(text, number !== undefined, run);
  if (number === undefined) return formatString(textOf(value) ?? '', spec, run);
  if (typeof value === 'boolean' && spec.type === '') return formatWhole(number, { ...spec, type: 'd' }, run);
  return typeof number === 'bigint' && !/^[eEfFgG%]$/.test(spec.type)
    ? formatWhole(number, spec, run)
    : formatFloating(floatOf(number, run), spec, run);
}

function readSpec(text: string, isNumber: boolean, run: Run): Spec {
  const parts = SPEC.exec(text);
  if (parts === null) throw run.failed(`Invalid format specifier '${text}'`);
  const [, fill, align, sign = '', unsigned, alternate, zero, width, grouping = '', precision, type = ''] =
    parts;
  const zeros = zero !== undefined && align === undefined;
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (zeros && isNumber ? '=' : isNumber ? '>' : '<'),
    sign,
    unsignedZero: unsigned !== undefined,
    alternate: alternate !== undefined,
    width: checkWidth(Number(width ?? 0), run),
    grouping,
    precision: precision === undefined ? undefined : checkPrecision(Number(precision), run),
    type,
  };
}

function formatString(text: string, spec: Spec, run: Run): string {
  if (
    !/^s?$/.test(spec.type) ||
    spec.align === '=' ||
    spec.sign !== '' ||
    spec.grouping !== '' ||
    spec.unsignedZero ||
    spec.alternate
  )
    throw run.failed('a text cannot be formatted so');
  return aligned('', cutTo(spec.precision, text, run), spec);
}

function formatWhole(number: bigint | number, spec: Spec, run: Run): string {
  const { type, precision, alternate, grouping } = spec;
  if (
    typeof number !== 'bigint' ||
    !/^[bcdoxXn]?$/.test(type) ||
    precision !== undefined ||
    spec.unsignedZero ||
    (grouping !== '' && 'cn'.includes(type) && type !== '') ||
    (grouping === ',' && /^[boxX]$/.test(type))
  )
    throw run.failed(`a whole number cannot be formatted as '${type}'`);
  if (type === 'c') return aligned('', String.fromCodePoint(Number(number)), spec);
  const [prefix, digits] = wholeDigits(number, type);
  const sign = signOf(number, spec.sign) + (alternate ? prefix : '');
  return aligned(sign, grouped(digits, spec, sign), spec);
}

function formatFloating(number: number, spec: Spec, run: Run): string {
  const { type, precision, alternate } = spec;
  if (!/^[eEfFgGn%]?$/.test(type)) throw run.failed(`a float cannot be formatted as '${type}'`);
  const percent = type === '%';
  const digits = floatDigits(percent ? number * 100 : number, percent ? 'f' : type, precision, alternate);
  const isZero = /^[0.]+(?:e.*)?%?$/i.test(digits);
  const sign = signOf(spec.unsignedZero && isZero ? 0 : number, spec.sign);
  return aligned(sign, grouped(digits, spec, sign) + (percent ? '%' : ''), spec);
}

/** With separators between every three digits, or four in other bases, zeros in front included. */
function grouped(digits: string, { grouping, align, fill, width, type }: Spec, sign: string): string {
  if (grouping === '' || /^[a-z]/i.test(digits)) return digits;
  const based = /^[boxX]$/.test(type);
  const end = based ? digits.length : digits.search(/\D|$/);
  const tail = digits.slice(end);
  const between = new RegExp(`(?<=[0-9a-f])(?=(?:[0-9a-f]{${based ? 4 : 3}})+$)`, 'gi');
  const group = (text: string): string => text.replace(between, grouping);
  const room = align === '=' && fill === '0' ? width - sign.length - tail.length : 0;
  let padded = digits.slice(0, end);
  while (group(padded).length < room) padded = `0${padded}`;
  return group(padded) + tail;
}
