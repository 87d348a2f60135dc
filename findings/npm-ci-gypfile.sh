#!/bin/sh
# better-sqlite3 13.0.3 brings its compiled parts, has no install script, and says `gypfile: false` in its package.json, which
# npm's documentation gives as the way to have nothing built. `npm install` heeds it. A package-lock.json does not keep the
# field, and `npm ci` (npm 10.9.9 and 11.19.1) goes by the lock file: it runs `node-gyp rebuild` all the same, and the
# installation fails where there is no Python. A `"gypfile": false` written into the lock file by hand is read, and lost when
# npm writes it.
# Needs node (20.17 or later) and any npm, which fetches the two. Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
npm init -y > /dev/null
npm install --silent npm10@npm:npm@10.9.9 npm11@npm:npm@11.19.1
# A hidden Python is one that no PATH leads to.
mkdir bin
for program in node sh; do ln -s "$(command -v $program)" bin/; done
pinned() {
  env -u NODE_GYP_FORCE_PYTHON -u PYTHON npm_config_python="$directory/no-python" PATH="$directory/bin" \
    node "$cli" "$@" > log 2>&1
}
for version in 10.9.9 11.19.1; do
  cli=$directory/node_modules/npm${version%%.*}/bin/npm-cli.js
  [ "$(node "$cli" --version)" = $version ]
  mkdir "$directory/$version"
  cd "$directory/$version"
  cat > package.json <<'JSON'
{ "private": true, "dependencies": { "better-sqlite3": "13.0.3" }, "allowScripts": { "better-sqlite3": true } }
JSON
  pinned install
  echo "npm $version install, without a lock file: installed"
  rm -rf node_modules
  if grep -q gypfile package-lock.json; then echo 'the lock file keeps it'; exit 1; fi
  if pinned ci; then echo 'npm ci succeeds'; exit 1; fi
  grep -q 'find Python' log
  echo "npm $version ci: $(grep -m 1 -o 'Could not find any Python installation to use' log)"
  sed -i 's/"version": "13.0.3",/"version": "13.0.3", "gypfile": false,/' package-lock.json
  pinned ci
  echo 'with gypfile in the lock file: installed'
  pinned install --package-lock-only
  if grep -q gypfile package-lock.json; then echo 'kept'; exit 1; fi
  echo 'which npm install takes out again'
done
