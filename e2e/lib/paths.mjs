// Where things are, seen from the repository's root.
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** What suites write: bundles, dumps, pictures of failures. Not committed. */
export const out = join(root, 'e2e', 'out')
