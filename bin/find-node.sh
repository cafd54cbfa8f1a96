# Sourced by bin/mayfly and scripts/with-node.sh with $root set to the checkout. Sets $node to a Node of at least 24.11:
# the project's own, which npm installs beside any older system Node, or else the one on the PATH.

node=$root/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=$(command -v node || true)
  if [ -z "$node" ] || ! "$node" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 24 || (a == 24 && b >= 11) ? 0 : 1)'; then
    echo "error: no Node 24.11 or newer: neither $root/node_modules/.bin/node nor node on the PATH: run \`npm ci\` in the checkout" >&2
    exit 2
  fi
fi
