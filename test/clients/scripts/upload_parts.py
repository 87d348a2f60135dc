"""Uploads a file by tuspy, part after part, and prints after each how much is there."""

import os
import sys

from tusclient import client

url, path, name, chunk = sys.argv[1:]
headers = {"Authorization": f"Bearer {os.environ['DEFDRIVE_TOKEN']}"}
tus = client.TusClient(f"{url}/api/uploads", headers=headers)
uploader = tus.uploader(path, chunk_size=int(chunk), metadata={"filename": name}, retries=100, retry_delay=0.2)
while uploader.offset < uploader.get_file_size():
    uploader.upload_chunk()
    print(uploader.offset, flush=True)
