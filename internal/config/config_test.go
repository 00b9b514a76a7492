package config_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/internal/config"
)

// load writes file (when not empty) as footpath.yaml and loads it with the
// environment and the command line given.
func load(t *testing.T, file string, environ []string, args ...string) (config.Config, error) {
	t.Helper()
	if file != "" {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("footpath.yaml", []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-config", "footpath.yaml")
	}
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	flags := config.Register(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return config.Load(flags, environ)
}

func TestNoFileGivesDefaults(t *testing.T) {
	got, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Server.Listen != "127.0.0.1:8080" || got.Data.Dir != "data" || got.Public() != "http://127.0.0.1:8080" {
		t.Errorf("defaults: %+v, public %s", got.Server, got.Public())
	}
}

func TestLaterSourcesWin(t *testing.T) {
	file := "server:\n  listen: 127.0.0.1:1\n  prefix: footpath/\n  trusted_proxies: [10.0.0.0/8, 192.0.2.1]\ndata:\n  dir: /from/file\n"
	got, err := load(t, file, []string{"FOOTPATH_SERVER_LISTEN=127.0.0.1:2", "FOOTPATH_DATA_DIR=/from/env", "PATH=/bin"}, "-listen", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	if got.Server.Listen != "127.0.0.1:3" || got.Data.Dir != "/from/env" || got.Server.Prefix != "/footpath" {
		t.Errorf("got %+v %+v", got.Server, got.Data)
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8", "192.0.2.1/32"}, got.Server.TrustedProxies); diff != "" {
		t.Error(diff)
	}
	origins := map[string]string{
		"server.listen": "flag -listen", "data.dir": "environment FOOTPATH_DATA_DIR",
		"server.prefix": "footpath.yaml:3", "log.level": "default",
	}
	for name, want := range origins {
		if o := got.Origin(name); o != want {
			t.Errorf("origin of %s is %q, want %q", name, o, want)
		}
	}
}

// Fault 77: every bad setting is refused, and the message says where it stands.
func TestBadSettingsNameTheirPlace(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		_, err := load(t, file, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives\n%v\nwant %q", file, err, want)
		}
	}
	f("server:\n  listn: 127.0.0.1:1\n", "footpath.yaml:2: unknown setting server.listn: did you mean server.listen?")
	f("serve:\n  listen: x\n", "footpath.yaml:1: unknown section serve: did you mean server?")
	f("server:\n  insecure_http: perhaps\n", `footpath.yaml:2: server.insecure_http must be true or false, not "perhaps"`)
	f("server:\n\n  shutdown_grace: 5\n", "footpath.yaml:3: server.shutdown_grace must be a duration")
	f("server:\n  listen: {a: b}\n", "footpath.yaml:2: server.listen must be a plain value")
	f("server:\n  listen: [a, b]\n", "footpath.yaml:2: server.listen takes one value")
	f("server:\n  listen: 127.0.0.1:1\n  listen: 127.0.0.1:2\n", "footpath.yaml:3: ")
	f("server: 3\n", `footpath.yaml:1: section "server" must hold settings`)
	f("- a\n", "footpath.yaml:1: must be sections")
	f("a:\n\t- b\n", "footpath.yaml:2: ")
	f("events:\n  memory_mb: 1\n", "footpath.yaml:2: events.memory_mb must be between")
	f("events:\n  threads: many\n", "footpath.yaml:2: events.threads must be a whole number")
	f("server:\n  listen: here\n", "footpath.yaml:2: server.listen must be host:port")
	f("server:\n  admin: 0.0.0.0:9\n", "footpath.yaml:2: server.admin must be a loopback address")
	f("server:\n  trusted_proxies: [nobody]\n", `footpath.yaml:2: server.trusted_proxies holds "nobody"`)
	f("secrets:\n  value: abc\n", "footpath.yaml:2: secrets.value must be 64 hexadecimal")
	f("log:\n  level: loud\n", "footpath.yaml:2: log.level must be")
	f("server:\n  tls_cert: c.pem\n", "server.tls_key is missing")
	f("server:\n  public_url: https://a.example/other\n", "footpath.yaml:2: server.public_url has the path")
}

func TestBadEnvironmentAndFlags(t *testing.T) {
	f := func(environ []string, want string, args ...string) {
		t.Helper()
		_, err := load(t, "", environ, args...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q %q gives\n%v\nwant %q", environ, args, err, want)
		}
	}
	f([]string{"FOOTPATH_SERVER_LISTN=x"}, "did you mean FOOTPATH_SERVER_LISTEN?")
	f([]string{"FOOTPATH_EVENTS_THREADS=x"}, "environment FOOTPATH_EVENTS_THREADS: events.threads must be")
	f(nil, "flag -listen: server.listen must be host:port", "-listen", "nowhere")
	f(nil, "no-such.yaml: cannot be read", "-config", "no-such.yaml")
}

// S54: plain http where others could read along is refused unless said so.
func TestPlainHTTPOffLoopback(t *testing.T) {
	f := func(ok bool, args ...string) {
		t.Helper()
		_, err := load(t, "", nil, args...)
		if (err == nil) != ok {
			t.Errorf("%v: error %v, want ok %v", args, err, ok)
		}
	}
	f(false, "-listen", ":8080")
	f(false, "-listen", "192.0.2.1:8080")
	f(false, "-listen", ":8080", "-public-url", "https://a.example")
	f(false, "-public-url", "http://a.example")
	f(true, "-listen", ":8080", "-insecure-http")
	f(true, "-listen", ":8443", "-tls-cert", "c.pem", "-tls-key", "k.pem")
	f(true, "-listen", "127.0.0.1:8080", "-public-url", "https://a.example")
	f(true, "-listen", "[::1]:8080")
}

// S55: what "config" prints can be read back, but for the secret.
func TestPrintMasksSecrets(t *testing.T) {
	secret := strings.Repeat("ab", config.SecretLen)
	c, err := load(t, "", []string{"FOOTPATH_SECRETS_VALUE=" + secret}, "-prefix", "/footpath")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), secret) {
		t.Error("the secret is printed")
	}
	file := strings.Replace(out.String(), `"********"`, `""`, 1)
	again, err := load(t, file, nil)
	if err != nil {
		t.Fatalf("what was printed cannot be read back: %v\n%s", err, file)
	}
	if again.Server.Prefix != "/footpath" || again.Server.ShutdownGrace != 25*time.Second {
		t.Errorf("read back: %+v", again.Server)
	}
}

// S55: the secret is made once, only for its owner, and a loose mode is refused.
func TestSecretFile(t *testing.T) {
	c := config.Default()
	c.Data.Dir = t.TempDir()
	first, err := c.Secret()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Secret()
	if err != nil || !bytes.Equal(first, again) || len(first) != config.SecretLen {
		t.Fatalf("second read: %v; %d bytes, same: %v", err, len(again), bytes.Equal(first, again))
	}
	path := filepath.Join(c.Data.Dir, "secret")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Secret(); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("mode 0644: %v, want a refusal that says what to do", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Secret(); err == nil {
		t.Error("a damaged secret is taken")
	}
}
