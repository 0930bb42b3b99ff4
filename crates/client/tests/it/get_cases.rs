//! Cases of sign-in.

use std::sync::Arc;

use lab_client::{Cause, Choice, Context, DomName, ReplyError, Transport};
use lab_protocol::base64url;
use lab_protocol::ctap2::{Descriptor, StatusCode, UserEntity};

use crate::scripted::*;

fn allow(ids: &[&str]) -> String {
    let entries: Vec<_> = ids.iter().map(|id| format!(r#"{{"type": "public-key", "id": "{id}"}}"#)).collect();
    request(&format!(r#", "allowCredentials": [{}]"#, entries.join(",")))
}

fn account(handle: &str, total: Option<i64>) -> Vec<u8> {
    signed(|response| {
        response.credential = Some(Descriptor::new(format!("id of {handle}")));
        response.user = Some(UserEntity { id: handle.into(), name: Some(handle.into()), display_name: None });
        response.number_of_credentials = total;
    })
}

fn cause(answers: Vec<Vec<u8>>, options: &str) -> Cause {
    *Scripted::new(answers).get(options, &plugged_in()).unwrap_err().cause
}

#[test]
fn a_sign_in_without_user_name() {
    let mut key = Scripted::new(vec![account("one", None)]);
    let signed_in = key.get(&request(""), &plugged_in()).unwrap();
    let sent = key.got();
    assert_eq!(
        (&sent.rp_id[..], sent.allow_list, sent.options),
        ("login.microsoft.com", None, vec![("uv".to_owned(), true)])
    );
    let response = signed_in.response;
    assert_eq!(response.response.user_handle.unwrap().0, b"one");
    assert_eq!(response.id, base64url::encode("id of one"));
    assert_eq!(response.response.authenticator_data.0, sign_in_data());
    let client_data = String::from_utf8(response.response.client_data_json.0).unwrap();
    assert!(client_data.starts_with(r#"{"type":"webauthn.get","challenge":"Ty5leUpo","#), "{client_data}");
}

#[test]
fn cl_get_single_id() {
    let signed_in = Scripted::new(vec![signed(|_| ())]).get(&allow(&["AQID"]), &plugged_in()).unwrap();
    assert_eq!(signed_in.response.raw_id.0, [1, 2, 3]);
    let error = cause(vec![signed(|_| ())], &allow(&["AQID", "BAUG"]));
    assert!(matches!(error, Cause::Reply { error: ReplyError::NoCredential { listed: 2 }, .. }));
}

#[test]
fn cl_get_no_userhandle() {
    let answer = || vec![signed(|response| response.credential = Some(Descriptor::new([1, 2, 3])))];
    let signed_in = Scripted::new(answer()).get(&allow(&["AQID", "BAUG"]), &plugged_in()).unwrap();
    assert_eq!(signed_in.response.response.user_handle, None);
    assert!(matches!(cause(answer(), &request("")), Cause::Reply { error: ReplyError::NoUserHandle, .. }));
}

#[test]
fn several_accounts_are_enumerated_and_one_is_chosen() {
    let answers = || vec![account("newest", Some(3)), account("middle", None), account("oldest", None)];
    let with = |choice| Context { choice, ..plugged_in() };
    let chosen = |choice| {
        let mut key = Scripted::new(answers());
        key.get(&request(""), &with(choice)).map(|signed_in| {
            assert_eq!((signed_in.accounts, key.asked.len()), (3, 4));
            String::from_utf8(signed_in.response.response.user_handle.unwrap().0).unwrap()
        })
    };
    assert_eq!(chosen(Choice::Newest).unwrap(), "newest");
    assert_eq!(chosen(Choice::User(b"oldest".to_vec())).unwrap(), "oldest");
    let by_name = Choice::By(Arc::new(|accounts| accounts.iter().position(|account| account.name == Some("middle"))));
    assert_eq!(chosen(by_name).unwrap(), "middle");
    let nobody = chosen(Choice::By(Arc::new(|_| None))).unwrap_err();
    assert_eq!((nobody.name, *nobody.cause), (DomName::NotAllowed, Cause::NotChosen { found: 3 }));
}

#[test]
fn a_number_of_accounts_beyond_reason_is_not_believed() {
    let mut answers = vec![account("first", Some(i64::MAX))];
    answers.extend((0..400).map(|_| account("more", None)));
    let signed_in = Scripted::new(answers).get(&request(""), &plugged_in()).unwrap();
    assert_eq!(signed_in.accounts, lab_client::MAX_ACCOUNTS);
}

#[test]
fn cl_largeblob_write_multi() {
    let write = |ids: &str| {
        request(&format!(r#", "allowCredentials": [{ids}], "extensions": {{"largeBlob": {{"write": "AQID"}}}}"#))
    };
    let entry = r#"{"type": "public-key", "id": "AQID"}"#;
    let error = Scripted::new(vec![]).get(&write(&[entry; 2].join(",")), &plugged_in()).unwrap_err();
    assert_eq!(error.name.as_str(), "NotSupportedError");
    let both = request(r#", "extensions": {"largeBlob": {"write": "AQID", "read": true}}"#);
    assert_eq!(Scripted::new(vec![]).get(&both, &plugged_in()).unwrap_err().name.as_str(), "NotSupportedError");
    let signed_in = Scripted::new(vec![signed(|_| ())]).get(&write(entry), &plugged_in()).unwrap();
    assert_eq!(signed_in.response.client_extension_results["largeBlob"]["written"], false);
}

#[test]
fn refusals_have_their_exception_and_status() {
    let error = Scripted::new(vec![status(StatusCode::NO_CREDENTIALS)]).get(&request(""), &plugged_in()).unwrap_err();
    assert_eq!((error.name.as_str(), error.ctap), ("NotAllowedError", Some(StatusCode::NO_CREDENTIALS)));
    assert!(error.hint().unwrap().contains("no passkey"));
    let unknown = request(r#", "allowCredentials": [{"type": "x", "id": "AQID"}]"#);
    assert_eq!(cause(vec![], &unknown), Cause::NoUsableDescriptor { found: 1 });
}

#[test]
fn allow_lists_longer_than_the_key_takes_are_asked_part_by_part() {
    let short = |answers| Scripted::new(answers).with_info(|info| info.max_credential_count_in_list = Some(1));
    let miss = || status(StatusCode::NO_CREDENTIALS);
    let mut key = short(vec![miss(), signed(|_| ()), signed(|_| ())]);
    let signed_in = key.get(&allow(&["AQID", "BAUG"]), &plugged_in()).unwrap();
    assert_eq!(signed_in.response.raw_id.0, [4, 5, 6], "the only entry that was left");
    assert_eq!(key.got().option("up"), None);
    let error = short(vec![miss(), miss()]).get(&allow(&["AQID", "BAUG"]), &plugged_in()).unwrap_err();
    assert_eq!((error.name, *error.cause), (DomName::NotAllowed, Cause::NoneOfTheList { found: 2 }));
}

#[test]
fn a_phone_is_cross_platform_although_it_is_internal_to_itself() {
    let context = on("chromium", "https://login.microsoft.com", Transport::Hybrid);
    let signed_in = Scripted::new(vec![account("one", None)]).get(&request(""), &context).unwrap();
    assert_eq!(signed_in.response.authenticator_attachment.as_deref(), Some("cross-platform"));
}
