//! Registrations with a certificate, and whether its path is believed.

use lab_attestation::emit::{self, Attest, VendorModel, Vendors, VendorsOptions, Wanted};
use lab_attestation::keys::Backend;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_protocol::Aaguid;
use lab_protocol::tamper::Root;
use lab_protocol::trace::Outcome::{NotJudged, Note};

use super::*;
use crate::NothingKnown;
use crate::testing::{Counter, time};

/// A registration whose statement is certified under `root`, and anchors with the stand-in root.
fn certified(root: Root) -> (RegistrationResponse, Anchors) {
    let (not_before, not_after) = (time("2026-01-01T00:00:00Z"), time("2027-01-01T00:00:00Z"));
    let options = VendorsOptions { backend: Backend::Deterministic, seeded: true, not_before, not_after };
    let vendors = Vendors::new(options, &mut Counter::default());
    let model = VendorModel::new(Aaguid([7; 16]), "Example Key", "Example", "SE");
    let batch = vendors.attestor(&model, &Wanted::new("packed", Algorithm::ES256, root)).unwrap();
    let mut maker = Maker::default();
    let attest = Attest {
        auth_data: &maker.auth_data.encode(),
        client_data_hash: &sha256(&maker.client_data.serialize()),
        credential: &maker.key,
        attestor: Some(&batch),
        now: not_before,
        rng: &mut Counter::default(),
    };
    maker.att_stmt = Some(cbor::encode(&emit::statement("packed", attest).unwrap().att_stmt));
    let anchor = Anchor::from_der(vendors.stand_in_root(), Origin::StandIn).unwrap();
    (maker.registration(), std::iter::once(anchor).collect())
}

fn judge<T>(response: &RegistrationResponse, anchors: &Anchors, at: &str, look: impl FnOnce(&Outcome<'_>) -> T) -> T {
    judge_by(
        Policy::webauthn(),
        &TrustPolicy { anchors: Some(anchors), intermediates: &[], at: time(at) },
        response,
        look,
    )
}

fn judge_by<T>(
    policy: Policy,
    trust: &TrustPolicy<'_>,
    response: &RegistrationResponse,
    look: impl FnOnce(&Outcome<'_>) -> T,
) -> T {
    let site = Site { policy, ..Site::default() };
    let (expected, trust) = (site.expected(), *trust);
    look(&verify(&Request { response, expected: &expected, known: &NothingKnown, trust, policy: &site.policy }))
}

#[test]
fn a_path_to_a_stand_in_root_is_trusted_and_says_so() {
    let (response, anchors) = certified(Root::StandIn);
    judge(&response, &anchors, "2026-11-20T10:00:00Z", |outcome| {
        assert_eq!((outcome.verdict, outcome.attestation), (Verdict::Valid, Some(Kind::Basic)));
        let entry = outcome.trace.entry("registration/trust").unwrap();
        assert_eq!(entry.finding.outcome, Note);
        assert!(entry.message().contains("a stand-in root of the lab"), "{}", entry.message());
        assert!(matches!(outcome.registration.as_ref().unwrap().trust(), Trust::Trusted { stand_in: true, .. }));
    });
}

#[test]
fn an_untrusted_path_is_decided_by_its_own_check() {
    let decided = |root, at| {
        let (response, anchors) = certified(root);
        judge(&response, &anchors, at, |outcome| {
            assert_eq!(outcome.verdict, Verdict::Invalid);
            assert!(outcome.trace.failures().any(|entry| entry.check.id == "attestation/trust-path"));
            let trust = &outcome.trace.entry("registration/trust").unwrap().finding;
            assert_eq!((trust.outcome, trust.stopped_by.unwrap().id), (NotJudged, "attestation/trust-path"));
            outcome.decided_by().unwrap().id
        })
    };
    assert_eq!(decided(Root::Foreign, "2026-11-20T10:00:00Z"), "attestation/trust-path");
    assert_eq!(decided(Root::StandIn, "2028-11-20T10:00:00Z"), "attestation/path-validity");
}

#[test]
fn entra_only_notes_an_untrusted_path() {
    let (response, anchors) = certified(Root::Foreign);
    let trust = TrustPolicy { anchors: Some(&anchors), intermediates: &[], at: time("2026-11-20T10:00:00Z") };
    judge_by(Policy::entra(), &trust, &response, |outcome| {
        assert_eq!((outcome.verdict, outcome.trust.name()), (Verdict::Valid, "untrusted"));
        let noted = |id| outcome.trace.entry(id).unwrap().finding.outcome == Note;
        assert!(noted("attestation/trust-path") && noted("registration/trust"));
    });
}

#[test]
fn without_anchors_the_path_is_not_judged() {
    let (response, _) = certified(Root::Foreign);
    judge(&response, &Anchors::new(), "2026-11-20T10:00:00Z", |outcome| {
        assert_eq!((outcome.verdict, &outcome.trust), (Verdict::Valid, &Trust::NotChecked));
        assert_eq!(outcome.trace.entry("registration/trust").unwrap().finding.outcome, Note);
    });
}

#[test]
fn no_bit_of_a_certified_attestation_can_be_flipped() {
    let (honest, anchors) = certified(Root::StandIn);
    for bit in 0..honest.response.attestation_object.len() * 8 {
        let mut response = honest.clone();
        response.response.attestation_object.0[bit / 8] ^= 1 << (bit % 8);
        judge(&response, &anchors, "2026-11-20T10:00:00Z", |outcome| {
            assert_ne!(outcome.verdict, Verdict::Valid, "bit {bit}");
        });
    }
}
