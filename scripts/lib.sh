# shellcheck shell=bash
# What the scripts share; sourced, never run. Needs `set -euo pipefail` in the script that sources it.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# Everything that is built or installed for the project lands here.
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
TOOLS=$TARGET/tools
ORACLES=$TARGET/oracles
# rustup's own folder comes last: a shell that was open before rustup was installed does not know it.
export PATH="$TOOLS/bin:$PATH:${HOME:-/root}/.cargo/bin"

say() { printf '%s\n' "$*"; }
# For what a reader must not miss; stderr, so that it stands out even where stdout is kept.
loud() { printf '\n!!! %s\n' "$*" >&2; }
die() {
    loud "$*"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

pinned_toolchain() { sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml; }

# The toolchain that rust-toolchain.toml names, or the default one where that is the same release under another
# name (a machine that can fetch no toolchain has only `stable`).
use_toolchain() {
    have cargo || return 1
    local wanted
    wanted=$(pinned_toolchain)
    if cargo --version 2>/dev/null | grep -qF "cargo $wanted "; then return 0; fi
    if RUSTUP_TOOLCHAIN=stable cargo --version 2>/dev/null | grep -qF "cargo $wanted "; then
        export RUSTUP_TOOLCHAIN=stable
        return 0
    fi
    return 1
}

# Says which outside judges are installed, in the variables that the tests read.
export_oracles() {
    unset PASSKEY_LAB_ORACLE_PYTHON PASSKEY_LAB_ORACLE_NODE PASSKEY_LAB_ORACLE_NODE_MODULES
    if [ -f "$ORACLES/venv/.stamp" ]; then
        export PASSKEY_LAB_ORACLE_PYTHON=$ORACLES/venv/bin/python
    fi
    if [ -f "$ORACLES/node/.stamp" ]; then
        PASSKEY_LAB_ORACLE_NODE=$(command -v node)
        export PASSKEY_LAB_ORACLE_NODE PASSKEY_LAB_ORACLE_NODE_MODULES=$ORACLES/node/node_modules
    fi
}
