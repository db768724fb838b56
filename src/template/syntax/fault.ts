// What goes wrong inside a template, on its way to becoming a problem at the door. Knows nothing of files.
import type { Code } from '../../errors.ts';
import type { Position } from './tree.ts';

export interface FaultDetails {
  readonly code: Extract<Code, 'DD401' | 'DD402' | 'DD404' | 'DD405' | 'DD491'>;
  readonly at: Position | undefined;
  readonly cure?: string;
  /** The names of templates that are not there. */
  readonly names?: readonly string[];
}

/** Thrown while a template is read or rendered, and caught at the door in all cases. */
export class TemplateFault extends Error {
  readonly details: FaultDetails;

  constructor(message: string, details: FaultDetails) {
    super(message);
    this.name = 'TemplateFault';
    this.details = details;
  }
}

export function syntaxFault(message: string, at: Position, cure?: string): TemplateFault {
  return new TemplateFault(message, cure === undefined ? { code: 'DD401', at } : { code: 'DD401', at, cure });
}
