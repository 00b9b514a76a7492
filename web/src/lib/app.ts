// What the whole dashboard knows: who is signed in, the projects, the theme, and
// what is said aloud to screen readers.

import { signal } from '@preact/signals'
import { expired, get } from './api'
import type { Project, Role, State } from './types'

/** The installation and the user; null until asked. */
export const state = signal<State | null>(null)
/** The projects; null until asked. */
export const projects = signal<Project[] | null>(null)

/** loadState asks who is signed in. */
export async function loadState(): Promise<void> {
  state.value = await get<State>('state')
  expired.value = false
}

/** loadProjects asks for the projects again. */
export async function loadProjects(): Promise<void> {
  const answer = await get<{ projects: Project[] | null }>('projects')
  projects.value = answer.projects ?? []
}

/** putProject keeps a changed project in the list. */
export function putProject(changed: Project): void {
  const list = projects.value ?? []
  const known = list.some((p) => p.key === changed.key)
  projects.value = known ? list.map((p) => (p.key === changed.key ? changed : p)) : [...list, changed]
}

const rank: Record<Role, number> = { viewer: 0, analyst: 1, owner: 2 }

/** may says whether the user's role reaches so far; the server decides again. */
export const may = (role: Role): boolean => rank[state.value?.user?.role ?? 'viewer'] >= rank[role]

/** Themes: auto follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

const themeName = 'footpath-theme'

function storedTheme(): Theme {
  try {
    const kept = localStorage.getItem(themeName)
    return kept === 'light' || kept === 'dark' ? kept : 'auto'
  } catch {
    return 'auto' // storage may be blocked; the system's theme then
  }
}

export const theme = signal<Theme>(storedTheme())

/** applyTheme shows a theme and keeps it on this device. */
export function applyTheme(next: Theme): void {
  theme.value = next
  if (next === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
  try {
    if (next === 'auto') localStorage.removeItem(themeName)
    else localStorage.setItem(themeName, next)
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** Single-key shortcuts can be switched off (WCAG 2.1.4). */
const keysName = 'footpath-keys'

function storedKeys(): boolean {
  try {
    return localStorage.getItem(keysName) !== 'off'
  } catch {
    return true
  }
}

export const shortcuts = signal(storedKeys())

/** setShortcuts switches single-key shortcuts on this device. */
export function setShortcuts(on: boolean): void {
  shortcuts.value = on
  try {
    localStorage.setItem(keysName, on ? 'on' : 'off')
  } catch {
    // As with the theme.
  }
}

/** What the live region says. */
export const spokenText = signal('')

/** say has screen readers read a text, politely. */
export function say(text: string): void {
  spokenText.value = ''
  setTimeout(() => {
    spokenText.value = text
  }, 50) // a region that gets the same text twice stays silent
}
