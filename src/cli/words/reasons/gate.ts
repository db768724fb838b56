// What a quality gate found, a line for each of its conditions. Decides nothing.
import type { ConditionVerdict, GateVerdict } from '../../../scores/gate/verdict.ts';
import { plural } from '../../../text/amounts.ts';

/** `gate met: mean >= 6 (6.4; 95 %: …)`; where there are several conditions, a last line says what they come to. */
export function gateLines({ met, conditions }: GateVerdict): readonly string[] {
  const failed = conditions.filter((each) => !each.met).length;
  const lines = conditions.map((each) => {
    const verdict = each.met ? 'met' : each.tooFew ? 'not met, too few to tell' : 'not met';
    return `gate ${verdict}: ${each.condition} (${foundWords(each)})`;
  });
  if (conditions.length === 1) return lines;
  return [
    ...lines,
    met
      ? 'all conditions of the gate are met'
      : `${failed} of ${conditions.length} conditions of the gate not met`,
  ];
}

function foundWords(found: ConditionVerdict): string {
  const { measure, value, interval, evaluations, scored, clustering, clusters, tooFew } = found;
  if (measure === 'n') return `${plural(scored, 'score')} of ${plural(evaluations, 'evaluation')}`;
  const unit = measure === 'failures' ? ' %' : '';
  const show = (number: number): string => `${number.toFixed(2).replace(/\.?0+$/, '')}${unit}`;
  const evidence = `${tooFew ? 'too few for an interval: ' : ''}${plural(clusters, clustering)}`;
  return [
    value === undefined ? 'no score' : show(value),
    ...(interval === undefined
      ? []
      : [`95 %: ${show(interval.low)} to ${show(interval.high)}, ${surenessWords(found)}`]),
    measure === 'failures'
      ? `${evaluations - scored} of ${evaluations} without a current score`
      : plural(scored, 'score'),
    evidence,
  ].join('; ');
}

function surenessWords({ sure, met }: ConditionVerdict): string {
  if (sure === true) return 'all of it meets this';
  return met ? 'not all of it meets this' : 'which does not surely meet this';
}
