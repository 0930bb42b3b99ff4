use proptest::prelude::*;

use super::*;
use crate::testing::{Counter, time};

const KINDS: [Kind; 2] = [Kind::EntraRegistration, Kind::EntraSignIn];

fn challenges() -> Challenges {
    Challenges::new(&[7; 32])
}

fn issued(kind: Kind) -> String {
    let challenge = challenges().issue(kind, time("2026-11-20T10:00:00Z"), &mut Counter::default());
    String::from_utf8(challenge.bytes().to_vec()).unwrap()
}

fn part(text: &str, index: usize) -> String {
    String::from_utf8(base64url::decode(text.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

fn check(text: &str, kind: Kind, now: &str) -> Result<(), ChallengeError> {
    challenges().check(text.as_bytes(), kind, time(now))
}

#[test]
fn a_challenge_is_good_within_its_life_and_for_its_kind_only() {
    for kind in KINDS {
        let text = issued(kind);
        assert_eq!(check(&text, kind, "2026-11-20T10:00:00Z"), Ok(()));
        assert_eq!(check(&text, kind, "2026-11-20T10:05:00Z"), Ok(()));
        let (expires, now) = (time("2026-11-20T10:05:00Z"), time("2026-11-20T10:05:01Z"));
        assert_eq!(check(&text, kind, "2026-11-20T10:05:01Z"), Err(ChallengeError::Expired { expires, now }));
        let (not_before, now) = (time("2026-11-20T10:00:00Z"), time("2026-11-20T09:59:59Z"));
        assert_eq!(check(&text, kind, "2026-11-20T09:59:59Z"), Err(ChallengeError::NotYetValid { not_before, now }));
    }
    let error = check(&issued(Kind::EntraSignIn), Kind::EntraRegistration, "2026-11-20T10:00:00Z").unwrap_err();
    let expected = ChallengeError::Purpose { expected: Kind::EntraRegistration, found: Kind::EntraSignIn };
    assert_eq!(error, expected);
    assert_eq!(error.to_string(), "the challenge was issued for a sign-in, expected one for a registration");
}

#[test]
fn another_run_does_not_recognise_it() {
    for kind in KINDS {
        let other = Challenges::new(&[8; 32]);
        let verdict = other.check(issued(kind).as_bytes(), kind, time("2026-11-20T10:00:00Z"));
        assert_eq!(verdict, Err(ChallengeError::Forged));
    }
}

#[test]
fn the_registration_challenge_has_entras_shape_and_says_that_it_is_a_laboratorys() {
    let text = issued(Kind::EntraRegistration);
    assert_eq!(text.split('.').count(), 5);
    assert!((5000..5400).contains(&text.len()), "{}", text.len());
    let header: serde_json::Value = serde_json::from_str(&part(&text, 0)).unwrap();
    assert_eq!((&header["alg"], &header["enc"]), (&"RSA-OAEP-256".into(), &"A256GCM".into()));
    assert_eq!(header["kid"], "PASSKEY-LAB");
    let label = base64url::decode(header["x5c"][0].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(label).unwrap().starts_with("NOT A CERTIFICATE"));
}

#[test]
fn the_sign_in_challenge_has_entras_claims() {
    let text = issued(Kind::EntraSignIn);
    assert!(text.starts_with("O.") && text.split('.').count() == 4);
    assert_eq!(part(&text, 1), r#"{"typ":"JWT","alg":"HS256","kid":"PASSKEY-LAB"}"#);
    let claims: serde_json::Value = serde_json::from_str(&part(&text, 2)).unwrap();
    assert_eq!(claims["aud"], "urn:microsoft:fido:challenge");
    let number = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!((number("nbf"), number("exp")), (number("iat"), number("iat") + 300));
}

#[test]
fn two_challenges_of_one_second_differ() {
    let (challenges, mut rng) = (challenges(), Counter::default());
    let now = time("2026-11-20T10:00:00Z");
    for kind in KINDS {
        assert_ne!(challenges.issue(kind, now, &mut rng), challenges.issue(kind, now, &mut rng));
    }
    assert_ne!(Challenge::random(&mut rng), Challenge::random(&mut rng));
}

#[test]
fn other_shapes_are_named() {
    for text in ["", "O.", "a.b.c", "a.b.c.d.e.f", "O.a.b.c.d", "O.a"] {
        let error = check(text, Kind::EntraSignIn, "2026-11-20T10:00:00Z").unwrap_err();
        assert!(matches!(error, ChallengeError::Shape { .. }), "{text}");
    }
    let long = "a".repeat(MAX_LEN + 1);
    assert!(matches!(check(&long, KINDS[0], "2026-11-20T10:00:00Z"), Err(ChallengeError::Shape { .. })));
}

#[test]
fn a_lifetime_of_graphs_own_is_kept() {
    let (now, day) = (time("2026-11-20T10:00:00Z"), SignedDuration::from_hours(24));
    let challenge = challenges().issue_for(Kind::EntraRegistration, now, day, &mut Counter::default());
    let verdict = challenges().check(challenge.bytes(), Kind::EntraRegistration, time("2026-11-21T09:59:00Z"));
    assert_eq!(verdict, Ok(()));
}

proptest! {
    #[test]
    fn every_altered_byte_is_noticed(kind in prop::sample::select(&KINDS), at: prop::sample::Index, flip in 1u8..=255) {
        let mut bytes = issued(kind).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(challenges().check(&bytes, kind, time("2026-11-20T10:00:00Z")).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for kind in KINDS {
            prop_assert!(challenges().check(&bytes, kind, time("2026-11-20T10:00:00Z")).is_err());
        }
    }
}
