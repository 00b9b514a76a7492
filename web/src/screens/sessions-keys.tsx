// Keys of the sessions list. They act only while single-key shortcuts are on and
// nothing is being typed.

import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { setShortcuts, shortcuts } from '../lib/app'
import { Choice } from '../ui/form'

/** typing says whether a key belongs to a field or a dialog. */
export function typing(event: KeyboardEvent): boolean {
  const node = event.target as HTMLElement
  return event.ctrlKey || event.metaKey || event.altKey || node.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName) || node.closest('dialog') !== null
}

/** useListKeys moves the focus among the rows' links. */
export function useListKeys(box: RefObject<HTMLElement | null>, help: () => void): void {
  useEffect(() => {
    const move = (by: number) => {
      const links = [...(box.current?.querySelectorAll<HTMLAnchorElement>('a.row-link') ?? [])]
      const here = links.indexOf(document.activeElement as HTMLAnchorElement)
      const next = here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + by))
      links[next]?.focus()
      links[next]?.scrollIntoView({ block: 'nearest' })
    }
    const press = (event: KeyboardEvent) => {
      if (!shortcuts.value || typing(event)) return
      if (event.key === 'j') move(1)
      else if (event.key === 'k') move(-1)
      else if (event.key === '/') document.getElementById('filter-page')?.focus()
      else if (event.key === '?') help()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

interface HelpProps {
  open: boolean
  close: () => void
  title: string
  keys: [string, string][]
}

/** KeyHelp is a dialog that lists keys and switches them off. */
export function KeyHelp({ open, close, title, keys }: HelpProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal()
    if (!open && dialog.current?.open) dialog.current.close()
  }, [open])
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={close}>
      {open && (
        <div class="stack-l">
          <h2 id="keys-title">{title}</h2>
          <dl class="facts">
            {keys.map(([key, text]) => (
              <>
                <dt>
                  {key.split(' ').map((k) => (
                    <>
                      <kbd>{k}</kbd>{' '}
                    </>
                  ))}
                </dt>
                <dd>{text}</dd>
              </>
            ))}
          </dl>
          <Choice type="checkbox" name="keys-on" checked={shortcuts.value} label="Single-key shortcuts" hint="Kept on this device." onChange={setShortcuts} />
          <div>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
        </div>
      )}
    </dialog>
  )
}

/** ListHelp lists the keys of the sessions list. */
export function ListHelp({ open, close }: { open: boolean; close: () => void }) {
  return (
    <KeyHelp
      open={open}
      close={close}
      title="Keys in this list"
      keys={[
        ['j k', 'next and previous session'],
        ['Enter', 'open the session'],
        ['/', 'to the filters'],
        ['?', 'this help'],
      ]}
    />
  )
}
