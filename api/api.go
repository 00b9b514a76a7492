// Package api is the dashboard's HTTP JSON API: set-up, sign-in, users, projects,
// reports, the player's feed and the audit log. All paths stand below /api/; the
// table in routes.go is the list, docs/api.md the manual and docs/openapi.json the
// description for programs. The bodies are the types of report and store/meta.
//
// Errors are {"error": {"code": "...", "message": "...", "field": "..."}} with a
// message that says what to do; internals are never shown.
package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/auth"
	"footpath/internal/httpx"
	"footpath/internal/obs"
	"footpath/report"
	"footpath/store/meta"
	"footpath/wire"
)

// Config is how the API is reached and what it says of itself.
type Config struct {
	// Prefix is the path below which everything stands ("/footpath"), or empty.
	Prefix string
	// PublicURL is the address visitors and team use ("https://host/footpath"); when
	// empty, each request's own.
	PublicURL string
	// TrustedProxies are addresses or networks whose forwarding headers are believed.
	TrustedProxies []string
	// InsecureHTTP allows sign-in over plain http on a host other than loopback.
	InsecureHTTP bool
	Version      string
	Demo         bool
}

// Reports is what the API asks of package report; *report.Reports answers it.
type Reports interface {
	Overview(ctx context.Context, p meta.Project, r report.Range) (report.Overview, error)
	Sessions(ctx context.Context, p meta.Project, f report.SessionFilter) (report.SessionList, error)
	Facets(ctx context.Context, p meta.Project, r report.Range) (report.Facets, error)
	Session(ctx context.Context, p meta.Project, session wire.ID) (report.SessionRow, error)
	Steps(ctx context.Context, p meta.Project, session wire.ID) ([]report.Step, error)
	Records(ctx context.Context, p meta.Project, session wire.ID) ([]report.Record, error)
	RecordEvents(ctx context.Context, p meta.Project, session, record wire.ID, after int) (report.Feed, error)
}

// Deps is what the API works with. Now and Logger may be nil.
type Deps struct {
	Meta       meta.Store
	Reports    Reports
	Eraser     Eraser
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// API is the dashboard's server side.
type API struct {
	config Config
	Deps
	peers    httpx.Peers
	observer *httpx.Observer
	metrics  metrics
	hasher   *auth.Hasher
	backoff  *auth.Backoff
	looks    looks
	secret   []byte     // keys the clients' hashes; of this process only
	setUp    sync.Mutex // one first user
	owners   sync.Mutex // the last owner stays
	projects sync.Mutex // a change is compared with what it changes
	routes   []route

	description []byte // OpenAPI
}

// hashing is how many passwords are hashed at a time: 19 MiB each, and two cores
// are what a small machine has.
const hashing = 2

// New makes the API; it starts nothing.
func New(config Config, deps Deps) (*API, error) {
	peers, err := httpx.NewPeers(config.PublicURL, config.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("make api: %w", err)
	}
	if config.Prefix != "" && !strings.HasPrefix(config.Prefix, "/") {
		return nil, fmt.Errorf("make api: path prefix %q: start it with /", config.Prefix)
	}
	config.Prefix = strings.TrimRight(config.Prefix, "/")
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Logger == nil {
		deps.Logger = obs.Discard()
	}
	a := &API{
		config: config, Deps: deps, peers: peers,
		observer: httpx.NewObserver("api", deps.Registerer, deps.Logger, deps.Now),
		metrics:  newMetrics(deps.Registerer),
		hasher:   auth.NewHasher(hashing), backoff: auth.NewBackoff(),
		looks:  looks{seen: map[look]time.Time{}},
		secret: make([]byte, 32),
	}
	_, _ = rand.Read(a.secret) // never fails (crypto/rand)
	a.routes = a.table()
	if a.description, err = OpenAPI(); err != nil {
		return nil, err
	}
	return a, nil
}

// Handler serves everything below <prefix>/api/.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range a.routes {
		mux.Handle(rt.method+" "+a.config.Prefix+rt.path, a.observer.Wrap(rt.method+" "+rt.path, a.serve(rt)))
	}
	mux.Handle("/", a.observer.Wrap("other", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.nothing(w, r, mux)
	})))
	return httpx.SecureHeaders(mux, a.peers)
}

// nothing answers what no route does: 405 where another method would do.
func (a *API) nothing(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		probe := r.Clone(r.Context())
		probe.Method = method
		if _, pattern := mux.Handler(probe); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		httpx.WriteError(w, httpx.Errorf(http.StatusMethodNotAllowed, "method", "This address takes %s.", strings.Join(allowed, " or ")))
		return
	}
	httpx.WriteError(w, httpx.Errorf(http.StatusNotFound, "not-found", "There is no such address in the API. docs/api.md lists them."))
}
