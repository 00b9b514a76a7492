// The public text set: what anybody could read on the site, as hashes.
import type { Handoff } from './handoff.ts';
import { decodeTexts } from './mask/text.ts';

// A set that is late is done without: texts are then masked, as they would be if unknown.
const PATIENCE = 1500;

/** fetchTexts gets the set that the configuration names; on any trouble, none. */
export async function fetchTexts(h: Handoff): Promise<{ version: string; texts: Map<number, number> }> {
  const none = { version: '', texts: new Map<number, number>() };
  const version = h.config.texts;
  if (!version) return none;
  const got = fetch(`${h.host}/v1/texts/${h.key}/${encodeURIComponent(version)}`, { credentials: 'omit', referrerPolicy: 'no-referrer' })
    .then(async (r) => {
      const t = await r.json() as { v: string; h: string };
      return t.v === version ? { version, texts: decodeTexts(t.h) } : none;
    })
    .catch(() => none);
  return Promise.race([got, new Promise<typeof none>((done) => setTimeout(done, PATIENCE, none))]);
}
