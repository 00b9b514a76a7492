#!/usr/bin/env bash
# Installs what the browser code and its tests need and is not there yet: npm
# packages as locked, and Debian's Chromium (as root only). Without root a missing
# Chromium is an error where CI=true and a note elsewhere: its suites are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --ignore-scripts --no-audit --no-fund
	touch node_modules/.package-lock.json
fi

if ! command -v chromium >/dev/null; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq
		apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
	elif [ "${CI:-}" = true ]; then
		echo "deps: no chromium, and no root to install it" >&2
		exit 1
	else
		echo "deps: no chromium; the browser suites will be skipped" >&2
	fi
fi
