//! FIDO metadata that nobody here wrote: the BLOB no. 122 of December 2024 and GlobalSign's revocation lists, from
//! `../shared/vectors` beside the checkout.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lab_attestation::trust::Anchors;
use lab_attestation::trust::revocation::Revocation;
use lab_attestation::x509::Crl;
use lab_jobs::metadata::{Consulted, When};
use lab_jobs::models::Catalogue;
use lab_jobs::verify::{Options, Outcome};
use lab_jobs::world::World;
use lab_metadata::entry::PayloadEntry;
use lab_metadata::member::{Findings, Member as _, Place};
use lab_metadata::open::{FIDO_SOURCE, Opened, Opening, open};
use lab_metadata::{AuthenticatorStatus, InUse, Kept, ModelKey, Offered, fido_roots};
use lab_protocol::trace::Outcome as Found;
use serde_json::Value;

const BLOB: &str = "mds/blobs/fido-mds3-real-no122.jwt.gz";
/// When it was current.
const ITS_TIME: &str = "2024-12-21T00:00:00Z";

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    if !folder.is_dir() {
        eprintln!("SKIPPED: metadata: there is no folder ../shared/vectors beside the checkout");
        return None;
    }
    Some(folder)
}

fn blob() -> Option<Vec<u8>> {
    let file = std::fs::File::open(shared()?.join(BLOB)).unwrap();
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut text).unwrap();
    Some(text)
}

fn opened(bytes: &[u8], at: &str, crls: &[Crl<'_>]) -> Opened {
    let anchors: Anchors = fido_roots();
    open(bytes, &Opening { anchors: &anchors, crls, at: at.parse().unwrap(), source: FIDO_SOURCE })
}

#[test]
fn the_real_blob_verifies_at_its_time_and_not_after_its_certificates_end() {
    let Some(bytes) = blob() else { return };
    let now = opened(&bytes, ITS_TIME, &[]);
    assert!(now.verified(), "{:?}", now.trace.decided_by());
    let root = now.root.as_ref().unwrap();
    assert_eq!((root.subject.contains("GlobalSign"), root.stand_in), (true, false));
    let late = |at: &str| {
        let opened = opened(&bytes, at, &[]);
        let due = opened.trace.entry("metadata/next-update").unwrap().finding.outcome;
        (opened.trace.decided_by().map(|check| check.id), due)
    };
    assert_eq!(late("2025-01-01T12:00:00Z"), (None, Found::Pass));
    assert_eq!(late("2025-01-02T12:00:00Z"), (None, Found::Note), "due, and still the BLOB that it was");
    assert_eq!(late("2025-07-28T12:00:00Z"), (None, Found::Note));
    assert_eq!(late("2025-07-29T12:00:00Z"), (Some("metadata/chain"), Found::Note));
    assert_eq!(late("2024-06-26T12:00:00Z").0, Some("metadata/chain"), "its certificate is not valid yet");
}

#[test]
fn a_changed_byte_anywhere_breaks_it() {
    let Some(bytes) = blob() else { return };
    let dots: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at).collect();
    for (at, checks) in [
        (10, &["metadata/jws-syntax", "metadata/signature"][..]),
        (dots[0] + 1000, &["metadata/signature", "metadata/jws-syntax"][..]),
        (bytes.len() / 2, &["metadata/signature"][..]),
        (dots[1] + 20, &["metadata/signature"][..]),
    ] {
        let mut changed = bytes.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let opened = opened(&changed, ITS_TIME, &[]);
        let decided = opened.trace.decided_by().map(|check| check.id).unwrap_or_default();
        assert!(checks.contains(&decided), "byte {at}: {decided}");
    }
}

#[test]
fn each_of_its_entries_is_read_whole() {
    let Some(bytes) = blob() else { return };
    let payload = opened(&bytes, ITS_TIME, &[]).payload.unwrap();
    assert_eq!((payload.no, payload.len(), payload.repeated().len()), (122, 281, 0));
    assert_eq!(payload.next_update.to_string(), "2025-01-01");
    assert!(payload.legal_header.as_ref().unwrap().contains("metadata-legal-terms"));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for entry in payload.entries() {
        let kind = match entry.key().unwrap() {
            ModelKey::Aaguid(aaguid) => {
                assert!(std::sync::Arc::ptr_eq(payload.by_aaguid(*aaguid).unwrap(), entry));
                "fido2"
            }
            ModelKey::KeyIdentifier(_) => "u2f",
            ModelKey::Aaid(_) => "uaf",
        };
        *kinds.entry(kind).or_default() += 1;
        let findings = &entry.findings;
        wrong.extend(findings.problems.iter().map(|problem| format!("{}: {problem}", entry.description())));
        wrong.extend(findings.unknown.iter().map(|unknown| format!("{}: {unknown}", entry.description())));
    }
    assert_eq!(kinds, BTreeMap::from([("fido2", 189), ("u2f", 75), ("uaf", 17)]));
    // Feitian ran two certificates together in one element: each is an anchor.
    let expected = "Feitian BioPass FIDO2 Pro Authenticator: $.metadataStatement.attestationRootCertificates[1]: expected \
                    one certificate in Base64, found 476 bytes follow the certificate";
    assert_eq!(wrong, [expected]);
}

#[test]
fn what_is_read_is_what_somebody_else_decoded() {
    let (Some(bytes), Some(shared)) = (blob(), shared()) else { return };
    let payload = opened(&bytes, ITS_TIME, &[]).payload.unwrap();
    let mut compared = 0;
    for file in std::fs::read_dir(shared.join("mds/statements")).unwrap() {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        let json = json.get("entry").cloned().unwrap_or(json);
        let theirs = PayloadEntry::read(json.clone(), &Place::Root, &mut Findings::default()).unwrap();
        assert_eq!(theirs.write(), json, "nothing is lost");
        let ours = payload.entries().find(|entry| {
            entry.members.aaguid == theirs.aaguid
                && entry.members.attestation_certificate_key_identifiers
                    == theirs.attestation_certificate_key_identifiers
        });
        assert_eq!(ours.unwrap().members, theirs);
        compared += 1;
    }
    assert_eq!(compared, 120);
}

#[test]
fn revocation_lists_of_its_issuers_say_that_it_is_good_while_they_are_in_force() {
    let (Some(bytes), Some(shared)) = (blob(), shared()) else { return };
    let lists = ["gsextendvalsha2g3r3.crl", "root-r3.crl"]
        .map(|name| std::fs::read(shared.join("mds/crl").join(name)).unwrap());
    let crls: Vec<_> = lists.iter().map(|der| Crl::parse(der).unwrap()).collect();
    let asked =
        |at: &str| opened(&bytes, at, &crls).signers.into_iter().map(|signer| signer.revocation).collect::<Vec<_>>();
    assert_eq!(asked("2024-09-01T00:00:00Z"), [Revocation::Good, Revocation::Good]);
    let late = asked(ITS_TIME);
    assert!(late.iter().all(|revocation| revocation.to_string().contains("was due for renewal")), "{late:?}");
    let opened = opened(&bytes, ITS_TIME, &[]);
    let unknown = opened.trace.entry("metadata/revocation").unwrap();
    assert_eq!(unknown.finding.outcome, Found::Note);
    assert!(unknown.message().contains("no CRL of"), "{}", unknown.message());
}

#[test]
fn its_only_revoked_model_is_found_to_be() {
    let Some(bytes) = blob() else { return };
    let payload = opened(&bytes, ITS_TIME, &[]).payload.unwrap();
    let at = ITS_TIME.parse().unwrap();
    let standing = |entry| lab_metadata::standing::standing(entry, lab_metadata::standing::InHand::default(), at);
    let refused: Vec<_> = payload.entries().filter(|entry| !standing(entry).acceptable()).collect();
    let keys: Vec<_> = refused.iter().map(|entry| entry.key().unwrap().to_string()).collect();
    assert_eq!(keys, ["ba86dc56-635f-4141-aef6-00227b1b9af6"]);
    let uncertified = payload.entries().filter(|entry| standing(entry).certification.is_none()).count();
    assert_eq!(uncertified, 63);
    let yubikey = payload.by_aaguid("a25342c0-3cdc-4414-8e46-f4807fca511c".parse().unwrap()).unwrap();
    assert_eq!(standing(yubikey).certification, Some(AuthenticatorStatus::FidoCertifiedL2));
}

#[test]
fn it_stays_in_use_when_something_worse_is_offered() {
    let Some(bytes) = blob() else { return };
    let at = ITS_TIME.parse().unwrap();
    let mut in_use = InUse::new();
    assert_eq!(in_use.offer(opened(&bytes, ITS_TIME, &[]), at), Offered::Replaced { from: None, to: 122 });
    let cut = in_use.offer(opened(&bytes[..bytes.len() - 400], ITS_TIME, &[]), at);
    assert!(matches!(cut, Offered::Kept { reason: Kept::NotVerified { .. } }), "{cut:?}");
    let again = in_use.offer(opened(&bytes, ITS_TIME, &[]), at);
    assert_eq!(again, Offered::Kept { reason: Kept::SameNumber { found: 122 } });
    assert_eq!(in_use.blob().unwrap().payload.no, 122);
}

/// The example of the MDS3 specification: signed with ES256, under a root of its own.
#[test]
fn the_example_of_the_specification_reads_and_its_signature_holds() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("mds/fido-mds3-spec-examples.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let example = json["examples"].as_array().unwrap().iter().find(|example| example["name"] == "BlobJwt").unwrap();
    let margin = |c: &char| *c != '|' && !c.is_whitespace();
    let jwt: String = example["text"].as_str().unwrap().chars().filter(margin).collect();
    let opened = opened(jwt.as_bytes(), "2021-06-01T00:00:00Z", &[]);
    assert_eq!(opened.trace.decided_by().map(|check| check.id), Some("metadata/chain"), "nobody trusts its root");
    assert_eq!(opened.trace.entry("metadata/signature").unwrap().finding.outcome, Found::Pass);
    let payload = opened.payload.unwrap();
    assert_eq!((payload.no, payload.len()), (15, 2));
    let problems = payload.entries().flat_map(|entry| entry.findings.problems.iter().map(ToString::to_string));
    let expected = "$.metadataStatement.authenticatorGetInfo.options.plat: expected true or false, found “false”";
    let problems: Vec<String> = problems.collect();
    assert!(problems.contains(&expected.to_owned()), "{problems:?}");
}

/// The positives of the vectors, judged with metadata: those whose chain their AAGUID's entry does not know are valid
/// and untrusted.
#[test]
fn chains_that_the_models_entry_does_not_know_are_valid_statements_and_untrusted() {
    let (Some(bytes), Some(shared)) = (blob(), shared()) else { return };
    let folder = std::env::temp_dir().join(format!("passkey-lab-metadata-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("blob.jwt");
    std::fs::write(&file, &bytes).unwrap();
    let catalogue = Catalogue::read(None).unwrap();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let world = World::seeded(1, now);
    let name = file.display().to_string();
    let metadata = Consulted::read(&name, None, When::OfItsTime, &catalogue, &world, &mut std::io::empty()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(metadata.notes.iter().any(|note| note.contains("have expired")), "{:?}", metadata.notes);
    let path = shared.join("registrations/positive.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let options = Options {
        anchors: None,
        metadata: Some(&metadata),
        at: None,
        now,
        second_opinion: false,
        anatomy: false,
        catalogue: &catalogue,
    };
    let mut outcome = Outcome::default();
    outcome.judge_file(&path, &text, &options);
    let said: Value = serde_json::from_str(&text).unwrap();
    let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &outcome.cases {
        let theirs = said.as_array().unwrap().iter().find(|said| said["id"] == case.id.as_str()).unwrap();
        let theirs = theirs["mds_no122"].as_str().unwrap_or_default();
        // What is not valid is for the vectors' own test to judge.
        if case.outcome != "valid" {
            continue;
        }
        let trust = case.attestation.as_ref().unwrap().trust;
        let chains = theirs.starts_with("chains to a root");
        *counts.entry((chains, trust)).or_default() += 1;
        let known = case.metadata.as_ref().unwrap().entry.is_some();
        assert_eq!(known, theirs != "no entry", "{}: {theirs}", case.id);
        let good = match trust {
            "trusted" => chains,
            "untrusted" => !chains,
            "no-path" => !known || case.attestation.as_ref().unwrap().kind == "self",
            _ => false,
        };
        if !good {
            wrong.push(format!("{}: {trust}, {theirs}: {:?}", case.id, case.metadata));
        }
    }
    assert_eq!(wrong, [""; 0], "{counts:?}");
    assert!(counts.contains_key(&(true, "trusted")) && counts.contains_key(&(false, "untrusted")), "{counts:?}");
}
