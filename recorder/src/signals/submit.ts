// A form was submitted: that, and which.
import { describe } from '../element.ts';
import { listen, type Room, type Stop } from './room.ts';

/** submits starts the signal. */
export function submits(r: Room): Stop {
  return r.documents((d) => listen(d, 'submit', (e) => {
    r.active();
    r.emit('submit', { v: r.view(), e: describe(e.target as Element, r.text) });
  }));
}
