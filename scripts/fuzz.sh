#!/usr/bin/env bash
# Fuzzes every fuzz test of the root module for FUZZTIME each.
# Minimising is bounded: go test reports a deadline that falls into it as a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
go list -f '{{.Dir}}{{range .TestGoFiles}} {{.}}{{end}}{{range .XTestGoFiles}} {{.}}{{end}}' ./... |
  while read -r dir files; do
    [ -n "$files" ] || continue
    (cd "$dir" && grep -ho '^func Fuzz[A-Za-z0-9_]*' $files || true) | sed 's/^func //' |
      while read -r name; do
        echo "== $name in ${dir#"$PWD"/}"
        go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-30s}" -fuzzminimizetime 10x "$dir"
      done
  done
