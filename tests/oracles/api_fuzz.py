"""schemathesis at the lab server's own API: whatever its OpenAPI permits, and whatever it does not.

    api_fuzz.py --program target/debug/passkey-lab [--requests 10000] [--seed N]

Every check of schemathesis is on: no 5xx; statuses, content types, headers and bodies as described; what violates a schema
is refused, what fits one is taken. Valid data may come to 404, 409, 410 and 422, for what it names may not exist or not
go together, but never to 400. The stream of events has no end and is left out. Two runs with two seeds go on beside each
other, each at a lab of its own. Exit status 0 when nothing was found and at least so many requests were made.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

TENANT = "example:fresh-default"
HERE = pathlib.Path(__file__).resolve().parent
# How many runs there are, what each operation gets at random in each of them, and how many requests all of it comes
# to. More threads in one run would not do: Python 3.11 takes sources apart in one thread at a time (SystemError).
RUNS, EXAMPLES, REQUESTS = 2, 150, 10_000
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "410", "422"]

[[operations]]
include-path = "/api/events"
enabled = false
"""


class Lab:
    """A running lab without a limit on its rate."""

    def __init__(self, program):
        command = [program, "serve", "--tenant", TENANT, "--listen", ":0", "--management", ":0", "--rate-limit", "0"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.process.stdout.readline())["listening"]["pages"]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0, "the lab ends well"


def fuzz(lab, folder, requests, seed):
    """Runs schemathesis; its exit status, and the number of requests."""
    authenticator = lab.ask("/api/authenticators", {"model": "yubikey-5-nfc"})["id"]
    user = lab.ask("/api/users?limit=1")["users"][0]["userPrincipalName"]
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    command = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", config, "run"]
    command += [f"{lab.origin}/api/openapi.json", "--checks", "all", "--workers", "1", "--continue-on-failure"]
    command += ["--max-examples", max(10, EXAMPLES * requests // REQUESTS), "--seed", seed, "--no-color"]
    command += ["--generation-database", "none", "--warnings", "off"]
    known = {"API_FUZZ_USER": user, "API_FUZZ_AUTHENTICATOR": authenticator}
    environment = {**os.environ, **known, "SCHEMATHESIS_HOOKS": "api_fuzz_hooks", "PYTHONPATH": str(HERE)}
    ran = subprocess.run([str(part) for part in command], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE)
    print(ran.stdout)
    made = re.search(r"(\d+) generated", ran.stdout)
    return ran.returncode, int(made[1]) if made else 0


def run(program, requests, seed):
    lab = Lab(program)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return fuzz(lab, pathlib.Path(folder), requests, seed)
    finally:
        lab.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    started = time.monotonic()
    with ThreadPoolExecutor(RUNS) as pool:
        seeds = range(arguments.seed, arguments.seed + RUNS)
        ended = list(pool.map(lambda seed: run(arguments.program, arguments.requests, seed), seeds))
    made = sum(made for _, made in ended)
    found = [status for status, _ in ended if status != 0]
    print(f"{made} requests in {time.monotonic() - started:.0f} s; {'something was found' if found else 'nothing was found'}")
    sys.exit(0 if not found and made >= arguments.requests else 1)


if __name__ == "__main__":
    main()
