// The files of a drive, put there and taken away through its API.
import { removal, upload } from './requests.mjs';

let uploads = 0;

/** Uploads so many bytes. @param {number} size @returns the path of the download */
export async function content(drive, load, size) {
  const name = `content-${(uploads += 1)}`;
  await load.call('send', { url: drive.url, clients: 1, requests: [upload(drive, name, size)], status: 200 });
  const { files } = await drive.get(`/api/files?q=${name}`);
  return `/api/files/${files[0].id}/content`;
}

/** Deletes all files of the drive, so that the next round finds the same room. */
export async function clear(drive, load, clients = 1) {
  for (;;) {
    const { files } = await drive.get('/api/files?limit=200');
    if (files.length === 0) return;
    const requests = files.map(({ id }) => removal(drive, id));
    await load.call('send', { url: drive.url, clients, requests, status: 200 });
  }
}
