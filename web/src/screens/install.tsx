// Install and check: the snippet to paste, the one address that a Smartlook
// customer changes, the line for the Content-Security-Policy, and the live check.

import { get } from '../lib/api'
import { useLoad } from '../lib/load'
import type { Project, Snippet } from '../lib/types'
import { CopyBlock } from '../ui/form'
import { Page } from '../ui/page'
import { Failure, Skeleton, Waiting } from '../ui/states'
import { PulseBox } from './pulse'

/** Snippets shows the three texts to copy. */
export function Snippets({ project }: { project: Project }) {
  const snippet = useLoad<Snippet>(`snippet/${project.key}/${project.revision}`, (s) => get(`projects/${encodeURIComponent(project.key)}/snippet`, s))
  if (snippet.error && !snippet.data) return <Failure error={snippet.error} retry={snippet.reload} />
  if (!snippet.data) {
    return (
      <Waiting what="the snippet">
        <Skeleton lines={8} />
      </Waiting>
    )
  }
  return (
    <div class="stack-l">
      <section class="card">
        <div class="card-body stack">
          <h2>1. Put this on every page</h2>
          <p class="muted">As high in the head element as you can; it loads without holding the page up. Until a visitor agrees it sets no cookie and sends no data.</p>
          <CopyBlock text={snippet.data.tag} label="Tag for HTML" />
          <p class="muted">Does your site call footpath() before the recorder has come, to track an event or to tell consent? Then use this form, which keeps such calls until they can be run.</p>
          <CopyBlock text={snippet.data.html} label="Script for HTML, with a queue for early calls" />
        </div>
      </section>
      <section class="card">
        <div class="card-body stack">
          <h2>Or: you have Smartlook’s npm client already</h2>
          <p class="muted">Keep it. Change one address; every other call of yours stays as it is.</p>
          <CopyBlock text={snippet.data.npm} label="Line for the npm client" />
        </div>
      </section>
      <section class="card">
        <div class="card-body stack">
          <h2>2. If the site has a Content-Security-Policy</h2>
          <p class="muted">Add these sources to it. The tag needs nothing else: no inline script, no eval, no third party. The script with the queue stands inline: give it the nonce of your policy.</p>
          <CopyBlock text={snippet.data.csp} label="Sources for the Content-Security-Policy" />
        </div>
      </section>
    </div>
  )
}

/** Install is the page. */
export function Install({ project }: { project: Project }) {
  return (
    <>
      <Page title="Install and check" over={<bdi>{project.name}</bdi>} />
      <div class="columns-install">
        <section class="stack" aria-labelledby="pulse-title">
          <h2 id="pulse-title">Have we heard from your site yet?</h2>
          <PulseBox project={project} />
        </section>
        <Snippets project={project} />
      </div>
    </>
  )
}
