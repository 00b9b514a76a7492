// Package web holds the dashboard: Preact and TypeScript in src, the built files
// in dist, which the binary embeds. The player is a document of its own with a
// policy of its own.
package web

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed all:dist
var dist embed.FS

// Handler serves the built dashboard.
func Handler(config Config) (http.Handler, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return newSite(config, built)
}
