// What the browser suites share; one file per noun in lib/.
export * from './lib/api.mjs'
export * from './lib/browser.mjs'
export * from './lib/bundle.mjs'
export * from './lib/dump.mjs'
export * from './lib/paths.mjs'
export * from './lib/search.mjs'
export * from './lib/server.mjs'
export * from './lib/site.mjs'
