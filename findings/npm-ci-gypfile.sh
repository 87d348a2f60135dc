#!/bin/sh
# better-sqlite3 13.0.3 brings its compiled parts, has no install script, and says `gypfile: false` in its package.json, which
# npm's documentation gives as the way to have nothing built. `npm install` heeds it. A package-lock.json does not keep the
# field, and `npm ci` (10.9.9, 11.19.1) goes by the lock file: it runs `node-gyp rebuild` all the same, and the installation
# fails where there is no Python. A `"gypfile": false` written into the lock file by hand is read, and lost when npm writes it.
# Needs node and npm. Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm_config_python=$directory/no-python
export npm_config_python npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
# A hidden Python is one that no PATH leads to.
mkdir bin
for program in node npm sh; do ln -s "$(command -v $program)" bin/; done
cat > package.json <<'JSON'
{ "private": true, "dependencies": { "better-sqlite3": "13.0.3" }, "allowScripts": { "better-sqlite3": true } }
JSON
install() { env -u NODE_GYP_FORCE_PYTHON -u PYTHON PATH="$directory/bin" npm "$@" > log 2>&1; }
install install
echo "npm $(npm --version) install, without a lock file: installed"
rm -rf node_modules
if grep -q gypfile package-lock.json; then echo 'the lock file keeps it'; exit 1; fi
if install ci; then echo 'npm ci succeeds'; exit 1; fi
grep -q 'find Python' log
echo "npm $(npm --version) ci: $(grep -m 1 -o 'Could not find any Python installation to use' log)"
sed -i 's/"version": "13.0.3",/"version": "13.0.3", "gypfile": false,/' package-lock.json
install ci
echo 'with gypfile in the lock file: installed'
npm install --package-lock-only > /dev/null 2>&1
if grep -q gypfile package-lock.json; then echo 'kept'; exit 1; fi
echo 'which npm install takes out again'
