// Page is the head of a screen: it names the document, takes the focus when the
// screen was reached by a link, and holds the screen's actions.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

let arrived = false // the first screen leaves the focus where the browser put it

interface PageProps {
  title: string
  over?: ComponentChildren // a small line above the title
  actions?: ComponentChildren
  children?: ComponentChildren
}

/** Page heads a screen. */
export function Page({ title, over, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} – Footpath`
  }, [title])
  useEffect(() => {
    if (arrived) {
      heading.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    arrived = true
  }, [])
  return (
    <>
      <header class="head">
        <div>
          {over && <div class="over">{over}</div>}
          <h1 tabIndex={-1} ref={heading}>
            <bdi>{title}</bdi>
          </h1>
        </div>
        {actions && <div class="head-actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}
