#!/bin/sh
# Builds ../assets/app.js and app.css from src. Needs Node; who only builds the
# Go package does not, as the result is committed.
#   ./build.sh          check types and build
#   ./build.sh --font   also cut the font anew (needs fonttools with brotli)
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci
npx tsc --noEmit
npx esbuild src/main.tsx --bundle --minify --target=es2022 --format=iife --jsx=automatic --jsx-import-source=preact \
  --legal-comments=none --charset=utf8 --outfile=../assets/app.js --external:inter.woff2 --log-level=warning \
  --banner:js="/* Preact, @preact/signals, uPlot: MIT; see the licences in licenses.txt */"
for p in preact @preact/signals @preact/signals-core uplot; do
  printf '%s\n\n' "$p"
  cat "node_modules/$p/LICENSE"
  printf '\n\n'
done > ../assets/licenses.txt
if [ "${1:-}" = "--font" ]; then
  python3 font.py node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 ../assets/inter.woff2
  cp node_modules/@fontsource-variable/inter/LICENSE ../assets/inter-LICENSE.txt
fi
