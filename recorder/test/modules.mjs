// The recorder's modules for node: TypeScript's own emit into recorder/out, which
// is not committed. Importing this file builds once per process.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
execFileSync(process.execPath, [root + 'node_modules/typescript/bin/tsc', '-p', 'recorder/tsconfig.test.json'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

/** module imports one source file as node runs it. */
export const module = (name) => import(new URL(`../out/${name}.js`, import.meta.url));
