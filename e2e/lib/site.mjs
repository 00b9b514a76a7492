// The site that is measured: pages of our own on loopback names, under a strict
// Content-Security-Policy that names one foreign origin, the collector's.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { join, extname } from 'node:path'
import { out, root } from './paths.mjs'

const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.svg': 'image/svg+xml' }

/** The policy that the recorder must work under. */
export const policy = (collector) =>
  `default-src 'none'; script-src 'self' ${collector}; connect-src ${collector}; style-src 'self' 'unsafe-inline'; ` +
  `img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'`

/**
 * Serves pages: a map from path to HTML, or to a function of the request that
 * gives { status, headers, body }. /e2e/x.js is a bundle from e2e/out.
 */
export async function startSite(pages, { csp = '' } = {}) {
  const hits = []
  const server = createServer(async (req, res) => {
    const path = new URL(req.url, 'http://x').pathname
    hits.push({ method: req.method, host: req.headers.host, path })
    try {
      const page = pages[path]
      let answer
      if (typeof page === 'function') answer = await page(req)
      else if (typeof page === 'string') answer = { body: page }
      else if (path.startsWith('/e2e/')) answer = { type: extname(path), body: await readFile(join(out, path.slice(5))) }
      else if (path.startsWith('/govuk/')) answer = { type: extname(path), body: await readFile(join(root, 'node_modules/govuk-frontend/dist/govuk', path.slice(7))) }
      else if (path === '/favicon.ico') answer = { status: 204 }
      else answer = { status: 404, body: 'no such page' }
      const headers = { 'Content-Type': types[answer.type ?? extname(path)] ?? types['.html'], 'Cache-Control': 'no-store' }
      if (csp && headers['Content-Type'].startsWith('text/html')) headers['Content-Security-Policy'] = csp
      res.writeHead(answer.status ?? 200, { ...headers, ...answer.headers })
      res.end(answer.body ?? '')
    } catch (e) {
      res.writeHead(500)
      res.end(String(e))
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  return {
    port,
    hits,
    origin: (host = 'site.localhost') => `http://${host}:${port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
