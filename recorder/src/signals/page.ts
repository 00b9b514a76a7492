// Page views after the first: those a script makes (history, navigation()) and
// those that come back from the browser's own cache.
import { listen, type Stop } from './room.ts';

/** Turn says that another page view begins, how, and at which address. */
export type Turn = (nav: 'virtual' | 'bfcache', url: string) => void;

/** pages starts the signal. */
export function pages(turn: Turn): Stop {
  let path = location.pathname;
  let query = location.search;
  const look = (pushed: boolean): void => {
    // Replacing the query is bookkeeping of the same page; a new path is not.
    const other = location.pathname !== path || (pushed && location.search !== query);
    path = location.pathname;
    query = location.search;
    if (other) turn('virtual', location.href);
  };
  const patch = (name: 'pushState' | 'replaceState'): Stop => {
    const original = history[name];
    const ours: History['pushState'] = function (this: History, ...args) {
      original.apply(this, args);
      try {
        if (on) look(name === 'pushState');
      } catch { /* the page's navigation has happened all the same */ }
    };
    let on = true;
    history[name] = ours;
    return () => {
      on = false;
      if (history[name] === ours) history[name] = original;
    };
  };
  const stops = [
    patch('pushState'), patch('replaceState'),
    listen(window, 'popstate', () => look(true)),
    listen(window, 'pageshow', (e) => {
      if ((e as PageTransitionEvent).persisted) turn('bfcache', location.href);
    }),
  ];
  return () => stops.forEach((s) => s());
}
