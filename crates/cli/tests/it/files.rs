//! `--output FILE`: the whole result, or the file as it was.

use std::fs;

use super::program::{FIXED, ceremony, run, scratch};

fn names(folder: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_file_holds_what_standard_output_would() {
    let folder = scratch("output");
    let path = folder.join("result.json");
    fs::write(&path, "before").unwrap();
    let written = ceremony("fresh-default", "yubikey-5-nfc", &["--format", "json", "--output", path.to_str().unwrap()]);
    let printed = ceremony("fresh-default", "yubikey-5-nfc", &["--format", "json"]);
    assert_eq!((written.status, written.stdout.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), printed.stdout);
    assert_eq!(names(&folder), ["result.json"]);
}

#[test]
fn a_bad_verdict_is_a_result_and_is_written() {
    let folder = scratch("output-refused");
    let path = folder.join("result.md");
    let refused = ["--format", "markdown", "--output", path.to_str().unwrap()];
    assert_eq!(ceremony("legacy-block-list", "icloud-keychain", &refused).status, 1);
    assert!(fs::read_to_string(&path).unwrap().starts_with("**REFUSED at registration by entra/passkey-type**\n"));
}

#[test]
fn a_refusal_leaves_the_file_as_it_was() {
    let folder = scratch("output-kept");
    let path = folder.join("result.json");
    fs::write(&path, "before").unwrap();
    let output = path.to_str().unwrap();
    for arguments in [
        &["models", "show", "no-such-model", "--output", output][..],
        &["explain", "--format", "csv", "--output", output],
        &["tenant", "check", "no-such-folder", "--output", output],
    ] {
        assert_eq!(run(arguments).status, 2);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names(&folder), ["result.json"]);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = scratch("output-nowhere");
    let missing = folder.join("missing/result.json");
    let ran = run(&["explain", "--output", missing.to_str().unwrap()]);
    assert_eq!(
        ran.refusal(),
        format!("{}: the result cannot be written: the folder does not exist", missing.display())
    );
    let ran = run(&["explain", "--output", folder.to_str().unwrap()]);
    assert_eq!(
        ran.refusal(),
        format!("{}: the result cannot be written: expected a file, found a folder", folder.display())
    );
    assert_eq!(names(&folder), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = scratch("output-link");
    let (target, link) = (folder.join("target.json"), folder.join("link.json"));
    fs::write(&target, "before").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&target, &link).unwrap();
    let start = ["models", "list", "--format", "json", "--output", link.to_str().unwrap()];
    assert_eq!(run(&start.into_iter().chain(FIXED).collect::<Vec<_>>()).status, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().starts_with('{'));
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_as_it_is() {
    let ran = run(&["explain", "entra/attestation", "--output", "/dev/null"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}
