//! The workspace itself: which crate may know which, and who may do what.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each crate may depend on what it names here, and on whatever those may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("lab-protocol", &[]),
    ("lab-hid", &["lab-protocol"]),
    ("lab-attestation", &["lab-protocol"]),
    ("lab-entra", &["lab-protocol"]),
    ("lab-client", &["lab-protocol"]),
    ("lab-authenticator", &["lab-protocol", "lab-attestation"]),
    ("lab-relying-party", &["lab-protocol", "lab-attestation"]),
    ("lab-metadata", &["lab-protocol", "lab-attestation"]),
    ("lab-directory", &["lab-entra", "lab-relying-party"]),
    ("lab-lies", &["lab-authenticator", "lab-client"]),
    ("lab-conformance", &["lab-protocol", "lab-hid", "lab-client", "lab-authenticator", "lab-lies"]),
    ("lab-peers", &["lab-protocol"]),
    (
        "lab-jobs",
        &["lab-hid", "lab-entra", "lab-relying-party", "lab-metadata", "lab-lies", "lab-conformance", "lab-peers"],
    ),
    ("lab-links", &["lab-protocol", "lab-hid"]),
    ("lab-server", &["lab-jobs", "lab-directory"]),
    ("lab-cli", &["lab-jobs", "lab-links", "lab-server"]),
];

/// Packages that nothing depends on and that may see everything.
const JUDGES: &[&str] = &["lab-tests", "lab-benches"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The lab's own dependencies of each package, development dependencies left out.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let own = dependencies.filter(|dependency| dependency["kind"] != "dev" && !dependency["path"].is_null());
            let names = own.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (package["name"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect()
}

fn allowed(name: &str) -> BTreeSet<&'static str> {
    let (_, named) =
        ARROWS.iter().find(|(arrow, _)| *arrow == name).unwrap_or_else(|| panic!("{name} has no line in ARROWS"));
    let below = named.iter().flat_map(|name| allowed(name));
    named.iter().copied().chain(below).collect()
}

#[test]
fn arrows_point_one_way() {
    for (package, dependencies) in arrows().iter().filter(|(package, _)| !JUDGES.contains(&package.as_str())) {
        let allowed = allowed(package);
        let wrong: Vec<_> = dependencies.iter().filter(|name| !allowed.contains(name.as_str())).collect();
        assert!(wrong.is_empty(), "{package} depends on {wrong:?}, which is no arrow of the architecture");
    }
}

#[test]
fn authenticator_and_relying_party_never_meet_below_the_jobs() {
    for name in ["lab-authenticator", "lab-lies", "lab-client", "lab-peers"] {
        assert!(!allowed(name).contains("lab-relying-party"), "{name}");
    }
    for name in ["lab-relying-party", "lab-entra"] {
        assert!(!allowed(name).contains("lab-authenticator"), "{name}");
    }
}

/// The server stands at the root, beside the crates.
fn folder(name: &str) -> PathBuf {
    if name == "server" { root().join("lab-server") } else { root().join("crates").join(name) }
}

/// The sources of a crate, without its tests.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder(name).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let of_tests = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
            if path.is_dir() && !of_tests {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !of_tests {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.push((path, code));
            }
        }
    }
    found
}

fn crates() -> Vec<String> {
    ARROWS.iter().map(|(name, _)| name.trim_start_matches("lab-").to_owned()).collect()
}

fn assert_absent(crates: &[String], needles: &[&str], why: &str) {
    for (path, code) in crates.iter().flat_map(|name| sources(name)) {
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (needle, line) in lines.flat_map(|line| needles.iter().map(move |needle| (needle, line))) {
            assert!(!line.contains(needle), "{}: {why}: {needle} in `{}`", path.display(), line.trim());
        }
    }
}

#[test]
fn only_the_program_and_the_doors_meet_the_system() {
    let without =
        |apart: &[&str]| crates().into_iter().filter(|name| !apart.contains(&name.as_str())).collect::<Vec<_>>();
    assert_absent(
        &without(&["cli", "links", "server"]),
        &["Timestamp::now", "SystemTime::now", "Instant::now", "Zoned::now"],
        "only cli, links and the server read the clock",
    );
    assert_absent(&without(&["cli"]), &["println!", "eprintln!", "print!(", "dbg!"], "only cli prints");
    assert_absent(
        &without(&["links", "server"]),
        &["TcpListener", "UnixListener", "TcpStream", "UdpSocket"],
        "only links and the server have a network",
    );
}

#[test]
fn engine_and_client_never_name_a_lie() {
    let names: Vec<String> = lab_lies::all().iter().map(|lie| format!("\"{}", lie.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_absent(&["authenticator".into(), "client".into()], &names, "lies live in crate lies");
    assert_absent(&["authenticator".into(), "client".into()], &["lab_lies"], "lies live in crate lies");
}

#[test]
fn no_file_has_grown_into_two_things() {
    for (path, code) in crates().iter().flat_map(|name| sources(name)) {
        // The rows of a catalogue are data: what counts is the code behind them.
        let catalogue = path.components().any(|part| part.as_os_str() == "cases");
        let counted = if catalogue { code.split_once("\n];\n").map_or(&code[..], |(_, code)| code) } else { &code };
        let lines = counted.lines().count();
        assert!(lines <= if catalogue { 450 } else { 400 }, "{} has {lines} lines", path.display());
    }
}
