//! Attestation: signatures verified and made, statements emitted and verified, certificate paths
//! built and checked.
//!
//! Verification runs on aws-lc. Keys sign either with it or, in a seeded run, with RustCrypto, where
//! the same seed gives the same bytes. Time is always an argument.
//!
//! To add a format is one file in `verify/` and one in `emit/`, and a line of each list:
//! [`verify::FORMATS`] and its counterpart in [`emit`]. The two sides share only [`layout`].

mod aaguid;
mod apple_nonce;
pub mod asn1;
pub mod emit;
pub mod jws;
pub mod key_description;
pub mod keys;
pub mod layout;
mod note;
mod policy;
mod record;
pub mod signature;
mod statement;
#[cfg(test)]
mod test_certificates;
#[cfg(test)]
mod test_rng;
#[cfg(test)]
mod test_statements;
#[cfg(test)]
mod test_subject;
pub mod trust;
mod vendors;
pub mod verify;
pub mod x509;
mod x5c;

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

#[cfg(test)]
mod formats_tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The names of the files of a folder: one for each format.
    fn files(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        let names = sources.map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"));
        names.filter(|name| name != "tests" && name != "error").collect()
    }

    #[test]
    fn each_file_is_a_format_of_both_lists() {
        let verified: BTreeSet<_> = crate::verify::FORMATS.iter().map(|format| format.id().to_owned()).collect();
        assert_eq!(files("verify"), verified);
        let emitted: BTreeSet<_> = crate::emit::formats().map(str::to_owned).collect();
        assert_eq!(files("emit"), emitted);
        assert_eq!(verified, emitted, "every format is made and judged");
        assert!(crate::verify::format("Packed").is_none(), "identifiers are matched case-sensitively");
    }

    #[test]
    fn no_check_is_listed_twice() {
        let checks = crate::verify::FORMATS.iter().flat_map(|format| format.checks());
        let ids: Vec<_> = checks.chain(crate::trust::CHECKS).map(|check| check.id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.starts_with("attestation/")));
    }
}
