#!/usr/bin/env python3
"""Do the outside judges judge? Honest samples must pass, and the same samples with one thing changed must not.

    selfcheck.py [--vectors DIR]

With a folder of vectors (default: ../shared/vectors beside the checkout, skipped loudly where absent) each verifier's
answer is also compared with what the same version answered when the vectors were collected (`peers`).
Needs $PASSKEY_LAB_ORACLE_NODE (default: node on PATH); runs the Python verifiers with its own interpreter.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import samples

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[2] / "shared" / "vectors"
COMMANDS = {
    "py_webauthn": [sys.executable, str(HERE / "python_oracles.py"), "--verifier", "py_webauthn"],
    "python-fido2": [sys.executable, str(HERE / "python_oracles.py"), "--verifier", "python-fido2"],
    "@simplewebauthn/server": [os.environ.get("PASSKEY_LAB_ORACLE_NODE", "node"), str(HERE / "simplewebauthn.mjs")],
}
FILES = [
    "registrations/positive.json",
    "registrations/negative.json",
    "registrations/implementation-defined.json",
    "derived/registrations.json",
    "derived/assertions.json",
    "assertions/real.json",
]
# What a verifier cannot do, measured: where its answer to a sample is not the right one.
LIMITS = {
    ("py_webauthn", "self ES384"): "unsupported",
    ("py_webauthn", "sign-in ES384"): "unsupported",
    ("py_webauthn", "none ES384"): "unsupported",
    ("python-fido2", "count did not rise"): "accept",
    ("python-fido2", "algorithm not offered"): "accept",
    ("python-fido2", "x5c judged after its end"): "accept",
}
# What is said about the certificate path, where it matters; python-fido2 checks no dates and does not say "trusted".
TRUST = {"x5c": "trusted", "x5c without anchors": "not-checked", "x5c under a stranger's root": "untrusted"}
NEVER_TRUSTED = ("python-fido2",)
# Answers that differ from the recorded ones, with the reason.
DIFFERENCES = {
    ("@simplewebauthn/server", "packed-2eb321e600"): "Ed448 is not in its COSEALG; the record offered every number",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, default=VECTORS)
    vectors = parser.parse_args().vectors
    tally = Counter()
    wanted = expected_answers()
    for verifier in COMMANDS:
        check_samples(verifier, wanted, tally)
    if vectors.is_dir():
        cases = recorded_cases(vectors)
        for verifier in COMMANDS:
            check_record(verifier, cases, tally)
    else:
        print(f"SKIPPED: comparison with recorded answers: {vectors} is absent")
    print(f"{tally['passed']} passed, {tally['failed']} failed")
    return 1 if tally["failed"] or not tally["passed"] else 0


def expected_answers() -> list[tuple[dict, str]]:
    """Samples and what a verifier that can do everything answers."""
    found: list[tuple[dict, str]] = []
    known = samples.algorithms()
    for name, algorithm in known.items():
        found.append((samples.registration(f"none {name}", "none", algorithm), "accept"))
        found.append((samples.registration(f"self {name}", "packed", algorithm), "accept"))
        found.append((samples.registration(f"self {name}, bit flipped", "packed", algorithm, flip=True), "reject"))
        found.append((samples.authentication(f"sign-in {name}", algorithm), "accept"))
        found.append((samples.authentication(f"sign-in {name}, bit flipped", algorithm, flip=True), "reject"))
    return found + with_one_change(known["ES256"]) + with_certificates(known["ES256"])


def with_one_change(algorithm) -> list[tuple[dict, str]]:
    sign_in = samples.authentication("", algorithm)
    register = samples.registration("", "packed", algorithm)
    other = samples.b64(bytes(32))
    raised = {**sign_in["stored"], "sign_count": 7}
    return [
        ({**sign_in, "id": "sign-in, other origin", "origin": "https://evil.example"}, "reject"),
        ({**sign_in, "id": "sign-in, other rpId", "rp_id": "evil.example"}, "reject"),
        ({**sign_in, "id": "sign-in, other challenge", "challenge": other}, "reject"),
        ({**sign_in, "id": "count did not rise", "stored": raised}, "reject"),
        ({**register, "id": "registration, other origin", "origin": "https://evil.example"}, "reject"),
        ({**register, "id": "registration, other rpId", "rp_id": "evil.example"}, "reject"),
        ({**register, "id": "registration, other challenge", "challenge": other}, "reject"),
        ({**register, "id": "algorithm not offered", "allowed_algs": [-257]}, "reject"),
        (user_not_verified(algorithm), "reject"),
        ({**register, "id": "odd challenge", "challenge": "AA=="}, "unsupported"),
        ({**register, "id": "unreadable case", "response": None}, "error"),
    ]


def user_not_verified(algorithm) -> dict:
    case = samples.authentication("user not verified", algorithm, flags=0x01)
    return {**case, "require_user_verification": True}


def with_certificates(algorithm) -> list[tuple[dict, str]]:
    issuer, stranger = samples.Issuer("Sample root"), samples.Issuer("Other root")
    honest = samples.registration("x5c", "packed", algorithm, issuer)
    bad = samples.registration("x5c, bit flipped", "packed", algorithm, issuer, flip=True)
    anchors = [issuer.anchor]
    late = {"anchors": anchors, "verify_time": "2028-01-01T00:00:00Z"}
    return [
        ({**honest, "anchors": anchors}, "accept"),
        ({**honest, "id": "x5c without anchors"}, "accept"),
        ({**bad, "anchors": anchors}, "reject"),
        ({**honest, "id": "x5c under a stranger's root", "anchors": [stranger.anchor]}, "reject"),
        ({**honest, "id": "x5c judged after its end", **late}, "reject"),
    ]


def ask(verifier: str, cases: list[dict]) -> list[dict]:
    """One process, one batch; as many answers as cases, in their order."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(COMMANDS[verifier], input=lines, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise SystemExit(f"{verifier} ended with status {done.returncode}: {done.stderr.strip()}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if [a["id"] for a in answers] != [c["id"] for c in cases]:
        raise SystemExit(f"{verifier} did not answer every case in order")
    return answers


def check_samples(verifier: str, wanted: list[tuple[dict, str]], tally: Counter) -> None:
    for (case, ideal), answer in zip(wanted, ask(verifier, [case for case, _ in wanted])):
        # A flipped signature of an algorithm that it lacks is not judged either.
        stem = case["id"].removesuffix(", bit flipped")
        limit = LIMITS.get((verifier, case["id"])) or LIMITS.get((verifier, stem))
        note(tally, answer["result"] == (limit or ideal), f"{verifier}: {case['id']}: {answer}, expected {limit or ideal}")
        trust = TRUST.get(case["id"], answer["trust"])
        if trust == "trusted" and verifier in NEVER_TRUSTED:
            trust = "not-checked"
        note(tally, answer["trust"] == trust, f"{verifier}: {case['id']}: {answer}, expected trust {trust}")


def recorded_cases(folder: Path) -> list[dict]:
    roots = {root["sha256"]: root["file"] for root in json.loads((folder / "roots/index.json").read_text())}
    cases = []
    for name in FILES:
        for case in json.loads((folder / name).read_text()):
            anchor = (case.get("chain") or {}).get("anchor_sha256")
            if anchor:
                case["anchors"] = [(folder / "roots" / roots[anchor]).read_text()]
            cases.append(case)
    return cases


def check_record(verifier: str, cases: list[dict], tally: Counter) -> None:
    """Accept must be accept; what was recorded as reject may be `unsupported` here: the record knows no such word."""
    compared = Counter()
    for case, answer in zip(cases, ask(verifier, cases)):
        recorded = case["peers"].get(f"{verifier} {answer['version']}")
        if recorded is None or (verifier, case["id"]) in DIFFERENCES:
            compared["known difference" if recorded else "not recorded"] += 1
            continue
        accepted = recorded["result"] == "accept" and not str(recorded.get("chain", "")).startswith("fail")
        agrees = (answer["result"] == "accept") == accepted
        note(tally, agrees, f"{verifier}: {case['id']}: recorded {recorded}, answered {answer}")
        compared["agrees" if agrees else "differs"] += 1
    print(f"{verifier} against its recorded answers: {dict(compared)}")


def note(tally: Counter, good: bool, message: str) -> None:
    tally["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED {message}")


if __name__ == "__main__":
    sys.exit(main())
