#!/usr/bin/env python3
"""Judges recorded cases with a verifier from PyPI: one JSON line in, one JSON line out.

    python_oracles.py --verifier py_webauthn|python-fido2 < cases.jsonl > verdicts.jsonl

The protocol is in README.md. A line that cannot be read is answered with `error`; the exit status is 0 when every
line was answered, and 3 when the verifier is not installed.
"""

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

VERIFIERS = {"py_webauthn": "judge_py_webauthn", "python-fido2": "judge_python_fido2"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verifier", choices=sorted(VERIFIERS), required=True)
    name = parser.parse_args().verifier
    try:
        verifier = importlib.import_module(VERIFIERS[name])
        header = {"verifier": name, "version": version(verifier.PACKAGE)}
    except (ImportError, PackageNotFoundError) as error:
        print(f"{name} is not installed: {error} (scripts/setup --tests installs it)", file=sys.stderr)
        return 3
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(line, verifier, header)), flush=True)
    return 0


def answer(line: str, verifier, header: dict) -> dict:
    """One verdict; whatever happens, the batch goes on."""
    from cases import OddChallenge, Unreadable, Verdict, explain, load_line, read_case

    case_id = None
    try:
        raw = load_line(line)
        case_id = raw.get("id")
        verdict = verifier.judge(read_case(raw))
    except OddChallenge as error:
        verdict = Verdict("unsupported", why=str(error))
    except Unreadable as error:
        verdict = Verdict("error", why=f"case cannot be read: {error}")
    except Exception as error:
        verdict = Verdict("error", why=f"the adapter failed: {explain(error)}")
    return {"id": case_id, **header, **asdict(verdict)}


if __name__ == "__main__":
    sys.exit(main())
