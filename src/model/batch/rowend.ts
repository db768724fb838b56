// One row of a batch's results, as both shapes write it. Knows no file and no HTTP.
import { defined } from '../../defined.ts';
import { paidBeside } from '../client/completion.ts';
import { saysError } from '../client/failure.ts';
import { field, numberField, textField } from '../fields.ts';
import type { RowEnd } from './shape.ts';

/** A row's end in either shape: `response` holds status and body, or is the body; else `error` says why. */
export function rowEnd(row: unknown): readonly RowEnd[] {
  const customId = textField(row, 'custom_id');
  if (customId === undefined) return [];
  const response = field(row, 'response');
  const status = numberField(response, 'status_code');
  const body = field(response, 'body') ?? response;
  const beside = field(row, 'error');
  const inside = (status ?? 200) >= 400 ? (field(body, 'error') ?? body) : undefined;
  // Some put an empty error beside a whole answer, which is paid for.
  const error = saysError(beside) ? beside : inside;
  if (error !== undefined && error !== null) {
    const code = textField(error, 'code');
    const words = textField(error, 'message') ?? (typeof error === 'string' ? error : JSON.stringify(error));
    const why = code === undefined ? words : `${code}: ${words}`;
    return [{ customId, error: why, ...defined({ status }), ...paidBeside(body) }];
  }
  if (body === undefined || body === null) return [{ customId, error: 'neither an answer nor an error' }];
  const requestId = textField(response, 'request_id');
  return [{ customId, body, ...defined({ requestId }) }];
}
