// Package api is the dashboard's HTTP JSON API: sign-in, projects, reports and
// the player's feed. All paths stand below /api/; docs/api.md lists them. The
// bodies are the types of report and store/meta.
//
// Errors are {"error": {"code": "...", "message": "...", "field": "..."}} with a
// message that says what to do; internals are never shown.
package api
