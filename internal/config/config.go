// Package config holds what an operator can set, its defaults, and where each
// value came from: the file (-config), the environment (FOOTPATH_SECTION_KEY),
// then flags, the later winning. A default run needs no file. Anything unknown,
// of the wrong type or out of range is an error that names its place (fault 77).
package config

import (
	"time"
)

// Config is everything that can be set. The tags give the name in the file, the
// flag where there is one, and the help text of both.
type Config struct {
	Server  Server  `yaml:"server"`
	Data    Data    `yaml:"data"`
	Secrets Secrets `yaml:"secrets"`
	GeoIP   GeoIP   `yaml:"geoip"`
	Journal Journal `yaml:"journal"`
	Events  Events  `yaml:"events"`
	Log     Log     `yaml:"log"`

	origins map[string]string
}

// Server is how Footpath is reached.
type Server struct {
	Listen         string        `yaml:"listen" flag:"listen" help:"host:port that serves the recorder, the collector and the dashboard"`
	Admin          string        `yaml:"admin" flag:"admin" help:"loopback host:port that serves /metrics; off when empty"`
	TLSCert        string        `yaml:"tls_cert" flag:"tls-cert" help:"certificate chain, PEM file"`
	TLSKey         string        `yaml:"tls_key" flag:"tls-key" help:"its private key, PEM file with mode 0600"`
	TrustedProxies []string      `yaml:"trusted_proxies" flag:"trusted-proxies" help:"comma list of addresses or networks whose X-Forwarded-For is believed"`
	Prefix         string        `yaml:"prefix" flag:"prefix" help:"path below which everything is served, e.g. /footpath"`
	PublicURL      string        `yaml:"public_url" flag:"public-url" help:"address visitors and team use, e.g. https://stats.example.org"`
	InsecureHTTP   bool          `yaml:"insecure_http" flag:"insecure-http" help:"allow plain http on an address other than loopback"`
	ShutdownGrace  time.Duration `yaml:"shutdown_grace" help:"how long a stop may take before requests are cut"`
}

// Data is where things are kept.
type Data struct {
	Dir string `yaml:"dir" flag:"data" help:"data directory; one process at a time"`
}

// Secrets never appear in a log, an address or in what "config" prints.
type Secrets struct {
	File  string `yaml:"file" help:"file with the installation's secret, mode 0600; made at first start (default: secret in the data directory)"`
	Value string `yaml:"value" secret:"true" help:"the secret itself, 64 hexadecimal characters, for FOOTPATH_SECRETS_VALUE"`
}

// GeoIP is the optional country database.
type GeoIP struct {
	File string `yaml:"file" flag:"geoip" help:"MaxMind .mmdb file with countries"`
}

// Journal bounds the durable log.
type Journal struct {
	MaxBytes int64 `yaml:"max_bytes" help:"most bytes of chunks that wait to be processed; then 503; 0: as much as the disk holds"`
}

// Events bounds the analytics engine.
type Events struct {
	MemoryMB int `yaml:"memory_mb" help:"memory limit of the analytics engine, megabytes"`
	Threads  int `yaml:"threads" help:"threads of the analytics engine"`
}

// Log is what is written to standard error.
type Log struct {
	Level  string `yaml:"level" help:"debug, info, warn or error"`
	Format string `yaml:"format" help:"text or json"`
}

// Default is a run without a file: loopback, ./data.
func Default() Config {
	return Config{
		Server: Server{
			Listen: "127.0.0.1:8080",
			// 25 s is below the 30 s after which systemd and Kubernetes kill.
			ShutdownGrace: 25 * time.Second,
		},
		Data: Data{Dir: "data"},
		// 200 MB and 2 threads answer every report over 10 M events within 400 ms
		// (architecture.md, Engines).
		Events: Events{MemoryMB: 200, Threads: 2},
		Log:    Log{Level: "info", Format: "text"},
	}
}

// Origin says where the value of a setting ("server.listen") came from:
// "file.yaml:3", "environment FOOTPATH_SERVER_LISTEN", "flag -listen" or "default".
func (c *Config) Origin(name string) string {
	if o, ok := c.origins[name]; ok {
		return o
	}
	return "default"
}

// Error is a setting that cannot be used, and where it stands.
type Error struct {
	Where string // "footpath.yaml:3"; empty for the whole
	Msg   string
}

func (e *Error) Error() string {
	if e.Where == "" {
		return e.Msg
	}
	return e.Where + ": " + e.Msg
}
