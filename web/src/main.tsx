// The dashboard: which screen belongs to which address, and who may see it.

import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import './css/tokens.css'
import './css/base.css'
import './css/frame.css'
import './css/parts.css'
import './css/screens.css'
import './css/session.css'
import { asError, expired } from './lib/api'
import { applyTheme, loadProjects, loadState, may, projects, state, theme } from './lib/app'
import { useLoad } from './lib/load'
import { match, path } from './lib/router'
import type { Project } from './lib/types'
import { Frame } from './ui/frame'
import { Page } from './ui/page'
import { Failure, NotFoundNote, Skeleton, Waiting } from './ui/states'
import { Account } from './screens/account'
import { Audit } from './screens/audit'
import { Login, Setup } from './screens/doors'
import { Install } from './screens/install'
import { Overview } from './screens/overview'
import { NewProject, Projects } from './screens/projects'
import { Session } from './screens/session'
import { Sessions } from './screens/sessions'
import { Settings } from './screens/settings'
import { Users } from './screens/users'

type Render = (project: Project, params: Record<string, string>) => preact.JSX.Element

const projectScreens: [string, Render][] = [
  ['/p/:key', (p) => <Overview key={p.key} project={p} />],
  ['/p/:key/sessions', (p) => <Sessions key={p.key} project={p} />],
  ['/p/:key/sessions/:id', (p, found) => <Session key={found.id} project={p} id={found.id!} />],
  ['/p/:key/install', (p) => <Install key={p.key} project={p} />],
  ['/p/:key/settings', (p) => <Settings key={p.key} project={p} />],
]

const generalScreens: [string, () => preact.JSX.Element, boolean][] = [
  ['/', () => <Projects />, false],
  ['/projects/new', () => <NewProject />, true],
  ['/account', () => <Account />, false],
  ['/users', () => <Users />, true],
  ['/audit', () => <Audit />, true],
]

function NotFound() {
  return (
    <>
      <Page title="Page not found" />
      <NotFoundNote />
    </>
  )
}

function Forbidden() {
  return (
    <>
      <Page title="Only for owners" />
      <div class="note">
        <p>Your role is {state.value?.user?.role}. Ask an owner of this installation to do this, or to change your role.</p>
      </div>
    </>
  )
}

function ProjectScreen({ projectKey, children }: { projectKey: string; children: (project: Project) => preact.JSX.Element }) {
  const load = useLoad('projects', async () => {
    if (!projects.value) await loadProjects()
    return true
  })
  const project = projects.value?.find((p) => p.key === projectKey)
  if (project) return children(project)
  if (load.error) return <Failure error={load.error} retry={load.reload} />
  if (!projects.value) {
    return (
      <Waiting what="the project">
        <Skeleton lines={4} height={48} />
      </Waiting>
    )
  }
  return (
    <>
      <Page title="No such project" />
      <NotFoundNote />
    </>
  )
}

function Screen() {
  const here = path.value
  for (const [pattern, draw, owner] of generalScreens) {
    if (match(pattern, here)) return <Frame projectKey="">{owner && !may('owner') ? <Forbidden /> : draw()}</Frame>
  }
  for (const [pattern, draw] of projectScreens) {
    const found = match(pattern, here)
    if (!found) continue
    return (
      <Frame projectKey={found.key!}>
        <ProjectScreen projectKey={found.key!}>{(p) => draw(p, found)}</ProjectScreen>
      </Frame>
    )
  }
  return (
    <Frame projectKey="">
      <NotFound />
    </Frame>
  )
}

/** App asks who is there, then shows a door or a screen. */
function App() {
  const load = useLoad('state', async () => {
    await loadState()
    return true
  })
  const signedIn = state.value?.user && !expired.value
  useEffect(() => {
    if (signedIn) void loadProjects().catch((cause) => asError(cause)) // the screen that needs them says so
  }, [Boolean(signedIn)])
  if (!state.value) {
    return (
      <main class="door">
        {load.error ? (
          <Failure error={load.error} retry={load.reload} />
        ) : (
          <p class="muted" role="status">
            Loading…
          </p>
        )}
      </main>
    )
  }
  if (state.value.setup) return <Setup />
  return signedIn ? <Screen /> : <Login />
}

applyTheme(theme.value)
render(<App />, document.getElementById('app')!)
