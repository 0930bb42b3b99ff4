use lab_protocol::base64url;
use lab_protocol::cbor::{self, Value as Cbor};
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Outcome::{NotJudged, Pass};
use lab_protocol::webauthn::Flags;
use proptest::prelude::*;

use super::*;
use crate::UserVerification;
use crate::policy::{Choice, Demand};
use crate::testing::{Maker, Site};

mod attested;
mod choices;

type Edit = fn(&mut Maker, &mut Site);
type Alter = fn(&mut RegistrationResponse);

fn untouched(_: &mut RegistrationResponse) {}

/// The id that decided, and those that failed.
fn decided(edit: Edit, alter: Alter) -> (Option<&'static str>, Vec<&'static str>) {
    let (mut maker, mut site) = (Maker::default(), Site::default());
    edit(&mut maker, &mut site);
    let mut response = maker.registration();
    alter(&mut response);
    site.register(&response, |outcome| {
        assert_eq!(outcome.registration.is_some(), outcome.verdict == Verdict::Valid);
        let failed = outcome.trace.failures().map(|entry| entry.check.id).collect();
        (outcome.decided_by().map(|check| check.id), failed)
    })
}

fn decided_by(edit: Edit) -> Option<&'static str> {
    decided(edit, untouched).0
}

fn attested(maker: &mut Maker) -> &mut lab_protocol::webauthn::authenticator_data::AttestedDraft {
    maker.auth_data.attested.as_mut().unwrap()
}

/// For each check that can fail, one response that fails there and nowhere before.
const FAILURES: &[(&str, Edit, Alter)] = &[
    ("registration/response-type", |_, _| {}, |response| response.ty = "password".into()),
    ("registration/utf8", |maker, _| maker.client_data_bytes = Some(b"{\"type\":\"\xff\"}".to_vec()), untouched),
    ("registration/json", |maker, _| maker.client_data_bytes = Some(b"{}garbage".to_vec()), untouched),
    (
        "registration/token-binding",
        |maker, site| {
            maker.client_data.extra.push(("tokenBinding".into(), "\"unused\"".into()));
            site.policy.token_binding = Choice::Refuse;
        },
        untouched,
    ),
    ("registration/type", |maker, _| maker.client_data.ty = "webauthn.get".into(), untouched),
    ("registration/challenge", |_, site| site.challenge = base64url::encode([4; 32]), untouched),
    ("registration/origin", |maker, _| maker.client_data.origin = "http://example.org".into(), untouched),
    ("registration/cross-origin", |maker, _| maker.client_data.cross_origin = true, untouched),
    ("registration/top-origin", |maker, _| maker.client_data.top_origin = Some("https://a.example".into()), untouched),
    ("registration/att-obj", |maker, _| maker.object = Some(vec![0x80]), untouched),
    ("authenticator-data/len", |maker, _| maker.auth_data_bytes = Some(vec![0; 36]), untouched),
    (
        "authenticator-data/at-required",
        |maker, _| {
            maker.auth_data.flags = Flags(0x05);
            maker.auth_data.attested = None;
        },
        untouched,
    ),
    (
        "authenticator-data/len-att",
        |maker, _| maker.auth_data_bytes = maker.auth_data.encode().get(..60).map(<[u8]>::to_vec),
        untouched,
    ),
    ("authenticator-data/cose-one", |maker, _| attested(maker).public_key = vec![0x80], untouched),
    ("authenticator-data/ed", |maker, _| maker.auth_data.flags = Flags(0xc5), untouched),
    ("authenticator-data/trailing", |maker, _| maker.auth_data.trailing = vec![1, 2], untouched),
    (
        "authenticator-data/rfu",
        |maker, site| {
            maker.auth_data.flags = Flags(0x65);
            site.policy.reserved_flags = Choice::Refuse;
        },
        untouched,
    ),
    ("registration/rp-id-hash", |maker, _| maker.auth_data.rp_id_hash = sha256(b"localhost"), untouched),
    ("registration/up", |maker, _| maker.auth_data.flags = Flags(0x44), untouched),
    (
        "registration/uv",
        |maker, site| {
            maker.auth_data.flags = Flags(0x41);
            site.user_verification = UserVerification::Required;
        },
        untouched,
    ),
    ("registration/be-bs", |maker, _| maker.auth_data.flags = Flags(0x55), untouched),
    ("registration/be-policy", |_, site| site.policy.backup_eligible = Demand::Set, untouched),
    ("registration/bs-policy", |_, site| site.policy.backup_state = Demand::Set, untouched),
    (
        "registration/credential-key",
        |maker, _| {
            let key = &mut attested(maker).public_key;
            let last = key.len() - 1;
            key[last] ^= 1;
        },
        untouched,
    ),
    ("registration/alg", |_, site| site.algorithms = Some(vec![Algorithm::RS256]), untouched),
    ("registration/fmt", |maker, _| maker.fmt = "Packed".into(), untouched),
    ("registration/trust", |_, site| site.policy.self_attestation = Choice::Refuse, untouched),
    ("registration/cred-id-len", |maker, _| attested(maker).credential_id = vec![1; 1024], untouched),
    ("registration/cred-id-unique", |maker, site| site.known = vec![maker.record()], untouched),
    (
        "registration/record",
        |_, _| {},
        |response| {
            response.raw_id = vec![1; 16].into();
            response.id = response.raw_id.to_string();
        },
    ),
];

#[test]
fn every_check_that_can_fail_fails_once_and_decides() {
    for (id, edit, alter) in FAILURES {
        assert_eq!(decided(*edit, *alter).0, Some(*id), "{id}");
    }
    let can_fail = CHECKS.iter().filter(|check| check.cannot_fail.is_none()).map(|check| check.id);
    assert_eq!(FAILURES.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), can_fail.collect::<Vec<_>>());
}

#[test]
fn an_honest_registration_visits_every_check_in_order_and_passes() {
    Site::default().register(&Maker::default().registration(), |outcome| {
        assert_eq!(outcome.verdict, Verdict::Valid);
        assert_eq!(outcome.decided_by(), None);
        let visited: Vec<_> = outcome.trace.entries().iter().map(|entry| entry.check.id).collect();
        let other = verify::FORMATS.iter().filter(|format| format.id() != "packed").flat_map(|format| format.checks());
        let other: Vec<_> = other.map(|check| check.id).collect();
        let expected: Vec<_> = checks().iter().map(|check| check.id).filter(|id| !other.contains(id)).collect();
        assert_eq!(visited, expected);
        let registration = outcome.registration.as_ref().unwrap();
        assert_eq!(registration.credential_id(), [9; 16]);
        assert_eq!(registration.transports(), ["usb", "carrier-pigeon"]);
        let record = registration.record();
        assert!(record.uv_initialized && record.backup_eligible == Some(false) && record.sign_count == 8);
    });
}

#[test]
fn the_numbered_steps_are_the_twenty_nine_of_the_section() {
    let steps: Vec<_> = CHECKS.iter().filter_map(|check| check.step).collect();
    assert_eq!(steps, (1..=29).collect::<Vec<_>>());
}

#[test]
fn every_id_is_unique() {
    let mut ids: Vec<_> = crate::checks().iter().map(|check| check.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn one_run_shows_everything_that_is_wrong() {
    let edit: Edit = |maker, site| {
        maker.client_data.ty = "webauthn.get".into();
        maker.auth_data.rp_id_hash = [0; 32];
        maker.auth_data.flags = Flags(0x50);
        maker.auth_data.trailing = vec![1];
        site.user_verification = UserVerification::Required;
    };
    let expected = [
        "registration/type",
        "authenticator-data/trailing",
        "registration/rp-id-hash",
        "registration/up",
        "registration/uv",
        "registration/be-bs",
    ];
    assert_eq!(decided(edit, untouched).1, expected);
}

#[test]
fn what_could_not_be_judged_names_what_stopped_it() {
    let maker = Maker { object: Some(vec![0xff]), ..Maker::default() };
    Site::default().register(&maker.registration(), |outcome| {
        assert_eq!(outcome.trace.failures().count(), 1);
        let stopped = outcome.trace.entries().iter().filter(|entry| entry.finding.outcome == NotJudged);
        assert!(stopped.clone().count() > 15);
        assert!(
            stopped.clone().all(|entry| entry.finding.stopped_by.is_some_and(|by| by.id == "registration/att-obj"))
        );
    });
}

#[test]
fn a_bad_statement_is_decided_by_the_check_of_its_format() {
    let unsigned: Edit = |maker, _| {
        let mut signed = Maker::default();
        signed.auth_data.sign_count = 1;
        let object = signed.registration().response.attestation_object.0;
        let start = object.windows(7).position(|bytes| bytes == b"attStmt").unwrap() + 7;
        let end = object.windows(8).position(|bytes| bytes == b"authData").unwrap() - 1;
        maker.att_stmt = Some(object[start..end].to_vec());
    };
    assert_eq!(
        decided(unsigned, untouched),
        (Some("attestation/packed-self-sig"), vec!["attestation/packed-self-sig"])
    );
    assert_eq!(decided_by(|maker, _| maker.att_stmt = Some(vec![0xa0])), Some("attestation/packed-syntax"));
}

#[test]
fn formats_and_algorithms_that_are_not_built_are_unsupported_and_nothing_else() {
    let registered = ["tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound"];
    for fmt in registered.into_iter().filter(|fmt| verify::format(fmt).is_none()) {
        let maker = Maker { fmt: fmt.into(), ..Maker::default() };
        Site::default().register(&maker.registration(), |outcome| {
            assert_eq!(outcome.verdict, Verdict::Unsupported, "{fmt}");
            assert_eq!(outcome.decided_by().unwrap().id, "registration/fmt");
            assert!(outcome.trace.entry("registration/fmt").unwrap().message().contains("is not built"));
        });
    }
    let mut maker = Maker { fmt: "none".into(), ..Maker::default() };
    let key = Cbor::Map(vec![(1.into(), 7.into()), (3.into(), (-46).into()), ((-1).into(), Cbor::Bytes(vec![1; 9]))]);
    attested(&mut maker).public_key = cbor::encode(&key);
    Site::default().register(&maker.registration(), |outcome| {
        assert_eq!(outcome.verdict, Verdict::Unsupported);
        assert_eq!(outcome.unsupported.unwrap().id, "registration/credential-key");
        assert!(outcome.registration.is_none());
    });
    let failing = Maker { fmt: "tpm".into(), ..Maker::default() };
    let site = Site { challenge: "AAAA".into(), ..Site::default() };
    site.register(&failing.registration(), |outcome| assert_eq!(outcome.verdict, Verdict::Invalid));
}

#[test]
fn formats_that_nobody_registered_are_refused() {
    for fmt in ["tomato", "packed ", "packed\0", "PACKED", "", "thirty-three-octets-are-one-more!!"] {
        let maker = Maker { fmt: fmt.into(), ..Maker::default() };
        Site::default().register(&maker.registration(), |outcome| {
            assert_eq!((outcome.verdict, outcome.decided_by().unwrap().id), (Verdict::Invalid, "registration/fmt"));
        });
    }
}

#[test]
fn every_algorithm_that_is_built_registers() {
    for alg in
        [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EDDSA, Algorithm::RS256, Algorithm::PS256]
    {
        let response = Maker::of(alg).registration();
        Site::default().register(&response, |outcome| assert_eq!(outcome.verdict, Verdict::Valid, "{alg}"));
    }
}

#[test]
fn the_claims_are_those_of_the_response_even_where_it_is_refused() {
    let site = Site { challenge: "AAAA".into(), ..Site::default() };
    site.register(&Maker::default().registration(), |outcome| {
        assert_eq!(outcome.verdict, Verdict::Invalid);
        assert_eq!(outcome.claims.format, Some("packed"));
        assert_eq!(outcome.claims.flags, Some(Flags(0x45)));
        assert_eq!(outcome.claims.aaguid, Some(lab_protocol::Aaguid([7; 16])));
        assert_eq!(outcome.attestation, Some(Kind::SelfAttestation));
        assert_eq!(outcome.trace.entry("registration/att-stmt").unwrap().finding.outcome, Pass);
    });
}

#[test]
fn no_bit_of_a_signed_registration_can_be_flipped() {
    let (site, honest) = (Site::default(), Maker::default().registration());
    let parts: [fn(&mut RegistrationResponse) -> &mut Vec<u8>; 3] = [
        |response| &mut response.response.client_data_json.0,
        |response| &mut response.response.attestation_object.0,
        |response| &mut response.raw_id.0,
    ];
    for (index, part) in parts.iter().enumerate() {
        let length = part(&mut honest.clone()).len();
        for bit in 0..length * 8 {
            let mut response = honest.clone();
            part(&mut response)[bit / 8] ^= 1 << (bit % 8);
            site.register(&response, |outcome| assert_ne!(outcome.verdict, Verdict::Valid, "part {index}, bit {bit}"));
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_get_a_verdict(
        client_data in prop::collection::vec(any::<u8>(), 0..200),
        object in prop::collection::vec(any::<u8>(), 0..300),
        data in prop::collection::vec(any::<u8>(), 0..300),
        statement in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let site = Site::default();
        let maker = Maker { auth_data_bytes: Some(data), att_stmt: Some(statement), ..Maker::default() };
        site.register(&maker.registration(), |outcome| assert_ne!(outcome.verdict, Verdict::Valid));
        let maker = Maker { client_data_bytes: Some(client_data), object: Some(object), ..Maker::default() };
        site.register(&maker.registration(), |outcome| {
            assert_eq!(outcome.verdict, Verdict::Invalid);
            for entry in outcome.trace.entries() {
                assert!(!entry.message().is_empty());
            }
        });
    }
}
