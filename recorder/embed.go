// Package recorder holds the script that runs in a visitor's browser, as built by
// tools/dist from recorder/src and committed under recorder/dist.
//
// The collector serves it like this:
//
//   - Loader at /recorder.js, the path that Smartlook's clients ask for: they build
//     it as new URL('/recorder.js', relayProxyUrl), so it stands at the root of an
//     origin (or behind a prefix for our own snippet, which carries the whole
//     address). It changes with an upgrade: a short max-age, and
//     Access-Control-Allow-Origin: *, because the tag says crossorigin=anonymous.
//   - Core at the path it returns, which names its content: immutable, for a year,
//     with the same CORS header, without which the integrity check fails. The path
//     and the hash go into wire.Config as Core and CoreSRI.
//   - Answers to POST /v1/chunks need Access-Control-Expose-Headers:
//     Footpath-Reason, Retry-After; the recorder reads both.
//
// Its tests are run by node: each file of recorder/test by itself, as in
// node --test recorder/test/gate.test.mjs; they build recorder/out for themselves.
package recorder

import (
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"sync"
)

//go:embed dist/recorder.js
var loader []byte

//go:embed dist/recorder-core.js
var core []byte

// Loader is the first stage, served at /recorder.js. The caller must not change it.
func Loader() []byte { return loader }

// names computes Core's path and integrity once.
var names = sync.OnceValues(func() (path, sri string) {
	name := sha256.Sum256(core)
	sum := sha512.Sum384(core)
	return "/recorder-core." + hex.EncodeToString(name[:])[:12] + ".js", "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
})

// Core is the second stage: its path, which changes with its content, its bytes
// and the value of the integrity attribute that the loader demands.
func Core() (path string, body []byte, sri string) {
	path, sri = names()
	return path, core, sri
}
