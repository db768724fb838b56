// Text of a model or a file made safe to show on one's terminal. Knows no terminal.
import { isBlank } from './python.ts';

// Control sequences are just what must not reach the terminal.
/* oxlint-disable no-control-regex */
const CONTROL =
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-_])|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
/* oxlint-enable no-control-regex */

/** Text of a model or a file, without what a terminal would act upon. On disk it stays as it is. */
export function displayText(text: string): string {
  return text.replaceAll(CONTROL, '');
}

/** Whether nothing of a text can be seen: blanks, and letters without width such as U+200B. */
export function isInvisible(text: string): boolean {
  return /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u.test(text) || isBlank(text);
}
