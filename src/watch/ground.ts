// Whether there is a data root to work on, and whether it is still this watch's. Knows no state and no plan.
import type { Hold } from '../store/lock.ts';

/** True while there is; tells of it, and gives false, where the lock is in other hands. */
export function groundOf(check: Hold['check'] | undefined, onLost: (error: unknown) => void): () => boolean {
  return () => {
    try {
      return check === undefined || check() === 'there';
    } catch (error) {
      onLost(error);
      return false;
    }
  };
}
