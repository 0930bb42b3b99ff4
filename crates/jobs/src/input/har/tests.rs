use lab_protocol::base64url;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::cases::{Case, CaseError, Response, read};

fn fixture(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn request(url: &str, mime: &str, text: String) -> Value {
    json!({
        "startedDateTime": "2026-11-20T12:00:00.123Z",
        "request": {"method": "POST", "url": url, "postData": {"mimeType": mime, "text": text}},
        "response": {"status": 200, "content": {"text": ""}},
    })
}

fn answer(text: String) -> Value {
    json!({
        "request": {"method": "GET", "url": "https://login.lab.example/options"},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": text}},
    })
}

fn archive(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "entries": entries}}).to_string()
}

fn cases(entries: &[Value]) -> Vec<Case> {
    read("a.har", &archive(entries)).unwrap().into_iter().map(Result::unwrap).collect()
}

fn registration() -> Value {
    fixture("valid/registration-none-es256.json")
}

fn form(pairs: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('=', "%3D").replace('+', "%2B").replace('&', "%26");
    pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

#[test]
fn options_and_response_of_one_recording_belong_together() {
    let case = registration();
    let options = json!({"publicKey": {
        "challenge": case["challenge"], "rp": {"id": "login.lab.example", "name": "Lab"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"userVerification": "required"},
    }});
    let body = json!({"displayName": "Blue key", "publicKeyCredential": case["response"]}).to_string();
    let found = cases(&[
        answer(options.to_string()),
        request("https://graph.example/v1.0/users/1/fido2Methods?secret=1", "application/json", body.clone()),
        request("https://graph.example/again", "application/json", body),
    ]);
    let [case] = &found[..] else { panic!("sent twice, judged once: {}", found.len()) };
    assert_eq!(case.id, "request 2 POST graph.example/v1.0/users/1/fido2Methods");
    assert_eq!(case.demand.rp_id, "login.lab.example");
    assert_eq!(case.demand.require_user_verification, Some(true));
    assert_eq!(case.demand.allowed_algs, Some(vec![-7]));
    assert_eq!(case.demand.time().unwrap().to_string(), "2026-11-20T12:00:00.123Z");
    assert!(case.notes[0].starts_with("RP ID and challenge are those of the options"), "{:?}", case.notes);
}

#[test]
fn without_options_the_response_speaks_for_itself_and_that_is_said() {
    let case = registration();
    let found = cases(&[request("https://a.example/x", "application/json", case["response"].to_string())]);
    assert_eq!(found[0].demand.challenge, case["challenge"].as_str().unwrap());
    assert_eq!(found[0].demand.rp_id, "login.lab.example");
    assert!(found[0].notes[0].starts_with("no earlier response of the recording issues this challenge"));
}

/// The fields of `/api/post/newfido`, and the JSON in a text of `/api/authenticationmethods/verify`.
#[test]
fn entra_s_forms_and_nested_texts_are_read() {
    let case = registration();
    let inner = &case["response"]["response"];
    let padded = |name: &str| {
        let text = inner[name].as_str().unwrap().replace('-', "+").replace('_', "/");
        let padding = "=".repeat((4 - text.len() % 4) % 4);
        text + &padding
    };
    let (client_data, object) = (padded("clientDataJSON"), padded("attestationObject"));
    let id = case["response"]["id"].as_str().unwrap();
    let fields =
        [("canary", "x&y"), ("clientDataJson", &client_data), ("attestationObject", &object), ("credentialId", id)];
    let data = json!({"AttestationObject": object, "ClientDataJson": client_data, "CredentialId": id}).to_string();
    let verify = json!({"Type": 18, "VerificationData": data}).to_string();
    for entry in [
        request("https://login.microsoft.com/api/post/newfido", "application/x-www-form-urlencoded", form(&fields)),
        request("https://mysignins.microsoft.com/api/authenticationmethods/verify", "application/json", verify),
    ] {
        let found = cases(&[entry]);
        let Response::Registration(response) = &found[0].response else { panic!("a registration") };
        assert_eq!(
            base64url::encode(&*response.response.attestation_object),
            inner["attestationObject"].as_str().unwrap()
        );
        assert_eq!(response.id, id);
    }
}

#[test]
fn a_sign_in_finds_the_key_that_the_recording_registered() {
    let (registered, signed_in) = (registration(), fixture("valid/authentication-es256.json"));
    let mut assertion = signed_in["response"]["response"].clone();
    assertion["id"] = signed_in["response"]["id"].clone();
    let form = form(&[("type", "23"), ("assertion", &assertion.to_string())]);
    let sign_in =
        || request("https://login.microsoftonline.com/common/login", "application/x-www-form-urlencoded", form.clone());
    let register = request("https://a.example/r", "application/json", registered["response"].to_string());
    let both = cases(&[register, sign_in()]);
    assert!(both[1].demand.credential_public_key_cose.is_some());
    let alone = cases(&[sign_in()]);
    assert!(alone[0].demand.credential_public_key_cose.is_none());
    assert!(alone[0].notes[1].contains("its key is missing"), "{:?}", alone[0].notes);
}

#[test]
fn a_challenge_in_a_page_s_script_is_issued() {
    let challenge = "O.eyJhbGciOiJSUzI1NiJ9.e30.AA";
    let client_data = json!({
        "type": "webauthn.create", "challenge": base64url::encode(challenge), "origin": "https://login.microsoft.com",
    });
    let mut response = registration()["response"].clone();
    response["response"]["clientDataJSON"] = json!(base64url::encode(client_data.to_string()));
    let page = format!("<script>$Config={{\"a\":1,\"sFidoChallenge\":\"{challenge}\",\"b\":[]}};</script>");
    let found = cases(&[answer(page), request("https://a.example/x", "application/json", response.to_string())]);
    assert!(found[0].notes[0].starts_with("the challenge is one that the recording issued"), "{:?}", found[0].notes);
}

#[test]
fn a_recording_without_a_ceremony_says_so() {
    let error = read("a.har", &archive(&[answer("{}".into()), json!({"request": 7})])).unwrap_err();
    assert_eq!(error, CaseError::NoResponse { file: "a.har".into(), entries: 2 });
    assert!(read("a.har", &archive(&[])).is_err());
}

#[test]
fn a_pasted_response_is_its_own_case() {
    let case = registration();
    let found = read("-", &case["response"].to_string()).unwrap().remove(0).unwrap();
    assert_eq!(found.demand.origin, "https://login.lab.example");
    assert!(found.notes[0].contains("are taken from the response itself"), "{:?}", found.notes);
}

proptest! {
    #[test]
    fn any_body_is_looked_at(text in ".{0,200}", answered in ".{0,200}", binary: bool) {
        let mut entry = request("https://a.example", "text/plain", text);
        entry["response"]["content"] = json!({"text": answered, "encoding": if binary { "base64" } else { "" }});
        let _ = read("a.har", &archive(&[entry]));
    }
}
