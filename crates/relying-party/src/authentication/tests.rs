use lab_protocol::base64url;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::authenticator_data::AttestedDraft;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::UserVerification;
use crate::policy::{Choice, Demand};
use crate::testing::{Maker, Site, USER};

struct Scene {
    maker: Maker,
    site: Site,
    record: Option<CredentialRecord>,
    alter: fn(&mut AuthenticationResponse),
}

impl Default for Scene {
    fn default() -> Self {
        let maker = Maker::signing_in();
        Self { record: Some(maker.record()), maker, site: Site::default(), alter: |_| {} }
    }
}

impl Scene {
    fn look<T>(&self, look: impl FnOnce(&Outcome<'_>) -> T) -> T {
        let mut response = self.maker.authentication();
        (self.alter)(&mut response);
        self.site.sign_in(&response, self.record.as_ref(), |outcome| {
            assert_eq!(outcome.assertion.is_some(), outcome.verdict == Verdict::Valid);
            look(outcome)
        })
    }

    fn record(&mut self) -> &mut CredentialRecord {
        self.record.as_mut().unwrap()
    }
}

type Edit = fn(&mut Scene);

fn decided_by(edit: Edit) -> Option<&'static str> {
    let mut scene = Scene::default();
    edit(&mut scene);
    scene.look(|outcome| outcome.decided_by().map(|check| check.id))
}

/// For each check that can fail, one response that fails there and nowhere before.
const FAILURES: &[(&str, Edit)] = &[
    ("authentication/response-type", |scene| scene.alter = |response| response.id.push('A')),
    ("authentication/allow-list", |scene| scene.site.allowed = vec![vec![1; 16].into()]),
    ("authentication/user-and-record", |scene| scene.record = None),
    ("authentication/utf8", |scene| scene.maker.client_data_bytes = Some(vec![0xff])),
    ("authentication/json", |scene| scene.maker.client_data_bytes = Some(b"[]".to_vec())),
    ("authentication/token-binding", |scene| {
        scene.maker.client_data.extra.push(("tokenBinding".into(), "{}".into()));
        scene.site.policy.token_binding = Choice::Refuse;
    }),
    ("authentication/type", |scene| scene.maker.client_data.ty = "payment.get".into()),
    ("authentication/challenge", |scene| scene.maker.client_data.challenge.push('A')),
    ("authentication/origin", |scene| scene.maker.client_data.origin.push('/')),
    ("authentication/cross-origin", |scene| scene.maker.client_data.cross_origin = true),
    ("authentication/top-origin", |scene| scene.maker.client_data.top_origin = Some("https://a.example".into())),
    ("authenticator-data/len", |scene| scene.maker.auth_data_bytes = Some(vec![0; 36])),
    ("authenticator-data/at-forbidden", |scene| {
        let (credential_id, public_key) = (vec![9; 16], scene.maker.cose());
        scene.maker.auth_data.flags = Flags(0x45);
        let attested = AttestedDraft { aaguid: Default::default(), credential_id, public_key };
        scene.maker.auth_data.attested = Some(attested);
    }),
    ("authenticator-data/ed", |scene| scene.maker.auth_data.flags = Flags(0x85)),
    ("authenticator-data/trailing", |scene| scene.maker.auth_data.trailing = vec![0]),
    ("authenticator-data/rfu", |scene| {
        scene.maker.auth_data.flags = Flags(0x07);
        scene.site.policy.reserved_flags = Choice::Refuse;
    }),
    ("authentication/rp-id-hash", |scene| scene.maker.auth_data.rp_id_hash = sha256(b"https://example.org")),
    ("authentication/up", |scene| scene.maker.auth_data.flags = Flags(0x04)),
    ("authentication/uv", |scene| {
        scene.maker.auth_data.flags = Flags(0x01);
        scene.site.user_verification = UserVerification::Required;
    }),
    ("authentication/be-bs", |scene| scene.maker.auth_data.flags = Flags(0x15)),
    ("authentication/be-consistency", |scene| scene.record().backup_eligible = Some(true)),
    ("authentication/signature", |scene| {
        let other = Maker::of(Algorithm::EDDSA).record();
        scene.record().public_key = other.public_key;
    }),
    ("authentication/sign-count", |scene| {
        scene.record().sign_count = 9;
        scene.site.policy = Policy::entra();
    }),
];

#[test]
fn every_check_that_can_fail_fails_once_and_decides() {
    for (id, edit) in FAILURES {
        assert_eq!(decided_by(*edit), Some(*id), "{id}");
    }
    let can_fail = CHECKS.iter().filter(|check| check.cannot_fail.is_none()).map(|check| check.id);
    assert_eq!(FAILURES.iter().map(|(id, _)| *id).collect::<Vec<_>>(), can_fail.collect::<Vec<_>>());
}

#[test]
fn an_honest_assertion_visits_every_check_in_order_and_passes() {
    Scene::default().look(|outcome| {
        assert_eq!(outcome.verdict, Verdict::Valid);
        let visited: Vec<_> = outcome.trace.entries().iter().map(|entry| entry.check.id).collect();
        assert_eq!(visited, CHECKS.iter().map(|check| check.id).collect::<Vec<_>>());
        let assertion = outcome.assertion.as_ref().unwrap();
        assert_eq!((assertion.credential_id(), assertion.user_handle()), (&[9; 16][..], Some(USER)));
    });
}

#[test]
fn the_numbered_steps_are_the_twenty_five_of_the_section() {
    let steps: Vec<_> = CHECKS.iter().filter_map(|check| check.step).collect();
    assert_eq!(steps, (1..=25).collect::<Vec<_>>());
}

#[test]
fn the_record_takes_over_counter_and_backup_state_only() {
    let mut scene = Scene::default();
    scene.maker.auth_data.flags = Flags(0x1d);
    scene.record().backup_eligible = Some(true);
    let assertion = scene.look(|outcome| outcome.assertion.clone().unwrap());
    let before = scene.record().clone();
    assertion.update(scene.record());
    let expected = CredentialRecord { sign_count: 9, backup_state: true, ..before };
    assert_eq!(*scene.record(), expected);
}

#[test]
fn account_and_credential_have_to_belong_together() {
    let cases: [(&str, Edit); 7] = [
        ("the account that signs in is", |scene| scene.site.user_known = Some(b"user-2".to_vec())),
        ("the response names the account", |scene| {
            scene.alter = |response| response.response.user_handle = Some(b"user-2"[..].into());
        }),
        ("the response names the account", |scene| {
            scene.site.user_known = Some(USER.to_vec());
            scene.alter = |response| response.response.user_handle = Some(b"user-2"[..].into());
        }),
        ("no user name was typed", |scene| scene.alter = |response| response.response.user_handle = None),
        ("no user name was typed", |scene| {
            scene.alter = |response| response.response.user_handle = Some(vec![].into())
        }),
        ("the response is of the credential", |scene| scene.record().id = vec![1; 16]),
        ("the credential was registered for", |scene| scene.record().rp_id = Some("localhost".into())),
    ];
    for (start, edit) in cases {
        let mut scene = Scene::default();
        edit(&mut scene);
        scene.look(|outcome| {
            assert_eq!(outcome.decided_by().unwrap().id, "authentication/user-and-record", "{start}");
            let entry = outcome.trace.entry("authentication/user-and-record").unwrap();
            assert!(entry.message().contains(start), "{}", entry.message());
        });
    }
}

#[test]
fn a_known_user_needs_no_handle() {
    let known: Edit = |scene| {
        scene.site.user_known = Some(USER.to_vec());
        scene.alter = |response| response.response.user_handle = None;
    };
    assert_eq!(decided_by(known), None);
    let empty: Edit = |scene| {
        scene.site.user_known = Some(USER.to_vec());
        scene.alter = |response| response.response.user_handle = Some(vec![].into());
    };
    assert_eq!(decided_by(empty), None);
    let strict: Edit = |scene| {
        scene.site.user_known = Some(USER.to_vec());
        scene.site.policy.empty_user_handle = Choice::Refuse;
        scene.alter = |response| response.response.user_handle = Some(vec![].into());
    };
    assert_eq!(decided_by(strict), Some("authentication/user-and-record"));
}

#[test]
fn the_counter_is_judged_as_the_policy_says() {
    let run = |stored, sent, policy| {
        let mut scene = Scene::default();
        (scene.record().sign_count, scene.maker.auth_data.sign_count) = (stored, sent);
        scene.site.policy = policy;
        scene.look(|outcome| {
            (outcome.verdict, outcome.trace.entry("authentication/sign-count").unwrap().finding.outcome.name())
        })
    };
    let (webauthn, entra) = (Policy::webauthn(), Policy::entra());
    assert_eq!(run(0, 0, entra), (Verdict::Valid, "not-applicable"));
    assert_eq!(run(0, 5, entra), (Verdict::Valid, "pass"));
    assert_eq!(run(0x7fff_ffff, 0x8000_0000, entra), (Verdict::Valid, "pass"));
    for (stored, sent) in [(5, 5), (5, 4), (5, 0), (u32::MAX, 1)] {
        assert_eq!(run(stored, sent, entra), (Verdict::Invalid, "fail"));
        assert_eq!(run(stored, sent, webauthn), (Verdict::Valid, "note"));
    }
}

#[test]
fn other_choices_change_the_verdict_both_ways() {
    let changed: Edit = |scene| {
        scene.record().backup_eligible = Some(true);
        scene.site.policy.backup_eligibility_change = Choice::Note;
    };
    assert_eq!(decided_by(changed), None);
    assert_eq!(decided_by(|scene| scene.record().backup_eligible = None), None);
    let demanded: Edit = |scene| scene.site.policy.backup_state = Demand::Set;
    assert_eq!(decided_by(demanded), Some("authentication/be-consistency"));
    let present: Edit = |scene| {
        scene.maker.auth_data.flags = Flags(0);
        scene.site.policy.user_presence = Choice::Note;
    };
    assert_eq!(decided_by(present), None);
    let attested: Edit = |scene| {
        scene.maker.auth_data.attested = Maker::default().auth_data.attested;
        scene.maker.auth_data.flags = Flags(0x45);
        scene.site.policy.attested_data_in_assertion = Choice::Note;
    };
    assert_eq!(decided_by(attested), None);
    let broken: Edit = |scene| {
        scene.maker.auth_data.flags = Flags(0x45);
        scene.site.policy.attested_data_in_assertion = Choice::Note;
    };
    assert_eq!(decided_by(broken), Some("authenticator-data/at-forbidden"));
}

#[test]
fn the_app_id_counts_where_it_was_asked_for_and_announced() {
    let app_id = "https://example.org/app.json";
    let mut scene = Scene::default();
    scene.maker.auth_data.rp_id_hash = sha256(app_id.as_bytes());
    scene.site.app_id = Some(app_id);
    scene.look(|outcome| assert_eq!(outcome.decided_by().unwrap().id, "authentication/rp-id-hash"));
    scene.alter = |response| _ = response.client_extension_results.insert("appid".into(), json!(true));
    scene.look(|outcome| assert_eq!(outcome.verdict, Verdict::Valid));
    scene.site.app_id = None;
    scene.look(|outcome| assert_eq!(outcome.decided_by().unwrap().id, "authentication/rp-id-hash"));
}

#[test]
fn every_algorithm_that_is_built_signs_in_and_others_are_unsupported() {
    for alg in [-7, -35, -36, -47, -8, -48, -49, -50, -257, -37].map(Algorithm) {
        let maker = Maker::of(alg).into_assertion();
        let scene = Scene { record: Some(maker.record()), maker, ..Scene::default() };
        scene.look(|outcome| assert_eq!(outcome.verdict, Verdict::Valid, "{alg}"));
    }
    let mut scene = Scene::default();
    scene.record().public_key.alg = Algorithm(-46);
    scene.look(|outcome| {
        assert_eq!(outcome.verdict, Verdict::Unsupported);
        assert_eq!(outcome.decided_by().unwrap().id, "authentication/signature");
    });
}

#[test]
fn no_bit_of_a_signed_assertion_can_be_flipped() {
    let (scene, honest) = (Scene::default(), Maker::signing_in().authentication());
    let parts: [fn(&mut AuthenticationResponse) -> &mut Vec<u8>; 4] = [
        |response| &mut response.response.client_data_json.0,
        |response| &mut response.response.authenticator_data.0,
        |response| &mut response.response.signature.0,
        |response| &mut response.raw_id.0,
    ];
    for (index, part) in parts.iter().enumerate() {
        let length = part(&mut honest.clone()).len();
        for bit in 0..length * 8 {
            let mut response = honest.clone();
            part(&mut response)[bit / 8] ^= 1 << (bit % 8);
            scene.site.sign_in(&response, scene.record.as_ref(), |outcome| {
                assert_ne!(outcome.verdict, Verdict::Valid, "part {index}, bit {bit}");
            });
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_get_a_verdict(
        client_data in prop::collection::vec(any::<u8>(), 0..200),
        data in prop::collection::vec(any::<u8>(), 0..200),
        signature in prop::collection::vec(any::<u8>(), 0..100),
        id in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let scene = Scene::default();
        let mut response = scene.maker.authentication();
        response.id = base64url::encode(&id);
        response.raw_id = id.into();
        response.response.client_data_json = client_data.into();
        response.response.authenticator_data = data.into();
        response.response.signature = signature.into();
        scene.site.sign_in(&response, scene.record.as_ref(), |outcome| {
            assert_eq!(outcome.verdict, Verdict::Invalid);
            for entry in outcome.trace.entries() {
                assert!(!entry.message().is_empty());
            }
        });
    }
}
