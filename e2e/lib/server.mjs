// The server under test: the real binary on a data directory of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './paths.mjs'

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** Polls until fn gives something truthy; throws with its last error or value otherwise. */
export async function until(what, fn, { timeout = 15_000, every = 100 } = {}) {
  const end = Date.now() + timeout
  let last
  for (;;) {
    try {
      last = await fn()
      if (last) return last
    } catch (e) {
      last = e
    }
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${timeout} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`)
    }
    await sleep(every)
  }
}

/** A running footpath. start() resolves once it answers. */
export class Server {
  static async start({ dir, port, args = [], command = 'serve', env = {} } = {}) {
    const bin = join(root, 'bin', 'footpath')
    if (!existsSync(bin)) throw new Error('bin/footpath is missing: make build')
    const s = new Server()
    s.own = !dir
    s.dir = dir ?? (await mkdtemp(join(tmpdir(), 'footpath-e2e-')))
    s.port = port ?? (await freePort())
    s.url = `http://127.0.0.1:${s.port}`
    const admin = await freePort()
    s.metrics = `http://127.0.0.1:${admin}/metrics`
    s.output = ''
    s.process = spawn(bin, [command, '-data', s.dir, '-listen', `127.0.0.1:${s.port}`, '-admin', `127.0.0.1:${admin}`, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    s.exited = new Promise((resolve) => s.process.on('exit', (code, signal) => resolve((s.exit = { code, signal }))))
    for (const stream of [s.process.stdout, s.process.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => (s.output += text))
    }
    await until('server start', async () => {
      if (s.exit) throw new Error(`exited ${JSON.stringify(s.exit)}: ${s.output}`)
      return (await fetch(`${s.url}/api/state`)).ok
    })
    return s
  }

  /** The one-time token that the first start prints for the set-up page. */
  setupToken() {
    const found = this.output.match(/(?:token[=: ]+|#|\/setup[/?#](?:token=)?)([A-Za-z0-9_-]{20,})/)
    if (!found) throw new Error(`no set-up token in: ${this.output}`)
    return found[1]
  }

  /** Ends it as an operator would; resolves when it has exited. */
  async stop() {
    if (!this.exit) this.process.kill('SIGTERM')
    const late = setTimeout(() => this.process.kill('SIGKILL'), 30_000)
    await this.exited
    clearTimeout(late)
    return this.exit
  }

  /** kill -9. */
  async kill() {
    this.process.kill('SIGKILL')
    await this.exited
  }

  /** Stops it and removes its data directory. */
  async dispose() {
    await this.stop()
    if (this.own) await rm(this.dir, { recursive: true, force: true })
  }
}
