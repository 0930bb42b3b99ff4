//! Cases of registration. The names are those of the catalogue of client cases.

use lab_client::rp_id::{RelatedError, WellKnown};
use lab_client::{
    Attachment, Cause, Context, DomName, Framing, Origin, RelatedOrigins, ReplyError, RpIdError, Transport, prf_salt,
};
use lab_protocol::cbor::Value;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Command, StatusCode};
use lab_protocol::webauthn::{AttestationObject, Flags};

use crate::scripted::*;

const ENTRA: &str = "https://login.microsoft.com";

fn refused(options: &str, context: &Context) -> (DomName, Cause) {
    let error = Scripted::new(vec![made(MODEL)]).create(options, context).unwrap_err();
    (error.name, *error.cause)
}

fn client_data(context: &Context) -> String {
    let registration = Scripted::new(vec![made(MODEL)]).create(&creation(""), context).unwrap();
    String::from_utf8(registration.response.response.client_data_json.0).unwrap()
}

#[test]
fn a_registration_as_graph_asks_for_it() {
    let mut key = Scripted::new(vec![made(MODEL)]);
    let registration = key.create(&creation(""), &plugged_in()).unwrap();
    let sent = key.made();
    assert_eq!(sent.rp.id, "login.microsoft.com");
    assert_eq!(sent.user.id, b"OF:\x01\x02\x03");
    assert_eq!(
        sent.pub_key_cred_params,
        [("public-key".into(), Algorithm::ES256), ("public-key".into(), Algorithm::RS256)]
    );
    assert_eq!(sent.options, [("rk".to_owned(), true), ("uv".to_owned(), true)]);
    assert_eq!(sent.extensions, [("credProtect".into(), 1.into()), ("hmac-secret".into(), true.into())]);
    assert!(sent.exclude_list.is_empty() && sent.attestation_formats_preference.is_empty());
    assert_eq!(key.asked.len(), 2);

    let response = &registration.response;
    let object = AttestationObject::parse(&response.response.attestation_object).unwrap();
    assert_eq!((object.fmt, object.deviations.len()), ("packed", 0));
    assert_eq!(object.auth_data, &response.response.authenticator_data.as_ref().unwrap()[..]);
    assert_eq!(&response.raw_id[..], b"new credential");
    assert_eq!(response.id, response.raw_id.to_string());
    assert_eq!(response.authenticator_attachment.as_deref(), Some(Attachment::CrossPlatform.name()));
    assert_eq!(response.response.public_key_algorithm, Some(-8));
    assert_eq!(response.response.public_key.as_ref().unwrap().len(), 44);
    assert_eq!(response.client_extension_results["hmacCreateSecret"], false);
}

#[test]
fn cl_cdj_order_and_escapes() {
    assert_eq!(
        client_data(&plugged_in()),
        r#"{"type":"webauthn.create","challenge":"ZXlKaGJHY2lPaUpTVTBFdFQwRkZVQzB5TlRZ","origin":"https://login.microsoft.com","crossOrigin":false}"#
    );
    let mut strange = plugged_in();
    strange.origin = Origin::App("android:\"\\\u{1f}/ä".into());
    assert!(client_data(&strange).contains(r#""origin":"android:\"\\\u001f/ä","crossOrigin":false}"#));
}

#[test]
fn cl_cdj_top_only_cross() {
    let mut framed = plugged_in();
    framed.framing = Framing::CrossOrigin { top_origin: Some("https://portal.contoso.com".parse().unwrap()) };
    assert!(client_data(&framed).ends_with(r#","crossOrigin":true,"topOrigin":"https://portal.contoso.com"}"#));
    framed.framing = Framing::CrossOrigin { top_origin: None };
    assert!(client_data(&framed).ends_with(r#","crossOrigin":true}"#));
}

#[test]
fn cl_rpid_default_suffix_public_suffix_ip_other() {
    let with_rp = |rp: &str| creation(&format!(r#""rp": {{{rp}"name": "x"}}"#));
    let mut key = Scripted::new(vec![made(MODEL)]);
    key.create(&with_rp(""), &context("https://a.contoso.com:8443")).unwrap();
    assert_eq!(key.made().rp.id, "a.contoso.com");
    let mut key = Scripted::new(vec![made(MODEL)]);
    key.create(&with_rp(r#""id": "contoso.com", "#), &context("https://a.contoso.com")).unwrap();
    assert_eq!(key.made().rp.id, "contoso.com");

    let refuse = |rp: &str, origin: &str| refused(&with_rp(rp), &context(origin));
    let (name, cause) = refuse(r#""id": "com", "#, "https://a.contoso.com");
    assert!(matches!((name, cause), (DomName::Security, Cause::RpId(RpIdError::PublicSuffix { .. }))));
    let (name, cause) = refuse("", "https://192.0.2.1");
    assert!(matches!((name, cause), (DomName::Security, Cause::Origin(_))));
    let (name, cause) = refuse(r#""id": "fabrikam.com", "#, "https://a.contoso.com");
    assert!(matches!((name, cause), (DomName::Security, Cause::RpId(RpIdError::NotASuffix { .. }))));
    assert_eq!(refuse("", "null").0, DomName::NotAllowed);
}

#[test]
fn cl_rpid_related() {
    let response = |change: fn(&mut WellKnown)| {
        let mut response = WellKnown {
            urls: vec!["https://login.microsoft.com/.well-known/webauthn".into()],
            status: 200,
            content_type: Some("application/json".into()),
            body: br#"{"origins": ["https://login.live.com", "https://login.microsoftonline.com"]}"#.to_vec(),
        };
        change(&mut response);
        RelatedOrigins::from_response(&response)
    };
    let with = |related| Context { related: Some(related), ..context("https://login.microsoftonline.com") };
    let create = |context: &Context| Scripted::new(vec![made(MODEL)]).create(&creation(""), context);
    assert!(create(&with(response(|_| ()))).is_ok());

    let six = ["a", "b", "c", "d", "e"].map(|name| format!("https://{name}.test"));
    let sixth = RelatedOrigins::new(six.into_iter().chain(["https://login.microsoftonline.com".to_owned()]));
    assert!(matches!(refused(&creation(""), &with(Ok(sixth))).1, Cause::RpId(RpIdError::TooManyLabels { .. })));
    let away = response(|response| response.urls.push("http://login.microsoft.com/x".into()));
    let (name, cause) = refused(&creation(""), &with(away));
    assert!(matches!(cause, Cause::RpId(RpIdError::Related { error: RelatedError::NotHttps { .. }, .. })));
    assert_eq!(name, DomName::Security);
    let html = response(|response| response.content_type = Some("text/html".into()));
    let (_, cause) = refused(&creation(""), &with(html));
    assert!(matches!(cause, Cause::RpId(RpIdError::Related { error: RelatedError::ContentType { .. }, .. })));
    assert!(matches!(
        refused(&creation(""), &context("https://login.microsoftonline.com")).1,
        Cause::RpId(RpIdError::NotASuffix { .. })
    ));
}

#[test]
fn cl_user_id_0_and_65() {
    for (id, found) in [("", 0), (&"A".repeat(87)[..], 65)] {
        let user = format!(r#""user": {{"id": "{id}", "name": "n", "displayName": "d"}}"#);
        let (name, cause) = refused(&creation(&user), &plugged_in());
        assert_eq!(name.as_str(), "TypeError");
        assert!(cause.to_string().contains(&format!("{found} bytes")), "{cause}");
    }
}

#[test]
fn cl_params_empty_and_unknown_type() {
    let mut key = Scripted::new(vec![made(MODEL)]);
    key.create(&creation(r#""pubKeyCredParams": []"#), &plugged_in()).unwrap();
    assert_eq!(key.made().pub_key_cred_params.iter().map(|(_, alg)| alg.0).collect::<Vec<_>>(), [-7, -257]);
    let unknown = creation(r#""pubKeyCredParams": [{"type": "private-key", "alg": -7}]"#);
    assert_eq!(refused(&unknown, &plugged_in()).0.as_str(), "NotSupportedError");
    let mixed = creation(r#""pubKeyCredParams": [{"type": "x", "alg": -7}, {"type": "public-key", "alg": -8}]"#);
    let mut key = Scripted::new(vec![made(MODEL)]);
    key.create(&mixed, &plugged_in()).unwrap();
    assert_eq!(key.made().pub_key_cred_params, [("public-key".into(), Algorithm::EDDSA)]);
}

#[test]
fn cl_att_attstmt_missing() {
    let answer = made_with("none", None, &registration_data(MODEL));
    let registration = Scripted::new(vec![answer]).create(&creation(""), &plugged_in()).unwrap();
    let object = AttestationObject::parse(&registration.response.response.attestation_object).unwrap();
    assert_eq!((object.fmt, object.att_stmt), ("none", &[0xa0][..]));
}

#[test]
fn cl_exclude() {
    let excluded =
        creation(r#""excludeCredentials": [{"type": "public-key", "id": "AQID"}, {"type": "x", "id": "BAUG"}]"#);
    let mut key = Scripted::new(vec![status(StatusCode::CREDENTIAL_EXCLUDED)]);
    let error = key.create(&excluded, &plugged_in()).unwrap_err();
    assert_eq!((error.name.as_str(), error.ctap), ("InvalidStateError", Some(StatusCode::CREDENTIAL_EXCLUDED)));
    assert_eq!(key.made().exclude_list.iter().map(|descriptor| &descriptor.id[..]).collect::<Vec<_>>(), [[1, 2, 3]]);
}

#[test]
fn exclude_lists_longer_than_the_key_takes_are_asked_part_by_part() {
    let entry =
        |number: u8| format!(r#"{{"type": "public-key", "id": "{}"}}"#, lab_protocol::base64url::encode([number; 16]));
    let list: Vec<_> = (0..5).map(entry).collect();
    let options = creation(&format!(r#""excludeCredentials": [{}]"#, list.join(",")));
    let short = |answers| Scripted::new(answers).with_info(|info| info.max_credential_count_in_list = Some(2));
    let miss = || status(StatusCode::NO_CREDENTIALS);

    let mut key = short(vec![miss(), signed(|_| ()), status(StatusCode::CREDENTIAL_EXCLUDED)]);
    assert_eq!(key.create(&options, &plugged_in()).unwrap_err().name, DomName::InvalidState);
    assert_eq!(key.got().option("up"), Some(false));
    assert_eq!(key.made().exclude_list.iter().map(|d| d.id[0]).collect::<Vec<_>>(), [2, 3]);

    let mut key = short(vec![miss(), miss(), miss(), made(MODEL)]);
    key.create(&options, &plugged_in()).unwrap();
    assert!(key.made().exclude_list.is_empty());
}

#[test]
fn cl_json_padding() {
    let padded = creation(r#""excludeCredentials": [{"type": "public-key", "id": "GshyINLMaOOwqt1LNUi0gQ=="}]"#);
    let (name, cause) = refused(&padded, &plugged_in());
    assert_eq!(name.as_str(), "EncodingError");
    assert!(cause.to_string().starts_with("excludeCredentials[0].id: expected base64url without padding"), "{cause}");
    assert!(cause.hint().unwrap().contains("Graph"));
}

#[test]
fn cl_transports_sorted() {
    let mut key = Scripted::new(vec![made(MODEL)])
        .with_info(|info| info.transports = ["usb", "nfc", "future", "usb"].map(str::to_owned).to_vec());
    let registration = key.create(&creation(""), &plugged_in()).unwrap();
    assert_eq!(registration.response.response.transports, ["future", "nfc", "usb"]);
}

#[test]
fn cl_prf_salt_of_the_empty_input() {
    assert_eq!(prf_salt(b"")[..4], [0x6a, 0x7e, 0x64, 0xb2]);
}

#[test]
fn cl_largeblob_support_only() {
    let with = |input: &str| creation(&format!(r#""extensions": {{"largeBlob": {input}}}"#));
    for input in [r#"{"read": true}"#, r#"{"write": "AQID"}"#] {
        assert_eq!(refused(&with(input), &plugged_in()).0.as_str(), "NotSupportedError");
    }
    let registration = Scripted::new(vec![made(MODEL)]).create(&with(r#"{"support": "preferred"}"#), &plugged_in());
    assert_eq!(registration.unwrap().response.client_extension_results["largeBlob"]["supported"], false);
}

#[test]
fn extension_outputs() {
    let mut data = registration_data(MODEL);
    data.flags = Flags(0xc5);
    data.extensions = Some(lab_protocol::cbor::encode(&Value::Map(vec![("hmac-secret".into(), true.into())])));
    let options = creation(r#""extensions": {"credProps": true, "prf": {}, "hmacCreateSecret": true, "unheard": 1}"#);
    let registration = Scripted::new(vec![made_with("none", None, &data)]).create(&options, &plugged_in()).unwrap();
    let expected = serde_json::json!({"credProps": {"rk": true}, "prf": {"enabled": true}, "hmacCreateSecret": true});
    assert_eq!(serde_json::Value::Object(registration.response.client_extension_results), expected);
}

#[test]
fn an_enforced_protection_needs_a_key_that_knows_it() {
    let options = creation(
        r#""extensions": {"enforceCredentialProtectionPolicy": true, "credentialProtectionPolicy": "userVerificationRequired"}"#,
    );
    let mut plain = Scripted::new(vec![made(MODEL)]).with_info(|info| info.extensions.clear());
    let error = plain.create(&options, &plugged_in()).unwrap_err();
    assert!(matches!(*error.cause, Cause::NoCredProtect { .. }) && error.name == DomName::NotAllowed);
    let mut able = Scripted::new(vec![made(MODEL)]);
    able.create(&options, &plugged_in()).unwrap();
    assert_eq!(able.made().extensions, [("credProtect".into(), 3.into())]);
}

#[test]
fn what_the_key_cannot_do_is_said_before_it_is_asked() {
    let error = |change: fn(&mut lab_protocol::ctap2::get_info::Response)| {
        let mut key = Scripted::new(vec![made(MODEL)]).with_info(change);
        let error = key.create(&creation(""), &plugged_in()).unwrap_err();
        assert_eq!(key.asked.len(), 1, "only getInfo");
        assert_eq!((error.name, error.ctap), (DomName::NotAllowed, None));
        *error.cause
    };
    assert_eq!(error(|info| info.options.retain(|(name, _)| name != "rk")), Cause::NoResidentKeys { found: "absent" });
    assert_eq!(error(|info| info.options = vec![("rk".into(), true)]), Cause::NoUserVerification);
    assert_eq!(
        error(|info| info.options = vec![("rk".into(), true), ("clientPin".into(), false)]),
        Cause::PinNotSet { status: None }
    );
    let wide = creation(&format!(r#""rp": {{"id": "login.microsoft.com", "name": "{}"}}"#, "x".repeat(1200)));
    let cause = Scripted::new(vec![made(MODEL)]).create(&wide, &plugged_in()).unwrap_err().cause;
    assert!(matches!(*cause, Cause::TooLong { allowed: 1200, .. }));
}

#[test]
fn a_platform_authenticator_is_kept_out_by_the_options_of_graph() {
    let (name, cause) = refused(&creation(""), &on("l3", ENTRA, Transport::Internal));
    assert_eq!(name, DomName::NotAllowed);
    assert!(matches!(cause, Cause::Attachment { found: "platform", .. }), "{cause}");
}

#[test]
fn a_key_that_demands_its_pin_says_so() {
    let error =
        Scripted::new(vec![status(StatusCode::PUAT_REQUIRED)]).create(&creation(""), &plugged_in()).unwrap_err();
    assert_eq!(*error.cause, Cause::PinRequired { status: Some(StatusCode::PUAT_REQUIRED) });
    assert_eq!((error.name.as_str(), error.ctap), ("NotAllowedError", Some(StatusCode::PUAT_REQUIRED)));
    assert!(error.hint().is_some());
}

#[test]
fn a_full_key_is_a_constraint_error_where_a_resident_key_is_required() {
    let full = || vec![status(StatusCode::KEY_STORE_FULL)];
    let error = Scripted::new(full()).create(&creation(""), &plugged_in()).unwrap_err();
    assert_eq!((error.name.as_str(), error.ctap), ("ConstraintError", Some(StatusCode::KEY_STORE_FULL)));
    let preferred = creation(r#""authenticatorSelection": {"residentKey": "preferred"}"#);
    let error = Scripted::new(full()).create(&preferred, &plugged_in()).unwrap_err();
    assert_eq!(error.name, DomName::NotAllowed);
}

#[test]
fn wishes_of_resident_keys_and_verification_become_options() {
    let sent = |selection: &str, change: fn(&mut lab_protocol::ctap2::get_info::Response)| {
        let mut key = Scripted::new(vec![made(MODEL)]).with_info(change);
        key.create(&creation(&format!(r#""authenticatorSelection": {selection}"#)), &plugged_in()).unwrap();
        key.made().options.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(sent(r#"{"residentKey": "preferred"}"#, |_| ()), ["rk", "uv"]);
    assert_eq!(sent(r#"{"residentKey": "preferred"}"#, |info| info.options.clear()), [""; 0]);
    assert_eq!(sent(r#"{"residentKey": "discouraged", "requireResidentKey": true}"#, |_| ()), ["uv"]);
    assert_eq!(sent(r#"{"userVerification": "discouraged"}"#, |_| ()), [""; 0]);
}

#[test]
fn formats_and_enterprise_attestation_are_asked_for_where_the_key_knows_them() {
    let sent = |members: &str, permitted| {
        let mut key = Scripted::new(vec![made(MODEL)]).with_info(|info| {
            info.attestation_formats = vec!["packed".into()];
            info.options.push(("ep".into(), true));
        });
        let context = Context { enterprise_permitted: permitted, ..plugged_in() };
        key.create(&creation(members), &context).unwrap();
        let made = key.made();
        (made.attestation_formats_preference, made.enterprise_attestation)
    };
    assert_eq!(sent(r#""attestation": "none""#, true), (vec!["none".to_owned()], None));
    assert_eq!(sent(r#""attestationFormats": ["tpm", "packed"]"#, true), (vec!["tpm".into(), "packed".into()], None));
    assert_eq!(sent(r#""attestation": "enterprise""#, false), (vec![], Some(1)));
    assert_eq!(sent(r#""attestation": "enterprise""#, true), (vec![], Some(2)));
}

#[test]
fn replies_that_cannot_be_used_say_what_is_wrong_with_them() {
    let cause = |answer: Vec<u8>| *Scripted::new(vec![answer]).create(&creation(""), &plugged_in()).unwrap_err().cause;
    let command = Command::MAKE_CREDENTIAL;
    assert_eq!(cause(vec![]), Cause::Reply { command, error: ReplyError::Empty });
    assert!(matches!(cause(vec![0, 0xa0]), Cause::Reply { error: ReplyError::Message(_), .. }));
    let data = lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft {
        attested: None,
        flags: Flags(0x05),
        ..registration_data(MODEL)
    };
    assert_eq!(
        cause(made_with("none", None, &data)),
        Cause::Reply { command, error: ReplyError::NoCredentialId { found: 37 } }
    );
    let gone = Scripted::new(vec![]).create(&creation(""), &plugged_in()).unwrap_err();
    assert!(matches!(*gone.cause, Cause::Device(_)));
}

#[test]
fn what_a_relying_party_should_refuse_still_reaches_it() {
    let mut data = registration_data(MODEL);
    data.attested.as_mut().unwrap().public_key = vec![0xff, 0x00];
    let answer = made_with("none", None, &data);
    let registration = Scripted::new(vec![answer]).create(&creation(""), &plugged_in()).unwrap();
    assert_eq!(registration.response.response.public_key, None);
    assert_eq!(&registration.response.raw_id[..], b"new credential");
}
