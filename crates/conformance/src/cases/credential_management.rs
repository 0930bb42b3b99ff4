//! authenticatorCredentialManagement (`ctap-2.2 §6.8`).

use lab_attestation::sha256;
use lab_client::manage::credentials::{self, authenticated};
use lab_client::pin_uv::Token;
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::ctap2::credential_management::{Params, Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, Descriptor, Encoded, Permissions, UserEntity, make_credential};

use crate::bench::{Bench, Credential, RP, Reply, user};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const CM: Command = Command::CREDENTIAL_MANAGEMENT;
const MANAGED: &[Need] = &[Need::Fresh, Need::Is("credMgmt"), Need::Pin];
const READ_ONLY: &[Need] = &[Need::Fresh, Need::Is("perCredMgmtRO"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.cm.no-param",
        needs: MANAGED,
        sends: "getCredsMetadata without pinUvAuthParam",
        must: "0x36",
        run: |b| {
            let request = Request { sub_command: SubCommand::GET_CREDS_METADATA, ..Default::default() };
            b.send(CM, &request.encode())?.is(0x36)
        },
    },
    Case { id: "au.cm.bad-mac", needs: MANAGED, sends: "a wrong pinUvAuthParam", must: "0x33", run: bad_mac },
    Case {
        id: "au.cm.no-perm",
        needs: &[Need::Fresh, Need::Is("credMgmt"), Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token without cm",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(RP))?;
            ask(b, &token, SubCommand::GET_CREDS_METADATA, None)?.is(0x33)
        },
    },
    Case {
        id: "au.cm.rp-bound",
        needs: &[Need::Fresh, Need::Is("credMgmt"), Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "enumerateRPsBegin with a token for one RP",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::CREDENTIAL_MANAGEMENT, Some(RP))?;
            ask(b, &token, SubCommand::ENUMERATE_RPS_BEGIN, None)?.is(0x33)
        },
    },
    Case {
        id: "au.cm.metadata",
        needs: MANAGED,
        sends: "getCredsMetadata before and after a credential",
        must: "one more, one less",
        run: metadata,
    },
    Case {
        id: "au.cm.rps-empty",
        needs: MANAGED,
        sends: "enumerateRPsBegin on an empty key",
        must: "0x2e",
        run: |b| {
            let token = manager(b)?;
            ask(b, &token, SubCommand::ENUMERATE_RPS_BEGIN, None)?.is_of(&[0x2e], &[0x00])
        },
    },
    Case {
        id: "au.cm.rps-next-first",
        needs: MANAGED,
        sends: "enumerateRPsGetNextRP first",
        must: "0x30",
        run: |b| next(b, SubCommand::ENUMERATE_RPS_GET_NEXT_RP)?.is(0x30),
    },
    Case {
        id: "au.cm.creds-next-first",
        needs: MANAGED,
        sends: "enumerateCredentialsGetNextCredential first",
        must: "0x30",
        run: |b| next(b, SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL)?.is(0x30),
    },
    Case {
        id: "au.cm.rps-hash",
        needs: MANAGED,
        sends: "two RPs, one with a long id",
        must: "rpIDHash is SHA-256 of the whole id",
        run: hashes,
    },
    Case {
        id: "au.cm.creds",
        needs: MANAGED,
        sends: "two credentials of one RP",
        must: "total, users, public keys",
        run: listed,
    },
    Case {
        id: "au.cm.creds-protect",
        needs: &[Need::Fresh, Need::Is("credMgmt"), Need::Extension("credProtect"), Need::Pin],
        sends: "a credential of level 2",
        must: "credProtect 2 or more",
        run: protect,
    },
    Case {
        id: "au.cm.creds-interleave",
        needs: MANAGED,
        sends: "getInfo between the first and the second credential",
        must: "0x30",
        run: interleaved,
    },
    Case { id: "au.cm.delete", needs: MANAGED, sends: "deleteCredential", must: "0x00, and it is gone", run: delete },
    Case {
        id: "au.cm.delete-unknown",
        needs: MANAGED,
        sends: "deleteCredential of an id of nobody",
        must: "0x2e",
        run: |b| {
            let token = manager(b)?;
            let params = Params { credential_id: Some(Descriptor::new([9; 32])), ..Default::default() };
            ask(b, &token, SubCommand::DELETE_CREDENTIAL, Some(params))?.is(0x2e)
        },
    },
    Case {
        id: "au.cm.delete-during-enum",
        needs: MANAGED,
        sends: "deleteCredential within an enumeration",
        must: "it goes on",
        run: delete_within,
    },
    Case {
        id: "au.cm.update",
        needs: MANAGED,
        sends: "updateUserInformation",
        must: "0x00, and the new name is told",
        run: |b| update(b, UserEntity { name: Some("new".into()), ..user(1) }, &[0x00], Some("new")),
    },
    Case {
        id: "au.cm.update-other-id",
        needs: MANAGED,
        sends: "updateUserInformation with another user id",
        must: "0x02",
        run: |b| update(b, UserEntity { id: vec![9; 16], ..user(1) }, &[0x02], Some("user1@conformance.test")),
    },
    Case {
        id: "au.cm.update-remove-name",
        needs: MANAGED,
        sends: "updateUserInformation without names",
        must: "0x00, and the name is gone",
        run: |b| update(b, UserEntity { name: None, display_name: None, ..user(1) }, &[0x00], None),
    },
    Case {
        id: "au.cm.pcmr-readonly",
        needs: READ_ONLY,
        sends: "deleteCredential with the persistent token",
        must: "0x33",
        run: read_only,
    },
    Case {
        id: "au.cm.pcmr-survives",
        needs: &[Need::Fresh, Need::Is("perCredMgmtRO"), Need::Replug, Need::Pin],
        sends: "the persistent token after a replug, and after a change of the PIN",
        must: "0x00, then 0x33",
        run: persistent,
    },
];

fn manager(b: &mut Bench<'_>) -> Result<Token, Stop> {
    b.token(Permissions::CREDENTIAL_MANAGEMENT, None)
}

/// A subcommand under a token.
fn ask(b: &mut Bench<'_>, token: &Token, sub_command: SubCommand, params: Option<Params>) -> Result<Reply, Stop> {
    let params = params.map(Encoded::from);
    let request = Request {
        sub_command,
        pin_uv_auth_param: Some(token.authenticate(&authenticated(sub_command, params.as_ref()))),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        sub_command_params: params,
        unknown: vec![],
    };
    b.send(CM, &request.encode())
}

fn next(b: &mut Bench<'_>, sub_command: SubCommand) -> Result<Reply, Stop> {
    b.send(CM, &Request { sub_command, ..Default::default() }.encode())
}

fn resident(b: &mut Bench<'_>, number: u8) -> Result<Credential, Stop> {
    let request = b.resident(number);
    b.made(request)
}

fn bad_mac(b: &mut Bench<'_>) -> Done {
    let token = manager(b)?;
    let request = Request {
        sub_command: SubCommand::GET_CREDS_METADATA,
        pin_uv_auth_param: Some(token.authenticate(&[0x02])),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        ..Default::default()
    };
    b.send(CM, &request.encode())?.is(0x33)
}

fn metadata(b: &mut Bench<'_>) -> Done {
    let before = b.drive(credentials::metadata())?;
    resident(b, 1)?;
    let after = b.drive(credentials::metadata())?;
    let counts = after.existing == before.existing + 1 && after.remaining < before.remaining;
    Ok(Outcome::check(counts, format!("one more than {before:?}"), format!("{after:?}")))
}

fn hashes(b: &mut Bench<'_>) -> Done {
    let long = format!("{}.test", "long-".repeat(12));
    for rp in [RP, &long[..]] {
        let mut request = b.resident(1);
        request.rp.id = rp.to_owned();
        b.made(request)?;
    }
    let parties = b.drive(credentials::list())?;
    let mut found: Vec<_> = parties.iter().map(|party| party.rp_id_hash.clone()).collect();
    let mut expected: Vec<_> = [RP, &long[..]].iter().map(|rp| sha256(rp.as_bytes()).to_vec()).collect();
    found.sort();
    expected.sort();
    Ok(Outcome::check(found == expected, "the hashes of both ids", format!("{} others", found.len())))
}

fn listed(b: &mut Bench<'_>) -> Done {
    let made = [resident(b, 1)?, resident(b, 2)?];
    let parties = b.drive(credentials::list())?;
    let [party] = &parties[..] else { return Err(Stop::fail("1 RP", parties.len())) };
    if party.credentials.len() != 2 {
        return Err(Stop::fail("2 credentials", party.credentials.len()));
    }
    for credential in &made {
        let found = party.credentials.iter().find(|found| found.id.id == credential.id);
        let found = found.ok_or_else(|| Stop::fail("the credential", "none with its id"))?;
        let key = CredentialPublicKey::parse(&found.public_key).map_err(|error| Stop::fail("a COSE_Key", error))?;
        if key != credential.public_key {
            return Err(Stop::fail("the public key of the registration", "another one"));
        }
    }
    Ok(Outcome::Pass)
}

fn protect(b: &mut Bench<'_>) -> Done {
    let extensions = vec![("credProtect".into(), 2.into())];
    let request = make_credential::Request { extensions, ..b.resident(1) };
    b.made(request)?;
    let parties = b.drive(credentials::list())?;
    let level = parties.first().and_then(|party| party.credentials.first()).and_then(|found| found.cred_protect);
    Ok(Outcome::check(level.is_some_and(|level| level >= 2), "2 or 3", format!("{level:?}")))
}

/// Begins to enumerate the credentials of the runner's RP.
fn begin(b: &mut Bench<'_>) -> Result<Token, Stop> {
    resident(b, 1)?;
    resident(b, 2)?;
    let token = manager(b)?;
    let params = Params { rp_id_hash: Some(sha256(RP.as_bytes()).to_vec()), ..Default::default() };
    let body = ask(b, &token, SubCommand::ENUMERATE_CREDENTIALS_BEGIN, Some(params))?.ok()?;
    let total = Response::parse(&body)?.total_credentials;
    if total == Some(2) { Ok(token) } else { Err(Stop::fail("totalCredentials 2", format!("{total:?}"))) }
}

fn interleaved(b: &mut Bench<'_>) -> Done {
    begin(b)?;
    b.get_info()?;
    next(b, SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL)?.is(0x30)
}

fn delete(b: &mut Bench<'_>) -> Done {
    let credential = resident(b, 1)?;
    b.drive(credentials::delete(Descriptor::new(credential.id.clone())))?;
    let request = b.request(&[&credential.id]);
    b.get(&request)?.is(0x2e)
}

fn delete_within(b: &mut Bench<'_>) -> Done {
    let token = begin(b)?;
    let gone = resident(b, 3)?;
    let params = Params { credential_id: Some(Descriptor::new(gone.id)), ..Default::default() };
    ask(b, &token, SubCommand::DELETE_CREDENTIAL, Some(params))?;
    next(b, SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL)?;
    let left: usize = b.drive(credentials::list())?.iter().map(|party| party.credentials.len()).sum();
    Ok(Outcome::check((2..=3).contains(&left), "2 or 3 credentials", left))
}

fn update(b: &mut Bench<'_>, new: UserEntity, expected: &[u8], name: Option<&str>) -> Done {
    let credential = resident(b, 1)?;
    let token = manager(b)?;
    let params = Params { credential_id: Some(Descriptor::new(credential.id)), user: Some(new), ..Default::default() };
    ask(b, &token, SubCommand::UPDATE_USER_INFORMATION, Some(params))?.is_of(expected, &[])?;
    let parties = b.drive(credentials::list())?;
    let found = parties.first().and_then(|party| party.credentials.first());
    let found = found.and_then(|credential| credential.user.name.as_deref());
    Ok(Outcome::check(found == name, format!("{name:?}"), format!("{found:?}")))
}

fn persistent_token(b: &mut Bench<'_>) -> Result<Token, Stop> {
    b.token(Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY, None)
}

fn read_only(b: &mut Bench<'_>) -> Done {
    let credential = resident(b, 1)?;
    let token = persistent_token(b)?;
    ask(b, &token, SubCommand::GET_CREDS_METADATA, None)?.must(0x00)?;
    let params = Params { credential_id: Some(Descriptor::new(credential.id)), ..Default::default() };
    ask(b, &token, SubCommand::DELETE_CREDENTIAL, Some(params))?.is(0x33)
}

fn persistent(b: &mut Bench<'_>) -> Done {
    let token = persistent_token(b)?;
    b.replug()?;
    ask(b, &token, SubCommand::GET_CREDS_METADATA, None)?.must(0x00)?;
    let agreement = b.agree()?;
    let request = b.change_request(&agreement, crate::bench::PIN, crate::bench::OTHER_PIN)?;
    b.client_pin(&request)?.must(0x00)?;
    ask(b, &token, SubCommand::GET_CREDS_METADATA, None)?.is(0x33)
}
