// Floor of a small upload: write, SHA-256, fsync, link, fsync of the directory, one after the other. No HTTP, no record.
// A module for `Remote`.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { answerCalls } from '../support/remote.mjs';

let folder;
let temporary;
let folderFd;

function open(directory) {
  folder = join(directory, 'folder');
  temporary = join(directory, 'temporary');
  for (const path of [folder, temporary]) mkdirSync(path, { recursive: true });
  folderFd = openSync(folder, 'r');
}

/** Stores new files. @returns files per second */
function run({ from, count, size }) {
  const bytes = Buffer.alloc(size, 'defdrive');
  const began = performance.now();
  for (let number = from; number < from + count; number += 1) store(number, bytes);
  return (count * 1000) / (performance.now() - began);
}

function store(number, bytes) {
  const draft = join(temporary, String(number));
  const fd = openSync(draft, 'wx', 0o600);
  writeSync(fd, bytes);
  createHash('sha256').update(bytes).digest('hex');
  fsyncSync(fd);
  closeSync(fd);
  linkSync(draft, join(folder, `file-${number}`));
  fsyncSync(folderFd);
  unlinkSync(draft);
}

answerCalls({ open, run });
