use lab_protocol::ctap2::credential_management::{Params, Request, SubCommand};
use lab_protocol::ctap2::{Command, Descriptor, Permissions, StatusCode, UserEntity, make_credential};

use crate::testing::*;

const CM: Permissions = Permissions::CREDENTIAL_MANAGEMENT;

fn by_rp(rp_id: &str) -> Option<Params> {
    Some(Params { rp_id_hash: Some(lab_attestation::sha256(rp_id.as_bytes()).to_vec()), ..Params::default() })
}

fn by_id(id: &[u8]) -> Option<Params> {
    Some(Params { credential_id: Some(Descriptor::new(id)), ..Params::default() })
}

fn bare(sub_command: SubCommand) -> Request {
    Request { sub_command, ..Request::default() }
}

fn create_at(rp_id: &str, user: u8) -> make_credential::Request {
    let mut request = create_for(user);
    request.rp.id = rp_id.to_owned();
    request
}

/// Two accounts at one relying party, one at another, and one credential that is not discoverable.
fn three() -> (Bench, Vec<Vec<u8>>) {
    let mut bench = Bench::of("yubikey-5-nfc");
    let requests = [create_at("a.example", 1), create_at("a.example", 2), create_at("b.example", 1)];
    let ids = requests.iter().map(|request| bench.register(request).id()).collect();
    bench.register(&create_plain());
    (bench, ids)
}

#[test]
fn counts_match_what_was_made() {
    let (mut bench, _) = three();
    let token = bench.authorized(CM);
    let metadata = bench.managed(&token.credential_management(SubCommand::GET_CREDS_METADATA, None));
    assert_eq!(metadata.existing_resident_credentials_count, Some(3));
    assert_eq!(metadata.max_possible_remaining_resident_credentials_count, Some(97));
    assert_eq!(bench.info().remaining_discoverable_credentials, Some(97));
}

#[test]
fn relying_parties_are_told_once_each_and_then_no_more() {
    let (mut bench, _) = three();
    let token = bench.authorized(CM);
    let first = bench.managed(&token.credential_management(SubCommand::ENUMERATE_RPS_BEGIN, None));
    assert_eq!((first.total_rps, first.rp.unwrap().id.as_str()), (Some(2), "a.example"));
    assert_eq!(first.rp_id_hash, Some(lab_attestation::sha256(b"a.example").to_vec()));
    let second = bench.managed(&bare(SubCommand::ENUMERATE_RPS_GET_NEXT_RP));
    assert_eq!((second.total_rps, second.rp.unwrap().id.as_str()), (None, "b.example"));
    assert_eq!(bench.manage(&bare(SubCommand::ENUMERATE_RPS_GET_NEXT_RP)).status(), StatusCode::NOT_ALLOWED);
}

#[test]
fn credentials_are_told_with_user_key_and_protection() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let begin = token.credential_management(SubCommand::ENUMERATE_CREDENTIALS_BEGIN, by_rp("a.example"));
    let newest = bench.managed(&begin);
    assert_eq!(newest.total_credentials, Some(2));
    assert_eq!(newest.credential_id, Some(Descriptor::new(ids[1].clone())));
    assert_eq!(newest.user, Some(create_for(2).user));
    assert_eq!(newest.cred_protect, Some(1));
    let kept = bench.engine.credentials();
    assert_eq!(newest.public_key.as_deref(), Some(kept[1].key.cose()));
    let oldest = bench.managed(&bare(SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL));
    assert_eq!((oldest.total_credentials, oldest.credential_id), (None, Some(Descriptor::new(ids[0].clone()))));
    let next = bare(SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL);
    assert_eq!(bench.manage(&next).status(), StatusCode::NOT_ALLOWED);
}

#[test]
fn nothing_may_come_in_between() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let next = bare(SubCommand::ENUMERATE_RPS_GET_NEXT_RP);
    assert_eq!(bench.manage(&next).status(), StatusCode::NOT_ALLOWED, "without a beginning");
    bench.managed(&token.credential_management(SubCommand::ENUMERATE_RPS_BEGIN, None));
    bench.info();
    assert_eq!(bench.manage(&next).status(), StatusCode::NOT_ALLOWED, "after getInfo");
    bench.managed(&token.credential_management(SubCommand::ENUMERATE_RPS_BEGIN, None));
    let other = bare(SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL);
    assert_eq!(bench.manage(&other).status(), StatusCode::NOT_ALLOWED, "of another enumeration");
    assert_eq!(bench.manage(&next).status(), StatusCode::NOT_ALLOWED);
    bench.managed(&token.credential_management(SubCommand::ENUMERATE_CREDENTIALS_BEGIN, by_rp("a.example")));
    bench.managed(&token.credential_management(SubCommand::DELETE_CREDENTIAL, by_id(&ids[0])));
    assert_eq!(bench.manage(&other).status(), StatusCode::NOT_ALLOWED, "after a deletion");
}

#[test]
fn without_credentials_there_is_nothing_to_tell() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(CM);
    for (sub_command, params) in [
        (SubCommand::ENUMERATE_RPS_BEGIN, None),
        (SubCommand::ENUMERATE_CREDENTIALS_BEGIN, by_rp("a.example")),
        (SubCommand::DELETE_CREDENTIAL, by_id(&[1; 16])),
    ] {
        let request = token.credential_management(sub_command, params);
        assert_eq!(bench.manage(&request).status(), StatusCode::NO_CREDENTIALS, "{sub_command}");
    }
}

#[test]
fn what_is_deleted_is_gone_and_its_slot_is_free() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let delete = |id: &[u8]| token.credential_management(SubCommand::DELETE_CREDENTIAL, by_id(id));
    let revision = bench.engine.revision();
    assert_eq!(bench.manage(&delete(&ids[2])).0, [0], "without a body");
    assert!(bench.engine.revision() > revision);
    assert_eq!(bench.manage(&delete(&ids[2])).status(), StatusCode::NO_CREDENTIALS);
    assert_eq!(bench.info().remaining_discoverable_credentials, Some(98));
    let plain = bench.engine.credentials().iter().find(|it| !it.discoverable).unwrap().id.clone();
    assert_eq!(bench.manage(&delete(&plain)).status(), StatusCode::NO_CREDENTIALS, "not discoverable");
}

#[test]
fn names_are_updated_and_removed_but_never_the_account() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let update = |user: UserEntity| {
        let params = Params { user: Some(user), ..by_id(&ids[0]).unwrap() };
        token.credential_management(SubCommand::UPDATE_USER_INFORMATION, Some(params))
    };
    let renamed = UserEntity { name: Some("new".into()), display_name: None, ..create_for(1).user };
    bench.managed(&update(renamed.clone()));
    assert_eq!(bench.engine.credentials()[0].user, renamed);
    let other = UserEntity { id: vec![9], ..renamed };
    assert_eq!(bench.manage(&update(other)).status(), StatusCode::INVALID_PARAMETER);
    let missing = token.credential_management(SubCommand::UPDATE_USER_INFORMATION, by_id(&ids[0]));
    assert_eq!(bench.manage(&missing).status(), StatusCode::MISSING_PARAMETER);
}

#[test]
fn authorisation_is_checked_in_the_order_of_the_specification() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let good = token.credential_management(SubCommand::GET_CREDS_METADATA, None);
    let mut status = |request: &Request| bench.manage(request).status();
    assert_eq!(status(&bare(SubCommand::GET_CREDS_METADATA)), StatusCode::PUAT_REQUIRED);
    assert_eq!(status(&bare(SubCommand::DELETE_CREDENTIAL)), StatusCode::PUAT_REQUIRED);
    assert_eq!(status(&Request { pin_uv_auth_protocol: None, ..good.clone() }), StatusCode::MISSING_PARAMETER);
    assert_eq!(status(&Request { pin_uv_auth_protocol: Some(3), ..good.clone() }), StatusCode::INVALID_PARAMETER);
    let forged = Request { sub_command: SubCommand::ENUMERATE_RPS_BEGIN, ..good.clone() };
    assert_eq!(status(&forged), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(status(&bare(SubCommand(0x7f))), StatusCode::INVALID_SUBCOMMAND);
    let delete = token.credential_management(SubCommand::DELETE_CREDENTIAL, None);
    assert_eq!(status(&delete), StatusCode::MISSING_PARAMETER);
    let other = bench.authorized(Permissions::LARGE_BLOB_WRITE);
    let request = other.credential_management(SubCommand::GET_CREDS_METADATA, None);
    assert_eq!(bench.manage(&request).status(), StatusCode::PIN_AUTH_INVALID, "no cm");
    let bound = bench.authorized_for(CM, Some("a.example"));
    for (sub_command, params, expected) in [
        (SubCommand::GET_CREDS_METADATA, None, StatusCode::PIN_AUTH_INVALID),
        (SubCommand::ENUMERATE_RPS_BEGIN, None, StatusCode::PIN_AUTH_INVALID),
        (SubCommand::ENUMERATE_CREDENTIALS_BEGIN, by_rp("b.example"), StatusCode::PIN_AUTH_INVALID),
        (SubCommand::ENUMERATE_CREDENTIALS_BEGIN, by_rp("a.example"), StatusCode::OK),
        (SubCommand::DELETE_CREDENTIAL, by_id(&ids[2]), StatusCode::PIN_AUTH_INVALID),
        (SubCommand::DELETE_CREDENTIAL, by_id(&ids[0]), StatusCode::OK),
    ] {
        let request = bound.credential_management(sub_command, params);
        assert_eq!(bench.manage(&request).status(), expected, "{sub_command} bound to a.example");
    }
}

#[test]
fn the_persistent_token_reads_and_survives_the_loss_of_power_but_does_not_write() {
    let mut bench = Bench::of("lab-every-option");
    let id = bench.register(&create()).id();
    let token = bench.authorized(Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY);
    bench.engine.event(lab_protocol::Event::PowerCycle, now());
    let metadata = token.credential_management(SubCommand::GET_CREDS_METADATA, None);
    assert_eq!(bench.managed(&metadata).existing_resident_credentials_count, Some(1));
    let delete = token.credential_management(SubCommand::DELETE_CREDENTIAL, by_id(&id));
    assert_eq!(bench.manage(&delete).status(), StatusCode::PIN_AUTH_INVALID);
}

#[test]
fn the_preview_knows_less() {
    let (mut bench, ids) = three();
    let token = bench.authorized(CM);
    let request = token.credential_management(SubCommand::GET_CREDS_METADATA, None);
    assert_eq!(bench.call(Command::CREDENTIAL_MANAGEMENT_PREVIEW, &request.encode()).status(), StatusCode::OK);
    let params = Params { user: Some(create_for(1).user), ..by_id(&ids[0]).unwrap() };
    let update = token.credential_management(SubCommand::UPDATE_USER_INFORMATION, Some(params));
    let reply = bench.call(Command::CREDENTIAL_MANAGEMENT_PREVIEW, &update.encode());
    assert_eq!(reply.status(), StatusCode::INVALID_SUBCOMMAND);
    let mut older = Bench::of("yubikey-5-nfc-5.4");
    assert_eq!(older.manage(&request).status(), StatusCode::INVALID_COMMAND, "only the preview");
}
