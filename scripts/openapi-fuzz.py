# What schemathesis is not told by the document: see openapi-fuzz.mjs.
import json
import os
import secrets
import urllib.request

import schemathesis

PASSWORD = "correct horse battery"


def post(path, body):
    request = urllib.request.Request(
        os.environ["FUZZ_URL"] + path, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


# Parts of resumable uploads are bytes.
@schemathesis.serializer("application/offset+octet-stream")
def part(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()


# One caller for all requests, or an account of its own for each: what ends sessions would leave nobody to ask the rest.
@schemathesis.auth(refresh_interval=None)
class Caller:
    def get(self, _case, _context):
        if "FUZZ_TOKEN" in os.environ:
            return os.environ["FUZZ_TOKEN"]
        username = "u" + secrets.token_hex(8)
        post("/api/signup", {"username": username, "password": PASSWORD, "email": "u@example.org", "name": "U"})
        return post("/api/login", {"username": username, "password": PASSWORD})["token"]

    def set(self, case, data, _context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
