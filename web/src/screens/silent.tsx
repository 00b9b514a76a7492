// When there is nothing to show, the reason: what the site was last heard to do.

import { Link } from '../lib/router'
import { may } from '../lib/app'
import type { Project } from '../lib/types'
import { PulseBox } from './pulse'

/** SilentSite diagnoses an empty report. */
export function SilentSite({ project, where }: { project: Project; where: string }) {
  return (
    <section class="card empty">
      <h2>No visits {where}</h2>
      <PulseBox project={project} />
      <ul class="stack plain-list">
        <li>
          Is the snippet on the page? <Link to={`/p/${project.key}/install`}>Copy it and check live</Link>.
        </li>
        {project.sampling < 10_000 && (
          <li>
            {project.sampling / 100}% of sessions are recorded; a few visits of your own may all be left out. {may('owner') && <Link to={`/p/${project.key}/settings`}>Change sampling</Link>}
          </li>
        )}
        {!project.bots && <li>Automated browsers are left out. Look at your site with a browser of your own.</li>}
        <li>Events are kept for {project.eventMonths} months; earlier days are gone.</li>
      </ul>
    </section>
  )
}
