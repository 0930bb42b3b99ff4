use lab_protocol::trace::Outcome;
use proptest::prelude::*;

use super::*;
use crate::layout::oid as id;
use crate::signature::SignatureError;
use crate::test_certificates::{Issued, Template, at, basic_constraints};
use crate::vendors::writer::{PRINTABLE_STRING, SEQUENCE, attribute, element, extension};
use crate::verify::Kind;

const NOW: &str = "2026-11-20T12:00:00Z";

fn attested(chain: &[&Issued]) -> Attested {
    offered(chain.iter().map(|issued| issued.der.clone()).collect())
}

fn offered(trust_path: Vec<Vec<u8>>) -> Attested {
    Attested { kind: Kind::Basic, trust_path, notes: vec![], parts: vec![] }
}

fn anchors(roots: &[&Issued]) -> Anchors {
    roots.iter().map(|root| Anchor::from_der(&root.der, Origin::Given).unwrap()).collect()
}

struct Run {
    trust: Trust,
    failed: Vec<&'static str>,
    outcomes: Vec<Outcome>,
    build: String,
}

fn run_with(attested: &Attested, anchors: &Anchors, intermediates: &[&Issued], now: &str) -> Run {
    let intermediates: Vec<_> = intermediates.iter().map(|issued| issued.der.clone()).collect();
    let mut trace = Trace::new();
    let trust = assess(attested, anchors, &intermediates, at(now), &mut trace);
    assert_eq!(
        trace.entries().iter().map(|entry| entry.check.id).collect::<Vec<_>>(),
        CHECKS.iter().map(|check| check.id).collect::<Vec<_>>()
    );
    Run {
        trust,
        failed: trace.failures().map(|entry| entry.check.id).collect(),
        outcomes: trace.entries().iter().map(|entry| entry.finding.outcome).collect(),
        build: trace.entries()[0].message(),
    }
}

fn run(chain: &[&Issued], roots: &[&Issued]) -> Run {
    run_with(&attested(chain), &anchors(roots), &[], NOW)
}

#[track_caller]
fn reason(run: Run, check: &Check) -> PathReason {
    let both: Vec<_> = (check.id != TRUST_PATH.id).then_some(check.id).into_iter().chain([TRUST_PATH.id]).collect();
    assert_eq!(run.failed, both, "{}", run.build);
    match run.trust {
        Trust::Untrusted { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn trusted(run: &Run) {
    assert!(matches!(run.trust, Trust::Trusted { .. }), "{:?}", run.trust);
    assert!(run.failed.is_empty());
}

fn root() -> Issued {
    Template::root("Root", 50).self_signed()
}

fn intermediate(issuer: &Issued) -> Issued {
    Template::root("Intermediate", 51).issued_by(issuer)
}

#[test]
fn a_leaf_under_an_anchor_is_trusted() {
    let (root, leaf) = (root(), Template::leaf().issued_by(&root()));
    let run = run(&[&leaf], &[&root]);
    assert_eq!(run.trust, Trust::Trusted { anchor: "CN=Root".into(), stand_in: false });
    assert_eq!(run.outcomes, [Outcome::Pass; 5]);
}

#[test]
fn the_labs_roots_are_stand_ins_wherever_they_come_from() {
    let vendors = crate::vendors::tests::stand_in();
    let model = crate::vendors::tests::model();
    let batch =
        |root| crate::vendors::tests::batch(&vendors, &model, lab_protocol::cose::Algorithm::ES256, root).unwrap();
    let chain = offered(batch(lab_protocol::tamper::Root::StandIn).chain.clone());
    for origin in [Origin::StandIn, Origin::Given] {
        let anchors = Anchor::from_der(vendors.stand_in_root(), origin).into_iter().collect();
        let run = run_with(&chain, &anchors, &[], NOW);
        assert!(matches!(run.trust, Trust::Trusted { stand_in: true, .. }));
        let foreign = offered(batch(lab_protocol::tamper::Root::Foreign).chain.clone());
        let reason = reason(run_with(&foreign, &anchors, &[], NOW), &TRUST_PATH);
        assert!(matches!(reason, PathReason::NoAnchor { anchors: 1, .. }));
    }
}

#[test]
fn nothing_to_check_is_said() {
    let leaf = Template::leaf().issued_by(&root());
    let no_path = run_with(&offered(vec![]), &anchors(&[&root()]), &[], NOW);
    assert_eq!((no_path.trust.name(), no_path.outcomes), ("no-path", vec![Outcome::NotApplicable; 5]));
    let unchecked = run(&[&leaf], &[]);
    assert_eq!((unchecked.trust.name(), unchecked.outcomes), ("not-checked", vec![Outcome::NotApplicable; 5]));
}

#[test]
fn chains_follow_x5c_then_intermediates_then_anchors() {
    let root = root();
    let middle = intermediate(&root);
    let leaf = Template::leaf().issued_by(&middle);
    trusted(&run(&[&leaf, &middle], &[&root]));
    trusted(&run(&[&leaf, &middle], &[&middle]));
    trusted(&run_with(&attested(&[&leaf]), &anchors(&[&root]), &[&root, &middle], NOW));
    let included = run(&[&leaf, &middle, &root], &[&root]);
    trusted(&included);
    assert_eq!(included.build, "x5c includes the trust anchor");
    let itself = run(&[&leaf], &[&leaf]);
    trusted(&itself);
    assert_eq!(itself.build, "the attestation certificate is itself a trust anchor");
}

#[test]
fn a_root_that_comes_along_is_not_trusted() {
    let forged = Template::root("Forged", 60).self_signed();
    let leaf = Template::leaf().issued_by(&forged);
    let reason_of = |run| reason(run, &TRUST_PATH);
    let brought = reason_of(run(&[&leaf, &forged], &[&root()]));
    assert_eq!(brought, PathReason::UntrustedRoot { subject: "CN=Forged".into(), anchors: 1 });
    let absent = reason_of(run(&[&leaf], &[&root()]));
    assert!(matches!(absent, PathReason::NoAnchor { issuer, anchors: 1, .. } if issuer == "CN=Forged"));
    let namesake = Template::root("Root", 61).self_signed();
    let leaf = Template::leaf().issued_by(&namesake);
    let mismatch = |run| reason(run, &SIGNATURES);
    for chain in [vec![&leaf], vec![&leaf, &namesake]] {
        let found = mismatch(run(&chain, &[&root()]));
        assert!(matches!(found, PathReason::AnchorMismatch { error: SignatureError::Mismatch, .. }), "{found}");
    }
}

#[test]
fn of_two_roots_with_one_name_the_one_that_signed_is_found() {
    let (one, two) = (root(), Template::root("Root", 61).self_signed());
    let leaf = Template::leaf().issued_by(&two);
    trusted(&run(&[&leaf], &[&one, &two]));
    trusted(&run(&[&leaf], &[&two, &one]));
    // The same root, issued anew: another certificate with the same key.
    let anew = Template { not_after: at("2050-01-01T00:00:00Z"), ..Template::root("Root", 61) }.self_signed();
    trusted(&run(&[&leaf, &two], &[&one, &anew]));
}

#[test]
fn x5c_has_to_be_in_order() {
    let root = root();
    let middle = intermediate(&root);
    let leaf = Template::leaf().issued_by(&middle);
    let order = reason(run(&[&leaf, &root, &middle], &[&root]), &BUILD);
    let expected = PathReason::Order { position: 2, expected: "CN=Intermediate".into(), found: "CN=Root".into() };
    assert_eq!(order, expected);
    let unreadable = run_with(&offered(vec![leaf.der, vec![1]]), &anchors(&[&root]), &[], NOW);
    assert!(matches!(reason(unreadable, &BUILD), PathReason::Unreadable { position: 2, .. }));
}

#[test]
fn validity_is_judged_at_the_time_handed_in() {
    let root = root();
    let middle =
        Template { not_after: at("2030-01-01T00:00:00Z"), ..Template::root("Intermediate", 51) }.issued_by(&root);
    let leaf = Template { not_before: at("2025-01-01T00:00:00Z"), ..Template::leaf() }.issued_by(&middle);
    let run_at = |now| run_with(&attested(&[&leaf, &middle]), &anchors(&[&root]), &[], now);
    for now in ["2025-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00.5Z"] {
        trusted(&run_at(now));
    }
    let early = reason(run_at("2024-12-31T23:59:59Z"), &VALIDITY);
    assert!(matches!(early, PathReason::NotYetValid { not_before, .. } if not_before == at("2025-01-01T00:00:00Z")));
    let late = reason(run_at("2030-01-01T00:00:01Z"), &VALIDITY);
    assert!(matches!(&late, PathReason::Expired { subject, .. } if subject == "CN=Intermediate"));
    assert_eq!(late.to_string(), "“CN=Intermediate” expired on 2030-01-01T00:00:00Z, and it is 2030-01-01T00:00:01Z");
}

#[test]
fn each_constraint_has_its_reason() {
    let root = root();
    let under = |template: Template| {
        let middle = template.issued_by(&root);
        let leaf = Template::leaf().issued_by(&middle);
        reason(run(&[&leaf, &middle], &[&root]), &CONSTRAINTS)
    };
    let with = |extensions: Vec<Vec<u8>>| Template { extensions, ..Template::root("Intermediate", 51) };
    let subject = || "CN=Intermediate".to_owned();
    assert_eq!(under(with(vec![])), PathReason::NotACa { subject: subject() });
    assert_eq!(under(with(vec![basic_constraints(false, None)])), PathReason::NotACa { subject: subject() });
    let no_signing = extension(id::KEY_USAGE, true, &[3, 2, 7, 0x80]);
    assert_eq!(under(Template::root("Intermediate", 51).with(no_signing)), PathReason::KeyUsage { subject: subject() });
    let unknown = const_oid::ObjectIdentifier::new_unwrap("1.2.3.4");
    let critical = under(Template::root("Intermediate", 51).with(extension(unknown, true, b"x")));
    assert_eq!(critical, PathReason::UnknownCriticalExtension { subject: subject(), extension: unknown });
    let unreadable = under(with(vec![extension(id::BASIC_CONSTRAINTS, true, b"x")]));
    assert!(matches!(unreadable, PathReason::Extension { extension: "basic constraints", .. }));
    let usage = under(Template::root("Intermediate", 51).with(extension(id::KEY_USAGE, true, b"x")));
    assert!(matches!(usage, PathReason::Extension { extension: "key usage", .. }));
}

#[test]
fn path_lengths_count_intermediates() {
    let root =
        Template { extensions: vec![basic_constraints(true, Some(0))], ..Template::root("Root", 50) }.self_signed();
    trusted(&run(&[&Template::leaf().issued_by(&root)], &[&root]));
    let middle = intermediate(&root);
    let leaf = Template::leaf().issued_by(&middle);
    let length = reason(run(&[&leaf, &middle], &[&root]), &CONSTRAINTS);
    assert_eq!(length, PathReason::PathLength { subject: "CN=Root".into(), allowed: 0, found: 1 });
}

#[test]
fn an_old_root_of_version_1_is_an_anchor_and_no_intermediate() {
    let old = Template { version: 1, ..Template::root("Old", 52) };
    let root = old.self_signed();
    trusted(&run(&[&Template::leaf().issued_by(&root)], &[&root]));
    let middle = old.issued_by(&self::root());
    let leaf = Template::leaf().issued_by(&middle);
    let refused = reason(run(&[&leaf, &middle], &[&self::root()]), &CONSTRAINTS);
    assert_eq!(refused, PathReason::NotACa { subject: "CN=Old".into() });
}

#[test]
fn signatures_are_verified_and_weak_ones_refused() {
    let root = root();
    let mut leaf = Template::leaf().issued_by(&root);
    *leaf.der.last_mut().unwrap() ^= 1;
    assert!(matches!(reason(run(&[&leaf], &[&root]), &SIGNATURES), PathReason::AnchorMismatch { .. }));
    let other = Template::root("Intermediate", 53).issued_by(&root);
    let leaf = Template::leaf().issued_by(&intermediate(&root));
    let wrong = reason(run(&[&leaf, &other], &[&root]), &SIGNATURES);
    assert!(matches!(wrong, PathReason::BadSignature { issuer, .. } if issuer == "CN=Intermediate"));
    for (algorithm, name) in [
        (id::ECDSA_SHA1, "ecdsa-with-SHA1"),
        (id::RSA_SHA1, "sha1WithRSAEncryption"),
        (id::RSA_MD5, "md5WithRSAEncryption"),
    ] {
        let leaf = Template { algorithm, ..Template::leaf() }.issued_by(&root);
        let weak = reason(run(&[&leaf], &[&root]), &SIGNATURES);
        assert!(matches!(weak, PathReason::WeakAlgorithm { algorithm, .. } if algorithm == name));
    }
    let leaf = Template { algorithm: id::RSA_SHA256, ..Template::leaf() }.issued_by(&root);
    assert!(matches!(reason(run(&[&leaf], &[&root]), &SIGNATURES), PathReason::AnchorMismatch { .. }));
}

#[test]
fn an_algorithm_that_is_not_built_is_no_failure() {
    let unknown = const_oid::ObjectIdentifier::new_unwrap("1.3.101.114");
    let leaf = Template { algorithm: unknown, ..Template::leaf() }.issued_by(&root());
    let run = run(&[&leaf], &[&root()]);
    assert!(matches!(run.trust, Trust::Untrusted { reason: PathReason::UnsupportedAlgorithm { .. } }));
    assert!(run.failed.is_empty());
    assert_eq!(run.outcomes[3..], [Outcome::NotJudged, Outcome::NotJudged]);
}

#[test]
fn a_name_in_other_bytes_is_followed_and_noted() {
    let root = root();
    let printable = element(SEQUENCE, &[&attribute(id::COMMON_NAME, PRINTABLE_STRING, "ROOT")]);
    let leaf = Template::leaf().issued_by(&Issued { subject: printable, ..root.clone() });
    let run = run(&[&leaf], &[&root]);
    trusted(&run);
    assert!(run.build.contains("spells the name of its issuer in other bytes"), "{}", run.build);
}

#[test]
fn circles_and_crowds_end() {
    let names = ["A", "B", "C"];
    let key = |name: &str| 70 + names.iter().position(|other| *other == name).unwrap() as u64;
    let issuer = |name: &str| Template::root(name, key(name)).self_signed();
    let cross = |name: &str, by: &str, years: i32| {
        let not_after = at(&format!("{}-01-01T00:00:00Z", 2040 + years));
        Template { not_after, ..Template::root(name, key(name)) }.issued_by(&issuer(by))
    };
    let mut crowd = Vec::new();
    for years in 0..4 {
        for (name, by) in [("A", "B"), ("B", "A"), ("B", "C"), ("C", "A"), ("C", "B"), ("A", "C")] {
            crowd.push(cross(name, by, years));
        }
    }
    let leaf = Template::leaf().issued_by(&issuer("A"));
    let crowd: Vec<_> = crowd.iter().collect();
    let lost = run_with(&attested(&[&leaf]), &anchors(&[&root()]), &crowd, NOW);
    assert!(matches!(reason(lost, &BUILD), PathReason::TooLong | PathReason::TooManyPaths));
    let namesakes: Vec<_> = (0..40).map(|key| Template::root("A", 200 + key).self_signed()).collect();
    let namesakes: Vec<_> = namesakes.iter().collect();
    let many = run_with(&attested(&[&leaf]), &anchors(&namesakes), &[], NOW);
    assert!(matches!(reason(many, &SIGNATURES), PathReason::AnchorMismatch { .. }));
    let mut long = vec![Template::leaf().issued_by(&issuer("A"))];
    long.extend((0..8).map(|_| issuer("A")));
    assert_eq!(reason(run(&long.iter().collect::<Vec<_>>(), &[&issuer("A")]), &BUILD), PathReason::TooLong);
}

#[test]
fn anchors_are_read_from_pem_with_the_place_of_each_mistake() {
    let pem = |der: &[u8]| der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der).unwrap();
    let (one, two) = (root(), Template::root("Two", 61).self_signed());
    let both = format!("a comment\n{}{}", pem(&one.der), pem(&two.der));
    assert_eq!(Anchors::from_pem_texts([both.as_str(), &both]).unwrap().len(), 2);
    assert_eq!(Anchor::from_pem(&pem(&one.der)).unwrap().label(), "CN=Root");
    assert_eq!(Anchor::from_pem(&both), Err(AnchorError::Several { found: 2 }));
    assert_eq!(Anchor::from_pem("hello"), Err(AnchorError::NoCertificate));
    let broken = format!("\n\n{}", pem(&one.der).replace('M', "*"));
    assert!(matches!(Anchors::from_pem_texts(["", &broken]), Err((0, AnchorError::NoCertificate))));
    assert!(matches!(Anchor::from_pem(&broken), Err(AnchorError::Pem { line: 3, .. })));
    let cut = format!("\n{}", pem(&one.der[..one.der.len() - 2]));
    assert!(matches!(Anchor::from_pem(&cut), Err(AnchorError::Certificate { line: 2, .. })));
    assert!(matches!(Anchor::from_der(&[1], Origin::Given), Err(AnchorError::Certificate { line: 0, .. })));
    assert!(matches!(Anchor::from_pem("-----BEGIN CERTIFICATE-----"), Err(AnchorError::Pem { line: 1, .. })));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = Anchor::from_pem(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        prop_assert!(Anchor::from_pem(&text).is_err());
    }

    #[test]
    fn a_changed_leaf_is_never_trusted(at: prop::sample::Index, byte: u8) {
        let root = root();
        let good = Template::leaf().issued_by(&root);
        let mut leaf = good.der.clone();
        let at = at.index(leaf.len());
        leaf[at] = byte;
        let changed = leaf != good.der;
        let run = run_with(&offered(vec![leaf]), &anchors(&[&root]), &[], NOW);
        prop_assert_eq!(matches!(run.trust, Trust::Trusted { .. }), !changed);
    }
}
