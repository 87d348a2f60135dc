"""transfer.py <library> upload <url> <token> <path>, or download <link> <path>: by requests, httpx or aiohttp."""

import asyncio
import importlib
import os
import sys

library, action, *args = sys.argv[1:]


def plain(client):
    if action == "upload":
        url, token, path = args
        with open(path, "rb") as content:
            answer = client.post(
                url + "/api/upload",
                headers={"Authorization": "Bearer " + token},
                files={"file": (os.path.basename(path), content)},
            )
        answer.raise_for_status()
    else:
        link, path = args
        answer = client.get(link)
        answer.raise_for_status()
        with open(path, "wb") as out:
            out.write(answer.content)


async def asynchronous(aiohttp):
    async with aiohttp.ClientSession(raise_for_status=True) as client:
        if action == "upload":
            url, token, path = args
            form = aiohttp.FormData()
            # aiohttp percent-encodes the name of a part: this field says it as it is.
            form.add_field("name", os.path.basename(path))
            with open(path, "rb") as content:
                form.add_field("file", content, filename=os.path.basename(path))
                await client.post(url + "/api/upload", data=form, headers={"Authorization": "Bearer " + token})
        else:
            link, path = args
            async with client.get(link) as answer:
                with open(path, "wb") as out:
                    out.write(await answer.read())


module = importlib.import_module(library)
if library == "aiohttp":
    asyncio.run(asynchronous(module))
else:
    plain(module)
