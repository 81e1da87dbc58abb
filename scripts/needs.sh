# Finds what a script needs, or installs it with the system's package manager,
# saying so first. To be sourced: need_make, need_compiler, need_chromium,
# need_node, need_node_20, need_spotlight, need_postgres, need_pgbouncer, modules.

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "no right to run: $*" >&2
    return 1
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
    --no-install-recommends "$@" >&2
}

apt_update() { as_root apt-get update -q -o DPkg::Lock::Timeout=300 >&2; }

install_packages() { # install_packages APT DNF APK BREW: the packages, as each package manager calls them
  local manager packages
  for manager in apt-get dnf apk brew ''; do
    ! command -v "$manager" >/dev/null || break
    shift $(($# > 0))
  done
  packages=${1:-}
  [ -z "$manager" ] || echo "installing with $manager: $packages" >&2
  # shellcheck disable=SC2086 # a list of words
  case $manager in
    apt-get)
      [ -n "$(find /var/lib/apt/lists -name '*Packages*' -print -quit 2>/dev/null)" ] || apt_update || return
      apt_install $packages || { apt_update && apt_install $packages; } # once more: the lists may be old
      ;;
    dnf) as_root dnf install -y -q $packages >&2 ;;
    apk) as_root apk add -q $packages >&2 ;;
    brew) brew install -q $packages >&2 ;;
    *) false ;;
  esac
}

need_make() {
  command -v make >/dev/null || install_packages make make make make || by_hand make
}

need_compiler() { # the race detector needs cgo
  command -v "${CC:-gcc}" >/dev/null || command -v clang >/dev/null ||
    install_packages "gcc libc6-dev" "gcc glibc-devel" "gcc musl-dev" gcc || by_hand "a C compiler"
}

by_hand() {
  echo "$1 is missing and could not be installed: install it by hand${2:+, or $2}" >&2
  return 1
}

need_chromium() { # sets CHROMIUM
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
      CHROMIUM=$(command -v "$name"); export CHROMIUM
      return
    fi
  done
  install_packages "chromium fonts-dejavu-core" "chromium dejavu-sans-fonts" "chromium font-dejavu" chromium ||
    by_hand Chromium "set CHROMIUM"
  CHROMIUM=$(command -v chromium || command -v chromium-browser); export CHROMIUM
}

need_node() { # with npm
  command -v node >/dev/null && command -v npm >/dev/null || install_packages "nodejs npm" "nodejs npm" "nodejs npm" node ||
    by_hand "Node.js with npm"
}

need_node_20() { # sets PATH where npm has to bring it; npm itself stays with the system's, which knows its certificates
  local dir=$PWD/.cache/node package
  need_node || return
  [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ] || return 0
  package=node-linux-$(node -p process.arch)
  [ -x "$dir/node_modules/$package/bin/node" ] || npm install --prefix "$dir" --no-save --no-progress "$package@22" >&2 ||
    by_hand "Node.js 20" || return
  export PATH=$dir/node_modules/$package/bin:$PATH
}

need_spotlight() { # the receiver of Sentry's protocol that the soak sends to
  local dir=e2e/sentry
  need_node || return
  [ $dir/node_modules/.package-lock.json -nt $dir/package-lock.json ] || (cd $dir && npm ci --no-progress >&2)
  need_node_20
}

# find_postgres prints the folder of the newest server's programs.
find_postgres() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql*/ \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /usr/local/pgsql/bin 2>/dev/null | sort -rV) \
    "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")" \
    "$(pg_config --bindir 2>/dev/null || echo /nowhere)"; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && [ -x "$dir/pg_ctl" ]; then
      printf '%s\n' "${dir%/}"
      return 0
    fi
  done
  return 1
}

need_postgres() { # sets POSTGRES_BIN
  local config=/etc/postgresql-common/createcluster.conf
  if ! POSTGRES_BIN=$(find_postgres); then
    if command -v apt-get >/dev/null && [ ! -e $config ]; then # Debian would start a cluster, which nobody asked for
      as_root mkdir -p "${config%/*}" && echo "create_main_cluster = false" | as_root tee $config >/dev/null || true
    fi
    install_packages postgresql "postgresql-server postgresql-contrib" "postgresql postgresql-contrib" postgresql@17 &&
      POSTGRES_BIN=$(find_postgres) || by_hand "the PostgreSQL server" "set DATABASE_URL"
  fi
}

need_pgbouncer() { # sets MONITORING_PGBOUNCER
  find_pgbouncer && return
  install_packages pgbouncer pgbouncer pgbouncer pgbouncer || by_hand pgbouncer || return
  if command -v apt-get >/dev/null; then # Debian starts it, which nobody asked for
    { as_root systemctl disable --now pgbouncer || as_root invoke-rc.d pgbouncer stop; } >/dev/null 2>&1 || true
  fi
  find_pgbouncer || by_hand pgbouncer
}

find_pgbouncer() {
  MONITORING_PGBOUNCER=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v pgbouncer) && export MONITORING_PGBOUNCER
}

modules() { # every module of the repository, the root first
  find . -name go.mod -not -path './.*' -not -path '*/node_modules/*' | sed 's|/go.mod$||' | sort
}
