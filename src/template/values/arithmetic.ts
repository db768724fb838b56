// Python's operators on numbers, texts and lists. Whole numbers have no end, floats are floats. Knows no syntax.
import type { Arithmetic } from '../syntax/tree.ts';
import { floatOf } from './numbers.ts';
import { formatPercent } from './formatting.ts';
import { itemsIn, Markup, numberOf, textOf, Tuple, typeOf, used } from './kinds.ts';
import { difference } from './order.ts';
import { escaped, isSafe } from './printing.ts';
import { nearestFloat, powerOf } from './powers.ts';
import type { Run } from './run.ts';

/** Both are used: an undefined one fails. */
export function calculate(operator: Arithmetic, a: unknown, b: unknown, run: Run): unknown {
  run.work();
  used(a, run);
  if (operator === '%' && textOf(a) !== undefined) return formatPercent(a, b, run);
  used(b, run);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return numbers(operator, left, right, run);
  const other = { '+': joined, '*': repeated, '-': difference }[operator as string];
  const value = other?.(a, b, run);
  if (value !== undefined) return value;
  throw run.failed(`unsupported operand types for ${operator}: '${typeOf(a)}' and '${typeOf(b)}'`);
}

export function negated(value: unknown, sign: -1 | 1, run: Run): bigint | number {
  const number = numberOf(used(value, run));
  if (number === undefined) throw run.failed(`'${typeOf(value)}' has no sign`);
  return sign === 1 ? number : -number;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || isSafe(value);
}

function joined(a: unknown, b: unknown, run: Run): unknown {
  if ((a instanceof Markup && isText(b)) || (b instanceof Markup && isText(a)))
    return new Markup(run.text(escaped(a, run).text + escaped(b, run).text));
  if (typeof a === 'string' && typeof b === 'string') return run.text(a + b);
  const [items, others] = [itemsIn(a), itemsIn(b)];
  if (items === undefined || others === undefined || Array.isArray(a) !== Array.isArray(b)) return undefined;
  const both = run.list([...items, ...others]);
  return Array.isArray(a) ? both : new Tuple(both);
}

function repeated(a: unknown, b: unknown, run: Run): unknown {
  const [count, value] = typeof numberOf(a) === 'bigint' ? [numberOf(a), b] : [numberOf(b), a];
  if (typeof count !== 'bigint') return undefined;
  if (BigInt.asIntN(64, count) !== count) throw run.failed('so many are more than any list has');
  const times = Number(count > 0n ? count : 0n);
  const text = textOf(value);
  if (text !== undefined) {
    run.made(text.length * times);
    const all = text === '' ? '' : text.repeat(times);
    return value instanceof Markup ? new Markup(all) : all;
  }
  const items = itemsIn(value);
  if (items === undefined) return undefined;
  run.made(items.length * times * 8);
  const all = items.length === 0 ? [] : Array.from({ length: times }, () => items).flat();
  return value instanceof Tuple ? new Tuple(all) : all;
}

function numbers(operator: Arithmetic, a: bigint | number, b: bigint | number, run: Run): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    run.bits(operator === '*' ? bitsOf(a) + bitsOf(b) : Math.max(bitsOf(a), bitsOf(b)));
    refuseZero(operator, b === 0n, run);
    return WHOLES[operator](a, b, run);
  }
  const [left, right] = [floatOf(a, run), floatOf(b, run)];
  refuseZero(operator, right === 0, run);
  return FLOATS[operator](left, right, run);
}

function refuseZero(operator: Arithmetic, zero: boolean, run: Run): void {
  if (zero && (operator === '/' || operator === '//' || operator === '%'))
    throw run.failed('division by zero');
}

function bitsOf(value: bigint): number {
  return BigInt.asIntN(64, value) === value ? 64 : value.toString(16).length * 4;
}

const WHOLES: Readonly<Record<Arithmetic, (a: bigint, b: bigint, run: Run) => bigint | number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': quotient,
  '//': floorDivide,
  '%': modulo,
  '**': wholePower,
};

function wholePower(a: bigint, b: bigint, run: Run): bigint | number {
  if (b < 0n) return power(floatOf(a, run), floatOf(b, run), run);
  if (b === 0n || a === 1n) return 1n;
  if (a === 0n || a === -1n) return b % 2n === 0n ? a * a : a;
  run.bits((a < 0n ? -a : a).toString(2).length * Number(b));
  return a ** b;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const cut = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? cut - 1n : cut;
}

/** With the sign of the divisor. */
export function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

/** The nearest float, however long the two are. */
function quotient(a: bigint, b: bigint, run: Run): number {
  if (BigInt.asIntN(53, a) === a && BigInt.asIntN(53, b) === b) return Number(a) / Number(b);
  const shift = Math.max(0, 68 + b.toString(2).length - a.toString(2).length);
  const scaled = (a < 0n ? -a : a) << BigInt(shift);
  const divisor = b < 0n ? -b : b;
  const size = nearestFloat((scaled / divisor) | (scaled % divisor === 0n ? 0n : 1n), -shift);
  if (!Number.isFinite(size)) throw run.failed('integer division result too large for a float');
  return a < 0n === b < 0n ? size : -size;
}

const FLOATS: Readonly<Record<Arithmetic, (a: number, b: number, run: Run) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': floorDivideFloats,
  '%': moduloFloats,
  '**': power,
};

function moduloFloats(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

function floorDivideFloats(a: number, b: number): number {
  const rest = a % b;
  const cut = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  if (cut === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const whole = Math.floor(cut);
  return cut - whole > 0.5 ? whole + 1 : whole;
}

function power(a: number, b: number, run: Run): number {
  if (a === 1 || b === 0) return 1;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === -1 && !Number.isNaN(b) ? 1 : a ** b;
  if (a === 0 && b < 0) throw run.failed('0.0 cannot be raised to a negative power');
  if (a === 0) return a ** b;
  if (a < 0 && !Number.isInteger(b))
    throw run.failed('a root of a negative number is a complex number, which templates have not');
  run.work(50);
  const size = powerOf(Math.abs(a), b);
  if (!Number.isFinite(size)) throw run.failed('Result too large');
  return a < 0 && b % 2 !== 0 ? -size : size;
}
