#!/usr/bin/env bash
# Checks every module: style, the import table, and that go.mod is tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/needs.sh
lint=$PWD/$1
failed=0
for module in $(modules); do
  echo "== module $module"
  (cd "$module" && "$lint" run ./... && GOWORK=off go mod tidy -diff) || failed=1
done
exit $failed
