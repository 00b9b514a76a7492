// Bundles browser code with esbuild's Go API (tools/bundle), as a customer's own
// build would.
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { out, root } from './paths.mjs'

const run = promisify(execFile)

/** Bundles a file of the repository into e2e/out/name. */
export async function bundle(entry, name, more = []) {
  await mkdir(out, { recursive: true })
  await run('go', ['run', '-C', 'tools', './bundle', '-entry', entry, '-out', `e2e/out/${name}`, ...more], { cwd: root })
  return `${out}/${name}`
}
