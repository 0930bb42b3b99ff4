"""Two people at one lab from two machines, and a third who was not invited: curl, Python's own TLS and Chromium.

    two_machines.py --program target/release/passkey-lab [--modules NODE_MODULES]

Each machine is a network namespace with a cable to the lab's own, where the lab listens at an address of its own, at port
443 of an origin of the team's, with a certificate that openssl made. Needs root, iproute2, curl and openssl. Exit status 0
when every step came out as written here, 3 when there are no network namespaces to be had, and why.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile

HOST = "lab.corp.example"
ORIGIN = f"https://{HOST}"
LAB = "10.213.0.1"
PEOPLE = {"ada": "10.213.0.2", "bob": "10.213.0.3", "mallory": "10.213.0.4"}
FIDO2 = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2"
STAFF = "anna.seidel@lindenhof.example"
PILOT = "two-machines@lab.example"
SCRIPT = pathlib.Path(__file__).with_name("rehearse.mjs")
# Namespaces of this run: names of their own, so that two runs do not meet.
RUN = f"plk{os.getpid()}"


class Failed(Exception):
    pass


def run(*command, status=(0,)):
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    if ran.returncode not in status:
        raise Failed(f"{' '.join(map(str, command))}: status {ran.returncode}: {ran.stdout}{ran.stderr}")
    return ran


def equal(what, expected, found):
    if expected != found:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise Failed(f"expected “{part}” in: {text}")


# ---- machines


def machine(name):
    return f"{RUN}-{name}"


def at(name, *command):
    """A command on one of the machines."""
    return ["ip", "netns", "exec", machine(name), *command]


def cable(name, address):
    """From a machine to the lab: no switch between them, so that any kernel will do."""
    run("ip", "netns", "add", machine(name))
    run("ip", "-n", machine(name), "link", "set", "lo", "up")
    here, there = f"{name}-0", f"lab-{name}"
    run("ip", "-n", machine("lab"), "link", "add", there, "type", "veth", "peer", "name", here, "netns", machine(name))
    for of, link in [(name, here), ("lab", there)]:
        run("ip", "-n", machine(of), "link", "set", link, "up")
    run("ip", "-n", machine(name), "address", "add", f"{address}/32", "dev", here)
    run("ip", "-n", machine(name), "route", "add", f"{LAB}/32", "dev", here)
    run("ip", "-n", machine("lab"), "route", "add", f"{address}/32", "dev", there)


def build():
    run("ip", "netns", "add", machine("lab"))
    run("ip", "-n", machine("lab"), "link", "set", "lo", "up")
    run("ip", "-n", machine("lab"), "address", "add", f"{LAB}/32", "dev", "lo")
    for name, address in PEOPLE.items():
        cable(name, address)


def tear_down():
    if shutil.which("ip") and os.geteuid() == 0:
        for name in ["lab", *PEOPLE]:
            run("ip", "netns", "delete", machine(name), status=(0, 1, 255))


def lacks():
    """Why there are no machines here; None where there are."""
    missing = [program for program in ["ip", "curl", "openssl"] if not shutil.which(program)]
    if missing:
        return f"{', '.join(missing)} not installed"
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        build()
    except Failed as failure:
        return f"no network namespaces here: {failure}"
    return None


# ---- the lab


def certificate(folder):
    """A CA that these clients alone are told of, and a certificate for the lab's host."""
    ca, key, request, leaf = [folder / name for name in ["ca.pem", "key.pem", "request.pem", "leaf.pem"]]
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run(*new, "-x509", "-days", "1", "-subj", "/CN=Two machines", "-keyout", folder / "ca.key", "-out", ca)
    run(*new, "-subj", f"/CN={HOST}", "-keyout", key, "-out", request)
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:{HOST}\nbasicConstraints=CA:FALSE\n")
    sign = ["openssl", "x509", "-req", "-days", "1", "-CA", ca, "-CAkey", folder / "ca.key"]
    run(*sign, "-in", request, "-extfile", extensions, "-out", leaf)
    return ca, leaf, key


class Lab:
    """A running `serve` in the middle, and how each machine asks it."""

    def __init__(self, program, folder, modules):
        self.folder, self.modules = folder, modules
        self.ca, leaf, key = certificate(folder)
        self.leaf = leaf
        self.token = secrets.token_hex(16)
        (folder / "token").write_text(self.token + "\n")
        command = [program, "serve", "--tenant", "example:fresh-default", "--listen", f"{LAB}:443", "--management", ":0"]
        command += ["--origin", ORIGIN, "--cert", leaf, "--key", key, "--token-file", folder / "token", "--quiet"]
        self.command = [str(word) for word in command]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(at("lab", *self.command), **streams)
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the lab did not start: status {self.process.wait(10)}")
        self.said = json.loads(line)

    def curl(self, who, path, *more, token=None, status=(0,), origin=ORIGIN):
        """What curl on a machine gets: status, headers in lower case, body."""
        command = ["curl", "--silent", "--include", "--max-time", "20", "--http1.1", "--cacert", str(self.ca)]
        command += ["--resolve", f"{HOST}:443:{LAB}", "--resolve", f"{HOST}:80:{LAB}"]
        command += ["--header", f"Authorization: Bearer {token}"] if token else []
        text = run(*at(who, *command, *more, origin + path), status=status).stdout
        head, _, body = text.partition("\n\n") if "\r\n\r\n" not in text else text.partition("\r\n\r\n")
        return int(head.split()[1]) if head else None, head.lower(), body

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        equal("the lab's exit status", 0, self.process.wait(20))


PYTHON = """
import json, socket, ssl, sys
ca, host, address, token, path = sys.argv[1:]
with socket.create_connection((address, 443), 20) as plain:
    with ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=host) as tls:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {token}", "Connection: close", "", ""]
        tls.sendall("\\r\\n".join(lines).encode())
        answer = b"".join(iter(lambda: tls.recv(65536), b""))
        print(json.dumps([tls.version(), answer.decode()]))
"""


# ---- steps


def one_state(lab):
    """What Ada does, Bob sees, and the other way round."""
    kind = "#microsoft.graph.fido2AuthenticationMethodConfiguration"
    change = json.dumps({"@odata.type": kind, "isSelfServiceRegistrationAllowed": False})
    send = ["--request", "PATCH", "--header", "Content-Type: application/json", "--data", change]
    status, _, body = lab.curl("ada", FIDO2, *send, token=lab.token)
    equal("Ada's change", 204, status)
    _, _, body = lab.curl("bob", FIDO2, token=lab.token)
    equal("what Bob sees of it", False, json.loads(body)["isSelfServiceRegistrationAllowed"])
    back = [*send[:-1], change.replace("false", "true")]
    equal("Bob's change", 204, lab.curl("bob", FIDO2, *back, token=lab.token)[0])
    _, _, body = lab.curl("ada", FIDO2, token=lab.token)
    equal("what Ada sees of it", True, json.loads(body)["isSelfServiceRegistrationAllowed"])
    begin = json.dumps({"username": PILOT, "displayName": "Pilot"})
    send = ["--header", "Content-Type: application/json", "--data", begin]
    status, _, body = lab.curl("bob", "/attestation/options", *send, token=lab.token)
    equal("Bob begins a registration", (200, HOST), (status, json.loads(body)["rp"]["id"]))
    python = at("ada", sys.executable, "-c", PYTHON)
    ran = run(*python, lab.ca, HOST, LAB, lab.token, "/v1.0/users?$select=userPrincipalName")
    version, answer = json.loads(ran.stdout)
    equal("TLS", "TLSv1.3", version)
    has(answer, "200 OK", PILOT)
    _, _, log = lab.curl("ada", "/v1.0/auditLogs/directoryAudits", token=lab.token)
    has(log, PILOT)


def people_enter(lab):
    """Bob's browser enters the token once, and has a cookie for a host of the team's that is reached by TLS alone."""
    form = ["--data-urlencode", f"token={lab.token}", "--header", f"Origin: {ORIGIN}"]
    status, head, _ = lab.curl("bob", "/enter", *form)
    equal("entered", 303, status)
    has(head, "secure", "httponly", "samesite=strict", "strict-transport-security: max-age=86400")
    cookie = head.split("set-cookie: ")[1].split(";")[0]
    status, _, page = lab.curl("bob", "/", "--header", f"Cookie: {cookie}")
    equal("the console", 200, status)
    has(page, "Console", PILOT)


def browsers(lab):
    """Both enter the token in a browser, register, and sign in; each sees the other's ceremonies."""
    missing = [program for program in ["node", "chromium"] if not shutil.which(program)]
    missing += [] if lab.modules else ["playwright-core"]
    if missing:
        return f"SKIPPED: {', '.join(missing)} not installed"
    for who, user in [("ada", STAFF), ("bob", PILOT)]:
        said = rehearse(lab, who, user)
        equal(f"{who}'s steps", ["ready", "registered", "signed in"], [line["step"] for line in said])
        for line in said[1:]:
            has(line["response"], "Allowed")
    for who in ["ada", "bob"]:
        _, _, rows = lab.curl(who, "/ceremonies", token=lab.token)
        has(rows, STAFF, PILOT)
    return None


def rehearse(lab, who, user):
    """What Chromium says on somebody's machine, which takes the certificate by its key: no machine trusts the CA."""
    spki = run("openssl", "x509", "-in", lab.leaf, "-noout", "-pubkey").stdout
    as_der = ["openssl", "pkey", "-pubin", "-outform", "der"]
    der = subprocess.run(as_der, input=spki.encode(), capture_output=True, check=True).stdout
    pin = base64.b64encode(hashlib.sha256(der).digest()).decode()
    flags = [f"--ignore-certificate-errors-spki-list={pin}", f"--host-resolver-rules=MAP {HOST} {LAB}"]
    command = ["chromium", f"--user-data-dir={lab.folder / who}", *flags, f"{ORIGIN}/"]
    words = at(who, shutil.which("node"), SCRIPT, "--virtual", "--user", user, "--command", json.dumps(command))
    environment = {**os.environ, "PASSKEY_LAB_TOKEN": lab.token, "PASSKEY_LAB_ORACLE_NODE_MODULES": str(lab.modules)}
    ran = subprocess.run(words, capture_output=True, text=True, timeout=180, env=environment)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    if not said or said[-1]["step"] == "failed":
        raise Failed(f"{who}'s browser: {said} {ran.stderr[-2000:]}")
    return said


def uninvited(lab):
    """Without the token there is nothing, by whichever door."""
    paths = ["/", "/mysecurityinfo", "/ceremonies", "/events", "/log", "/v1.0/users", FIDO2, "/attestation/options"]
    for path in [*paths, "/nowhere", "/.well-known/passkey-lab", "/.well-known/webauthn"]:
        status, _, body = lab.curl("mallory", path)
        equal(path, 404 if path.endswith("/webauthn") else 401, status)
        if PILOT in body or lab.said["nonce"] in body:
            raise Failed(f"{path} tells something: {body}")
    # Of the right host, by its name alone, and by TLS alone.
    equal("another host", 421, lab.curl("mallory", "/", "--header", "Host: evil.example")[0])
    lab.curl("mallory", "/", origin=f"http://{HOST}", status=(7,))
    lab.curl("mallory", "/", "--tls-max", "1.2", status=(35,))
    lab.curl("mallory", "/", "--cacert", "/dev/null", status=(60, 77))
    management = lab.said["listening"]["management"].replace("127.0.0.1", LAB)
    lab.curl("mallory", "/", origin=management, status=(7,))


def guessing(lab):
    """Guesses are counted for whoever guesses, and for nobody else."""
    found = [lab.curl("mallory", "/v1.0/users", token=f"{guess:032x}")[0] for guess in range(14)]
    equal("answers", ([401] * 10, 429), (found[:10], found[-1]))
    equal("the right one at last", 429, lab.curl("mallory", "/v1.0/users", token=lab.token)[0])
    for who in ["ada", "bob"]:
        equal(who, 200, lab.curl(who, "/v1.0/users", token=lab.token)[0])


def starts_only_guarded(lab):
    """Others can reach the address: no lab without a token there, and none with a certificate of another host."""
    without = [word for word in lab.command if word != "--token-file" and not word.endswith("/token")]
    ran = run(*at("lab", *without), status=(2,))
    has(ran.stderr, "expected a token")
    other = ["https://elsewhere.example" if word == ORIGIN else word for word in lab.command]
    ran = run(*at("lab", *other), status=(2,))
    has(ran.stderr, f"leaf.pem: the certificate is not for elsewhere.example: it names {HOST}")


STEPS = [one_state, people_enter, browsers, uninvited, guessing, starts_only_guarded]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--modules", type=pathlib.Path, help="node_modules with playwright-core")
    parser.add_argument("--possible", action="store_true", help="only say whether there are network namespaces here")
    arguments = parser.parse_args()
    why = lacks()
    if why or arguments.possible:
        tear_down()
        print(f"SKIPPED: {why}" if why else "there are network namespaces here")
        sys.exit(3 if why else 0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            modules = arguments.modules and arguments.modules.resolve()
            lab = Lab(str(arguments.program.resolve()), pathlib.Path(folder), modules)
            try:
                for step in STEPS:
                    skipped = step(lab)
                    what = step.__doc__.splitlines()[0]
                    print(f"{step.__name__}: {skipped}" if skipped else f"ok  {step.__name__}: {what}", flush=True)
            finally:
                lab.stop()
    finally:
        tear_down()


if __name__ == "__main__":
    main()
