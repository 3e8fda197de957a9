"""Whether the server in this container answers: exit code 0, or 1. For the image's health check.

It asks its own loopback only, so that the certificate's name does not matter; with TLS or without.
"""

import ssl
import sys
import urllib.request

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8765
SECONDS = 3

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
for scheme in ("https", "http"):
    try:
        url = f"{scheme}://127.0.0.1:{PORT}/health"
        with urllib.request.urlopen(url, timeout=SECONDS, context=context) as answer:  # noqa: S310
            sys.exit(answer.status != 200)
    except OSError:
        continue
sys.exit(1)
