#!/bin/sh
# Runs one of the project's TypeScript files on the project's Node, from a bare checkout too:
#   sh scripts/with-node.sh scripts/test.ts [arguments]
# Installs what package-lock.json names when that is missing or another lock file was installed, and compiles kernels and
# glyphs when their source is newer than what was compiled.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"

# npm keeps its own record of an installation, but in another form: a copy of the lock file is what can be compared.
installed=node_modules/.installed-package-lock.json
if [ ! -e "$installed" ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then
  cp package-lock.json "$installed"
fi
if ! cmp -s package-lock.json "$installed"; then
  echo "installing what package-lock.json names (npm ci)" >&2
  npm ci --no-progress >&2
  cp package-lock.json "$installed"
fi

. bin/find-node.sh
PATH=$root/node_modules/.bin:$PATH
export PATH

# outdated BUILT SOURCE...: whether BUILT is missing or older than one of its sources.
outdated() {
  built=$1
  shift
  [ ! -e "$built" ] || [ -n "$(find "$@" -newer "$built" -print | head -n 1)" ]
}
if outdated build/kernels.wasm worker/core/kernels/assembly scripts/compile-kernels.ts; then "$node" scripts/compile-kernels.ts >&2; fi
if outdated build/glyphs.json scripts/compile-glyphs.ts; then "$node" scripts/compile-glyphs.ts >&2; fi

exec "$node" "$@"
