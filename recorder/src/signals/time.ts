// How long a page view was visible, how long there was activity, how far it was
// scrolled: running totals, told anew with each chunk when they have changed.
import { listen, type Room, type Stop } from './room.ts';

// Activity reaches this far (wire.Time).
const REACH = 5000;

/** Timing is the running time signal. */
export interface Timing {
  /** tell emits the totals if they changed. */
  tell(): void;
  /** next starts the totals of a new page view. */
  next(): void;
  stop: Stop;
}

/** timing starts the signal. */
export function timing(r: Room): Timing {
  let visible = 0;
  let active = 0;
  let depth = 0;
  let since = 0; // visible since, or 0
  let act = 0; // latest activity while visible
  let told = '';
  const shown = (): boolean => document.visibilityState === 'visible';
  const now = (): number => performance.now();

  const settle = (): void => {
    const t = now();
    if (since) visible += t - since;
    since = shown() ? t : 0;
    if (act) {
      const upto = Math.min(t, act + REACH);
      if (upto > counted) active += upto - Math.max(counted, act);
      counted = Math.max(counted, upto);
    }
  };
  let counted = 0; // activity is counted up to here
  const touch = (): void => {
    if (!shown()) return;
    settle();
    act = now();
    r.active();
  };
  const scrolled = (): void => {
    const el = document.scrollingElement || document.documentElement;
    const size = el.scrollHeight;
    if (size > 0) depth = Math.max(depth, Math.min(10000, Math.round(((el.scrollTop + innerHeight) / size) * 10000)));
  };
  const tell = (): void => {
    settle();
    scrolled();
    const d = { v: r.view(), vis: Math.round(visible), act: Math.round(Math.min(active, visible)), dep: depth };
    const text = JSON.stringify(d);
    if (text !== told) r.emit('time', d);
    told = text;
  };
  let moved = 0;
  const stops = [
    r.documents((d) => listen(d, 'pointerdown keydown touchstart wheel', touch)),
    r.documents((d) => listen(d, 'mousemove scroll', () => {
      // Moves come by the hundred: four a second say as much.
      const t = now();
      if (t - moved < 250) return;
      moved = t;
      scrolled();
      touch();
    })),
    listen(document, 'visibilitychange', () => {
      settle();
      if (shown()) act = 0;
    }),
  ];
  settle();
  return {
    tell,
    next() {
      visible = active = depth = act = counted = 0;
      since = shown() ? now() : 0;
      told = '';
    },
    stop: () => stops.forEach((s) => s()),
  };
}
