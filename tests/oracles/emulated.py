"""A running `authenticator run`, and programs that are run at it as a user would: for the stages with other people's
clients."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import threading
import time
import urllib.request

# A program that waits longer than this for its device hangs.
PATIENCE = 30


class Failed(Exception):
    pass


class Key:
    """A key behind a door; `device` is the path at which clients find it now."""

    def __init__(self, program, model, listen, *more):
        command = [program, "authenticator", "run", "--model", model, "--listen", listen]
        command += ["--control", "127.0.0.1:0", "--quiet", *more]
        self.listen = listen
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.read_line()

    def read_line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the key did not start: status {self.process.wait(10)}")
        line = json.loads(line)
        self.device = line["listening"].partition(":")[2]
        self.control, self.token = line["control"], line["token"]
        self.plugged_at = time.monotonic()

    def order(self, path, method="POST"):
        headers = {"Authorization": f"Bearer {self.token}", "X-Passkey-Lab": "clients"}
        request = urllib.request.Request(self.control + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def unplug(self):
        self.order("/power/off")

    def plug_in(self):
        self.order("/power/on")
        self.read_line()

    def replug(self):
        self.unplug()
        self.plug_in()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(10) != 0:
            raise Failed("the key did not end well")


def run(*command, type_in=(), status=0, folder=None, while_running=None, patience=PATIENCE, environment=None):
    """Runs a program on a terminal, types one line at each prompt, and gives what it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            if folder:
                os.chdir(folder)
            os.execvpe(command[0], command, {**os.environ, **(environment or {})})
        finally:
            os._exit(127)
    if while_running:
        threading.Thread(target=while_running, daemon=True).start()
    written, answers, seen, until = b"", list(type_in), 0, time.monotonic() + patience
    while True:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise Failed(f"{' '.join(command)} hangs after: {written.decode(errors='replace')}")
        if terminal in select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            written += part
            if answers and re.search(rb"(PIN|passphrase)[^\n]*: *$", written[seen:]):
                seen = len(written)
                os.write(terminal, answers.pop(0).encode() + b"\n")
    found = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    text = written.decode(errors="replace").replace("\r\n", "\n")
    if found != status:
        raise Failed(f"{' '.join(command)}: expected status {status}, found {found}: {text}")
    return text


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise Failed(f"expected “{part}” in: {text}")
    return text
