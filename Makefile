# Footpath: what there is to run. `make test` is what CI runs.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
TOOL    := go tool -modfile=tools/go.mod

.PHONY: build demo dist deps check test test-all soak bench screenshots fmt

# The one binary. It needs Go and a C/C++ compiler; the browser code is embedded
# from the committed dist folders.
build:
	@mkdir -p bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/footpath ./cmd/footpath

# Everything on loopback, with a demo site and made-up visitors.
demo: build
	./bin/footpath demo $(ARGS)

# Rebuild recorder/dist and web/dist from their sources; commit the result.
dist: deps
	go run -C tools ./dist

# What building and testing the browser code needs: npm packages and Chromium.
deps:
	@tools/deps.sh

# Static checks: vet, staticcheck, gofumpt, tsc, dist current, who imports whom.
check: deps
	@go run -C tools ./suites check

# The fixed slice (under 25 minutes on 2 cores), with the time of each suite.
test: deps build
	@go run -C tools ./suites test

# Every case, with the race detector; run before an issue is called done.
test-all: deps build
	@go run -C tools ./suites all

# kill -9 under load for some minutes; the seed repeats the moments of the kills.
SEED    ?= 1
MINUTES ?= 10
soak: deps build
	FOOTPATH_SOAK=$(MINUTES) FOOTPATH_SEED=$(SEED) node --test e2e/crash.test.mjs

# The figures of docs/benchmarks.md.
bench: build
	./bin/footpath bench ingest $(ARGS)

# Every screen of a running demo into docs/screenshots/.
screenshots: deps build
	node e2e/screenshots.mjs

fmt:
	$(TOOL) gofumpt -l -w $$(git ls-files '*.go')
