#!/usr/bin/env bash
# Three things that Ceph's S3 gateway (radosgw 16.2, Debian 12) does with uploads in parts, and an expert would guess otherwise:
#  1. ListMultipartUploads with encoding-type=url encodes the keys, and its answer has no EncodingType that says so
#     (ListObjectsV2 has one): a client that decodes by what the answer says finds no upload whose key has a space.
#  2. CompleteMultipartUpload must name every part that has come. S3 takes a part of them; here it is InvalidPart, so that an
#     upload which is gone on with and ends earlier than it once had got can never be completed.
#  3. CompleteMultipartUpload with If-None-Match: * replaces what is there and answers 200. PutObject minds the condition.
# Needs radosgw ceph-mon ceph-osd ceph-common. Everything is in a directory of its own, and on loopback. Exits with 0 while that is so.
set -euo pipefail
d=$(mktemp -d) port=${PORT:-27480} monitor=$((${PORT:-27480} + 1)) pids=()
trap 'kill -9 "${pids[@]}" 2> /dev/null || true; rm -rf "$d"' EXIT
mkdir -p "$d"/{log,run,mon,osd.0}
fsid=$(cat /proc/sys/kernel/random/uuid)
{
  echo '[global]'
  for line in "fsid = $fsid" 'mon initial members = a' "mon host = [v2:127.0.0.1:$monitor]" 'public addr = 127.0.0.1' \
    'cluster addr = 127.0.0.1' 'auth cluster required = none' 'auth service required = none' 'auth client required = none' \
    "keyring = $d/keyring" "run dir = $d/run" "admin socket = $d/run/\$name.asok" 'pid file =' "log file = $d/log/\$name.log" \
    'log to stderr = false' "crash dir = $d/log" 'ms bind ipv6 = false' 'osd pool default size = 1' \
    'osd pool default min size = 1' 'osd pool default pg num = 4' 'osd pool default pgp num = 4' \
    'osd pool default pg autoscale mode = off' 'osd crush chooseleaf type = 0' 'osd crush update on start = false' \
    'osd objectstore = memstore' 'memstore device bytes = 1073741824' 'mon allow pool size one = true' \
    'mon data avail crit = 1' 'mon max pg per osd = 2000' 'rgw thread pool size = 16' \
    "rgw frontends = beast endpoint=127.0.0.1:$port"; do echo "$line"; done
  for who in 'mon client' 'mon service' 'mon cluster' client service cluster; do echo "ms $who mode = crc"; done
  printf '[mon.a]\nmon data = %s/mon/a\n[osd]\nosd data = %s/osd.$id\n' "$d" "$d"
} > "$d/ceph.conf"
run() { "$@" > "$d/log/out" 2>&1 || { cat "$d/log/out"; exit 1; }; }
start() { "$@" > /dev/null 2>&1 < /dev/null & pids+=($!); disown; }
c=(-c "$d/ceph.conf")
run ceph-authtool --create-keyring "$d/keyring" --gen-key -n mon. --cap mon 'allow *'
run ceph-authtool "$d/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
run monmaptool --create --addv a "[v2:127.0.0.1:$monitor]" --fsid "$fsid" "$d/monmap"
run ceph-mon "${c[@]}" --mkfs -i a --monmap "$d/monmap" --keyring "$d/keyring"
start ceph-mon "${c[@]}" -i a -f
osd=$(cat /proc/sys/kernel/random/uuid)
run timeout 60 ceph "${c[@]}" osd new "$osd" 0
run timeout 60 ceph "${c[@]}" osd crush add osd.0 1.0 root=default host=h0
run ceph-osd "${c[@]}" -i 0 --mkfs --osd-uuid "$osd"
start ceph-osd "${c[@]}" -i 0 -f
start radosgw "${c[@]}" -n client.admin -f
for _ in $(seq 600); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
run radosgw-admin "${c[@]}" user create --uid=test --display-name=test --access-key=testkey --secret-key=testsecret

radosgw --version | cut -d' ' -f1-3
cd "$d"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1175.0 2> /dev/null
cat > check.mjs << 'JS'
import * as s3 from '@aws-sdk/client-s3';
const client = new s3.S3Client({
  endpoint: process.argv[2],
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'testkey', secretAccessKey: 'testsecret' },
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const send = (name, input = {}) => client.send(new s3[`${name}Command`]({ Bucket: 'bucket', ...input }));
const outcome = (answer) => answer.then(() => 'done', (error) => error.name);
const part = async (Key, UploadId, PartNumber) => {
  const { ETag } = await send('UploadPart', { Key, UploadId, PartNumber, Body: Buffer.alloc(5 * 2 ** 20) });
  return { PartNumber, ETag };
};
const complete = (Key, UploadId, Parts, more) =>
  outcome(send('CompleteMultipartUpload', { Key, UploadId, MultipartUpload: { Parts }, ...more }));
await send('CreateBucket');

await send('PutObject', { Key: 'a b', Body: 'x' });
await send('CreateMultipartUpload', { Key: 'a b' });
const objects = await send('ListObjectsV2', { EncodingType: 'url' });
const uploads = await send('ListMultipartUploads', { EncodingType: 'url' });
const two = await send('CreateMultipartUpload', { Key: 'two' });
const parts = [await part('two', two.UploadId, 1), await part('two', two.UploadId, 2)];
await send('PutObject', { Key: 'there', Body: 'first' });
const there = await send('CreateMultipartUpload', { Key: 'there' });
const seen = {
  'listed objects': `${objects.Contents[0].Key}, EncodingType ${objects.EncodingType}`,
  'listed uploads in parts': `${uploads.Uploads[0].Key}, EncodingType ${uploads.EncodingType}`,
  'one of two parts completed': await complete('two', two.UploadId, parts.slice(0, 1)),
  'completed over an object, If-None-Match: *': await complete('there', there.UploadId, [
    await part('there', there.UploadId, 1),
  ], { IfNoneMatch: '*' }),
  'put over an object, If-None-Match: *': await outcome(send('PutObject', { Key: 'there', Body: 'y', IfNoneMatch: '*' })),
};
console.log(JSON.stringify(seen, null, 2));
const expected = ['a%20b, EncodingType url', 'a%20b, EncodingType undefined', 'InvalidPart', 'done', 'PreconditionFailed'];
process.exit(JSON.stringify(Object.values(seen)) === JSON.stringify(expected) ? 0 : 1);
JS
node --no-warnings check.mjs "http://127.0.0.1:$port"
