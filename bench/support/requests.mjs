// Requests to a drive, for the load's `send`.

/** A body of JSON, and its header. */
export function json(value) {
  return {
    headers: { 'content-type': 'application/json' },
    body: { head: JSON.stringify(value), size: 0, tail: '' },
  };
}

/** An upload. @param {number} size bytes @returns {import('./load.mjs').Request} */
export function upload(drive, name, size) {
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  return {
    method: 'POST',
    path: '/api/upload',
    headers: { ...drive.authorization, 'content-type': 'multipart/form-data; boundary=b' },
    body: { head, size, tail: '\r\n--b--\r\n' },
  };
}

/** The delete of several files in one request. */
export const bulkRemoval = (drive, ids) => {
  const { headers, body } = json({ ids, confirm: ids.length });
  return { method: 'POST', path: '/api/files/delete', headers: { ...drive.authorization, ...headers }, body };
};

/** The delete of a file. */
export const removal = (drive, id) => ({
  method: 'DELETE',
  path: `/api/files/${id}`,
  headers: drive.authorization,
});
