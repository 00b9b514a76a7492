package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
)

// serveFile writes a body that is the same for everybody, or says that the
// browser's copy is current.
func serveFile(w http.ResponseWriter, r *http.Request, kind, cache string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that is gone asks again
}
