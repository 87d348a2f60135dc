#!/bin/sh
# A form part that names its file twice, as .NET's MultipartFormDataContent does (`filename="…"; filename*=utf-8''…`): RFC
# 6266 has the readers prefer filename*. @fastify/busboy 3.2.0 (npm) did so; 3.2.1 to 3.2.6 drop filename* without a word
# where it stands behind a *quoted* filename, and still take it behind one without quotation marks. Where filename* stands
# first, both give the plain one. busboy 1.6.0, of which it is a fork, gives filename* in each of the three.
# So the same upload gets another name after a patch release, and only with clients that write quotation marks.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund before@npm:@fastify/busboy@3.2.0 first@npm:@fastify/busboy@3.2.1 \
  last@npm:@fastify/busboy@3.2.6 busboy@1.6.0
cat > check.cjs <<'JS'
const STAR = "filename*=utf-8''n%C3%A4he.txt";
const FORMS = {
  'quoted, then filename*': `form-data; name="file"; filename="naehe.txt"; ${STAR}`,
  'bare, then filename*': `form-data; name=file; filename=naehe.txt; ${STAR}`,
  'filename* first': `form-data; name="file"; ${STAR}; filename="naehe.txt"`,
};

function nameOf(library, disposition) {
  return new Promise((resolve, reject) => {
    const Parser = require(library);
    const options = { headers: { 'content-type': 'multipart/form-data; boundary=b' } };
    const parser = library === 'busboy' ? Parser(options) : new Parser(options);
    parser.on('error', reject).on('file', (_field, stream, told) => {
      stream.resume();
      resolve(told.filename ?? told);
    });
    parser.end(`--b\r\nContent-Disposition: ${disposition}\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n`);
  });
}

(async () => {
  const seen = [];
  for (const library of ['before', 'first', 'last', 'busboy']) {
    const { name, version } = require(`${library}/package.json`);
    for (const [form, disposition] of Object.entries(FORMS)) {
      const fileName = await nameOf(library, disposition);
      console.log(`${name} ${version}, ${form}: ${fileName}`);
      seen.push(fileName === 'nähe.txt' ? 'star' : 'plain');
    }
  }
  const expected = 'star,star,plain,plain,star,plain,plain,star,plain,star,star,star';
  process.exit(String(seen) === expected ? 0 : 1);
})();
JS
node check.cjs
