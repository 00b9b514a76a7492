package api

import (
	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
)

// metrics of sign-in and of looks at recordings; requests are counted by httpx.
type metrics struct {
	logins *prometheus.CounterVec // outcome: ok, wrong, wait
	looks  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) metrics {
	return metrics{
		logins: obs.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "footpath_api_logins_total", Help: "Attempts to sign in, by outcome: ok, wrong, wait.",
		}, []string{"outcome"})),
		looks: obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "footpath_api_looks_total", Help: "Looks at a session that were audited.",
		})),
	}
}
