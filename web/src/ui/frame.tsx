// The frame around every signed-in screen: the rail with projects and places, the
// banner when the network is away, and the live region.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { api, offline } from '../lib/api'
import { applyTheme, loadState, may, projects, spokenText, state, theme, type Theme } from '../lib/app'
import { Link, navigate, path } from '../lib/router'
import { Icon, Mark, type IconName } from './icons'

interface Place {
  to: string
  label: string
  icon: IconName
}

const places = (key: string): Place[] => [
  { to: `/p/${key}`, label: 'Overview', icon: 'overview' },
  { to: `/p/${key}/sessions`, label: 'Sessions', icon: 'sessions' },
  { to: `/p/${key}/install`, label: 'Install and check', icon: 'install' },
  { to: `/p/${key}/settings`, label: 'Settings', icon: 'settings' },
]

const general = (): Place[] => [
  { to: '/', label: 'Projects', icon: 'projects' },
  ...(may('owner')
    ? [
        { to: '/users', label: 'Users', icon: 'users' as const },
        { to: '/audit', label: 'Audit log', icon: 'audit' as const },
      ]
    : []),
]

function Places({ list, label }: { list: Place[]; label: string }) {
  const here = path.value
  const current = (to: string) => here === to || (to.endsWith('/sessions') && here.startsWith(`${to}/`))
  return (
    <nav aria-label={label}>
      <ul>
        {list.map((place) => (
          <li key={place.to}>
            <Link to={place.to} aria-current={current(place.to) ? 'page' : undefined}>
              <Icon name={place.icon} />
              {place.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Switcher({ projectKey }: { projectKey: string }) {
  const list = projects.value ?? []
  if (list.length === 0) return null
  return (
    <div class="switcher">
      <label for="switch-project">Project</label>
      <select
        id="switch-project"
        value={projectKey}
        onChange={(e) => {
          if (e.currentTarget.value) navigate(`/p/${e.currentTarget.value}`)
        }}
      >
        {projectKey === '' && <option value="">Choose a project…</option>}
        {list.map((p) => (
          <option key={p.key} value={p.key}>
            {p.name}
          </option>
        ))}
      </select>
    </div>
  )
}

const themeNames: Record<Theme, string> = { auto: 'as the system', light: 'light', dark: 'dark' }
const themeAfter: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }

/** ThemeButton goes round system, light, dark. */
export function ThemeButton({ class: className }: { class?: string }) {
  return (
    <button type="button" class={className} onClick={() => applyTheme(themeAfter[theme.value])}>
      <Icon name="theme" />
      Theme: {themeNames[theme.value]}
    </button>
  )
}

async function signOut(): Promise<void> {
  await api('POST', 'logout')
  projects.value = null
  navigate('/')
  await loadState()
}

function Foot() {
  const [failed, setFailed] = useState(false)
  return (
    <div class="rail-foot">
      <p class="rail-who">
        Signed in as <bdi>{state.value?.user?.name}</bdi>
      </p>
      <Link to="/account" aria-current={path.value === '/account' ? 'page' : undefined}>
        <Icon name="account" />
        Account and password
      </Link>
      <ThemeButton />
      <button type="button" onClick={() => void signOut().catch(() => setFailed(true))}>
        <Icon name="out" />
        Sign out
      </button>
      {failed && <p role="alert">Signing out did not reach the server. Try again.</p>}
    </div>
  )
}

/** Announcer is the page's one live region. */
export function Announcer() {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {spokenText.value}
    </p>
  )
}

/** Frame puts a screen into the dashboard. */
export function Frame({ projectKey, children }: { projectKey: string; children: ComponentChildren }) {
  const [open, setOpen] = useState(false)
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to main content
      </a>
      <header class="rail">
        <div class="rail-bar">
          <Link to="/" class="brand">
            <Mark />
            Footpath
          </Link>
          <button type="button" class="button small rail-menu" aria-expanded={open} aria-controls="rail-body" onClick={() => setOpen(!open)}>
            <Icon name={open ? 'close' : 'menu'} size={16} />
            Menu
          </button>
        </div>
        <div id="rail-body" class={`rail-body${open ? ' open' : ''}`} onClick={(e) => (e.target as Element).closest('a') && setOpen(false)}>
          <Switcher projectKey={projectKey} />
          {projectKey !== '' && <Places list={places(projectKey)} label="Project" />}
          <Places list={general()} label="Installation" />
          <Foot />
        </div>
      </header>
      <div>
        {offline.value && (
          <div class="banner" role="alert">
            <strong>No connection.</strong> What you see may be old. This page tries again by itself.
          </div>
        )}
        <main class="content" id="main" tabIndex={-1}>
          <div class="content-inner">{children}</div>
        </main>
      </div>
      <Announcer />
    </div>
  )
}
