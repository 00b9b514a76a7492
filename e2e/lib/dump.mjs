// Opens a stopped server's data directory with its keys and writes everything it
// holds as plain files, for the byte search and for counting.
import { execFile } from 'node:child_process'
import { mkdir, rm, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { out, root } from './paths.mjs'

const run = promisify(execFile)

/** Dumps into e2e/out/dump-name and returns that folder. */
export async function dump(dir, name) {
  const to = join(out, `dump-${name}`)
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  await run('go', ['run', './e2e/dump', '-data', dir, '-out', to], { cwd: root, maxBuffer: 64 << 20 })
  return to
}

/** The chunks of a dump: [{project, session, record, seq, flags, events}]. */
export async function chunks(folder) {
  const text = await readFile(join(folder, 'journal.jsonl'), 'utf8')
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
}
