# Finds what a script needs, or installs it with the system's package manager,
# saying so first. To be sourced: need_compiler, need_chromium, modules.

install_packages() { # install_packages WHAT PACKAGES...: by whichever package manager there is
  local what=$1; shift
  echo "installing $what with the system's package manager: $*" >&2
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if command -v apt-get >/dev/null; then
    [ -n "$(find /var/lib/apt/lists -name '*Packages*' -print -quit 2>/dev/null)" ] || $sudo apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "$@" >&2
  elif command -v dnf >/dev/null; then
    $sudo dnf install -y -q "$@" >&2
  elif command -v apk >/dev/null; then
    $sudo apk add -q "$@" >&2
  elif command -v brew >/dev/null; then
    brew install "$@" >&2
  else
    echo "no package manager found: install $what by hand" >&2
    return 1
  fi
}

need_compiler() { # the race detector needs cgo
  command -v "${CC:-gcc}" >/dev/null || command -v clang >/dev/null || install_packages "a C compiler" gcc libc6-dev
}

need_chromium() { # sets CHROMIUM
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
      CHROMIUM=$(command -v "$name"); export CHROMIUM
      return
    fi
  done
  install_packages Chromium chromium fonts-dejavu-core
  CHROMIUM=$(command -v chromium || command -v chromium-browser); export CHROMIUM
}

modules() { # every module of the repository, the root first
  git ls-files '*go.mod' 2>/dev/null | sed 's|/\?go.mod$||; s|^$|.|' | sort
}
