use base64::engine::general_purpose::STANDARD;
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Reason as _;
use proptest::prelude::*;

use super::*;
use crate::keys::{Backend, SigningKey};
use crate::test_rng::Counter;

const MAX: usize = 100_000;

fn key(alg: i64) -> SigningKey {
    SigningKey::generate(Algorithm(alg), Backend::Deterministic, &mut Counter::new(3)).unwrap()
}

/// A token signed by `key`, whose ECDSA signatures are put into the form of JWS.
fn token(header: &str, payload: &str, key: &SigningKey, field: Option<usize>) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(signed.as_bytes(), &mut Counter::new(0));
    let signature = field.map_or_else(|| signature.clone(), |field| from_der(&signature, field));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn from_der(signature: &[u8], field: usize) -> Vec<u8> {
    let header = if signature[1] == 0x81 { 3 } else { 2 };
    let r_len = usize::from(signature[header + 1]);
    let r = &signature[header + 2..header + 2 + r_len];
    let s = &signature[header + 4 + r_len..];
    let pad = |number: &[u8]| {
        let digits = &number[number.len().saturating_sub(field)..];
        [vec![0; field - digits.len()], digits.to_vec()].concat()
    };
    [pad(r), pad(s)].concat()
}

fn verify(token: &str, key: &SigningKey) -> Result<(), JwsSignatureError> {
    Jws::parse(token.as_bytes(), MAX).unwrap().verify(&key.public_key().into())
}

#[test]
fn each_algorithm_verifies_in_the_form_of_jws() {
    for (name, alg, field) in [
        ("ES256", -7, Some(32)),
        ("ES384", -35, Some(48)),
        ("ES512", -36, Some(66)),
        ("EdDSA", -8, None),
        ("RS256", -257, None),
        ("PS256", -37, None),
    ] {
        let key = key(alg);
        let good = token(&format!(r#"{{"alg":"{name}"}}"#), "{}", &key, field);
        assert_eq!(verify(&good, &key), Ok(()), "{name}");
        let other = token(&format!(r#"{{"alg":"{name}"}}"#), "{ }", &key, field);
        let (signed, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = good.rsplit_once('.').unwrap();
        assert!(verify(&format!("{signed}.{signature}"), &key).is_err(), "{name}");
    }
}

/// RFC 7515 appendix A.3: ES256 with a key that is printed there.
#[test]
fn the_rfc_s_own_example_verifies() {
    let text = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let x = URL_SAFE_NO_PAD.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").unwrap();
    let y = URL_SAFE_NO_PAD.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").unwrap();
    let key = PublicKey::Ec2 { curve: lab_protocol::cose::Curve::P256, x: &x, y: &y };
    let jws = Jws::parse(text.as_bytes(), MAX).unwrap();
    assert_eq!(jws.verify(&key), Ok(()));
    assert_eq!(object(&jws.payload).unwrap()["iss"], "joe");
}

#[test]
fn a_der_signature_a_shared_secret_and_no_signature_are_refused() {
    let ec = key(-7);
    let der = token(r#"{"alg":"ES256"}"#, "{}", &ec, None);
    assert!(matches!(verify(&der, &ec), Err(JwsSignatureError::Length { expected: 64, .. })));
    assert_eq!(verify(&token(r#"{"alg":"none"}"#, "{}", &ec, None), &ec), Err(JwsSignatureError::Unsigned));
    assert_eq!(
        verify("eyJhbGciOiJub25lIn0.e30.", &ec),
        Err(JwsSignatureError::Unsigned),
        "an empty signature is a part all the same"
    );
    for (alg, cause) in [("HS256", "shared secret"), ("es256", "no signature algorithm"), ("RS256", "does not belong")]
    {
        let error = verify(&token(&format!(r#"{{"alg":"{alg}"}}"#), "{}", &ec, Some(32)), &ec).unwrap_err();
        assert!(error.to_string().contains(cause) && !error.is_unsupported(), "{error}");
    }
    let zero = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), "e30");
    let zero = format!("{zero}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    assert!(verify(&zero, &ec).unwrap_err().to_string().contains("between 1 and the order"));
}

#[test]
fn each_way_to_be_no_token_has_its_sentence() {
    let with = |header: &str| format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
    let many = format!(r#"{{"alg":"RS256","x5c":[{}]}}"#, vec![r#""AA==""#; 17].join(","));
    for (text, cause) in [
        ("", "it has 1 parts"),
        ("e30.e30", "it has 2 parts"),
        ("e30.e30.e30.e30", "it has 4 parts"),
        ("e30=.e30.AA", "its header is not base64url"),
        (&with(r#"{"alg":"RS256"}"#).replace(".e30.", ".e+0."), "its payload is not base64url"),
        ("e30.e30.A", "its header has no member alg"),
        (&with(r#"{"alg":"RS256"}"#).replace(".AA", ".AB"), "its signature is not base64url"),
        (&with("[]"), "expected a JSON object"),
        (&with(r#"{"alg":"RS256","alg":"none"}"#), "“alg” occurs twice"),
        (&with(r#"{"alg":"RS256"} x"#), "trailing characters"),
        (&with(r#"{"alg":7}"#), "the member alg of its header is not a text"),
        (&with(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#), "critical extensions"),
        (&with(r#"{"alg":"RS256","x5c":"AA=="}"#), "x5c of its header is not an array"),
        (&with(r#"{"alg":"RS256","x5c":["AA==",1]}"#), "x5c of its header is not an array"),
        (&with(r#"{"alg":"RS256","x5c":["AA==","_w=="]}"#), "element 2 of x5c is not Base64"),
        (&with(&many), "x5c has 17 elements"),
    ] {
        let error = Jws::parse(text.as_bytes(), MAX).unwrap_err();
        assert!(error.to_string().contains(cause) && error.hint().is_some(), "{text}: {error}");
    }
    assert_eq!(Jws::parse(b"e30.e30.AA", 9), Err(JwsError::TooLong { found: 10, max_len: 9 }));
    assert_eq!(Jws::parse(b"e30.\xff.AA", 9), Err(JwsError::NotText { offset: 4 }));
}

#[test]
fn certificates_and_unknown_members_are_kept() {
    let header = r#"{"alg":"RS256","typ":"JWT","x5c":["AQID"],"x5u":"https://m.example/c","new":{}}"#;
    let text = format!("{}.e30.AA\n", URL_SAFE_NO_PAD.encode(header));
    let header = Jws::parse(text.as_bytes(), MAX).unwrap().header;
    assert_eq!((header.x5c.unwrap(), header.unknown), (vec![vec![1, 2, 3]], vec!["new".to_owned()]));
    assert_eq!(header.x5u.as_deref(), Some("https://m.example/c"));
    assert_eq!(STANDARD.encode([1, 2, 3]), "AQID");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(jws) = Jws::parse(&bytes, MAX) {
            let _ = jws.verify(&key(-7).public_key().into());
        }
    }

    #[test]
    fn a_changed_token_does_not_verify(at: prop::sample::Index, byte in 0x20_u8..0x7f) {
        let key = key(-7);
        let good = token(r#"{"alg":"ES256"}"#, r#"{"nonce":"AAAA"}"#, &key, Some(32));
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let holds = Jws::parse(&bytes, MAX).is_ok_and(|jws| jws.verify(&key.public_key().into()).is_ok());
        prop_assert_eq!(holds, bytes == good.as_bytes());
    }

    #[test]
    fn a_truncated_token_does_not_verify(at: prop::sample::Index) {
        let key = key(-7);
        let good = token(r#"{"alg":"ES256"}"#, "{}", &key, Some(32));
        let cut = &good.as_bytes()[..at.index(good.len())];
        prop_assert!(Jws::parse(cut, MAX).map_or(true, |jws| jws.verify(&key.public_key().into()).is_err()));
    }
}
