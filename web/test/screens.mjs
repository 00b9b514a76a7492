// Every screen and state that is checked: its address below the mock, the world
// it is in, and what to do before looking.

import { project, rows, silent } from './data.mjs'

const p = `p/${project().key}`
const quiet = `p/${silent().key}`
const plays = rows.find((r) => r.hasReplay && !r.live && r.errors > 0) ?? rows[4]
const text = (tab, t) => tab.getByText(t).first().waitFor()

export const screens = [
  { name: 'setup', path: '', world: { setup: true }, act: (tab) => tab.getByLabel('Set-up token').waitFor() },
  { name: 'setup-errors', path: '', world: { setup: true }, act: async (tab) => { await tab.getByRole('button', { name: 'Create' }).click(); await text(tab, 'There is a problem') } },
  { name: 'login', path: `${p}/sessions`, world: { signedOut: true }, act: (tab) => tab.getByLabel('Password').waitFor() },
  {
    name: 'login-wait', path: '', world: { signedOut: true, tries: 5 },
    act: async (tab) => { await tab.getByLabel('User name').fill('alex'); await tab.getByLabel('Password').fill('wrong'); await tab.getByRole('button', { name: 'Sign in' }).click(); await text(tab, 'Wait') },
  },
  { name: 'projects', path: '', act: (tab) => tab.getByRole('heading', { name: 'Library renewals' }).waitFor() },
  { name: 'projects-none', path: '', world: { projects: [] }, act: (tab) => text(tab, 'Start with one site') },
  { name: 'new-project', path: 'projects/new', act: (tab) => tab.getByLabel('Domains').waitFor() },
  { name: 'new-project-errors', path: 'projects/new', act: async (tab) => { await tab.getByRole('button', { name: 'Create project' }).click(); await text(tab, 'There is a problem') } },
  { name: 'install', path: `${p}/install`, act: (tab) => text(tab, 'Receiving data') },
  { name: 'install-waiting', path: `${quiet}/install`, world: { pulse: { state: 'waiting', script: Date.now() - 4000, config: Date.now() - 4000 } }, act: (tab) => text(tab, 'waiting for consent') },
  { name: 'settings', path: `${p}/settings`, act: (tab) => tab.getByLabel('Name', { exact: true }).waitFor() },
  { name: 'settings-changed', path: `${quiet}/settings`, act: async (tab) => { await tab.getByLabel('As Smartlook').check(); await tab.getByRole('button', { name: 'Save settings' }).click(); await text(tab, 'There is a problem') } },
  { name: 'settings-delete', path: `${p}/settings`, full: false, act: async (tab) => { await tab.getByRole('button', { name: 'Delete project' }).click(); await text(tab, 'Delete for good') } },
  { name: 'overview', path: p, act: (tab) => tab.locator('.series canvas').waitFor() },
  { name: 'overview-table', path: `${p}?as=table&range=12m`, act: (tab) => tab.locator('.day-table').waitFor() },
  { name: 'overview-views', path: `${p}?measure=pageViews&from=2026-11-01&to=2026-11-20`, act: (tab) => tab.locator('.series canvas').waitFor() },
  { name: 'overview-empty', path: quiet, act: (tab) => text(tab, 'No visits') },
  { name: 'overview-broken', path: p, world: { broken: 500 }, act: (tab) => text(tab, 'Try again') },
  { name: 'overview-loading', path: p, world: { slow: 1500 }, act: (tab) => tab.locator('.figures').waitFor() },
  { name: 'sessions', path: `${p}/sessions`, full: false, act: (tab) => text(tab, '137 sessions') },
  { name: 'sessions-filtered', path: `${p}/sessions?device=mobile&min=30000&sort=-active&browser=Safari+26`, act: (tab) => text(tab, 'Remove all') },
  { name: 'sessions-none', path: `${p}/sessions?device=mobile&page=nothing`, act: (tab) => text(tab, 'No session matches') },
  { name: 'sessions-empty', path: `${quiet}/sessions`, act: (tab) => text(tab, 'No visits') },
  { name: 'sessions-help', path: `${p}/sessions`, full: false, act: async (tab) => { await text(tab, '137 sessions'); await tab.keyboard.press('?'); await text(tab, 'Keys in this list') } },
  { name: 'player', path: `${p}/sessions/${rows[4].id}?t=3`, act: async (tab) => { await tab.getByRole('button', { name: 'Play', exact: true }).waitFor(); await tab.waitForTimeout(400) } },
  { name: 'player-form', path: `${p}/sessions/${rows[4].id}?record=${rows[4].id}-1&t=3.8`, act: (tab) => tab.waitForTimeout(900) },
  { name: 'player-pages', path: `${p}/sessions/${rows[4].id}?tab=pages`, act: (tab) => tab.waitForTimeout(800) },
  { name: 'player-details', path: `${p}/sessions/${plays.id}?tab=details`, act: (tab) => tab.waitForTimeout(800) },
  { name: 'player-transcript', path: `${p}/sessions/${plays.id}?tab=transcript`, act: (tab) => tab.waitForTimeout(800) },
  { name: 'player-live', path: `${p}/sessions/${rows[0].id}`, act: (tab) => tab.waitForTimeout(1200) },
  { name: 'player-none', path: `${p}/sessions/${rows[3].id}`, act: (tab) => text(tab, 'No replay of this session') },
  { name: 'player-gone', path: `${p}/sessions/nosuchsession00000000`, act: (tab) => text(tab, 'Nothing here') },
  { name: 'account', path: 'account', act: (tab) => tab.getByLabel('New password').waitFor() },
  { name: 'users', path: 'users', act: (tab) => text(tab, 'Add a user') },
  { name: 'audit', path: 'audit', act: (tab) => text(tab, 'newest first') },
  { name: 'not-found', path: 'no/such/page/here', act: (tab) => text(tab, 'Page not found') },
]
