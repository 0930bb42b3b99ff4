//! The discoverable credentials on an authenticator (`ctap-2.2 §6.8`).

use lab_protocol::ctap2::credential_management::{Params, Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, Descriptor, Encoded, Permissions, RpEntity, StatusCode, UserEntity};

use super::{authorized, command};
use crate::error::{Cause, ReplyError};
use crate::key::{self, Key};
use crate::pin_uv::Token;
use crate::script::{Io, Script};

/// The most relying parties, and the most credentials of one, that are read.
const MAX: usize = 1024;

/// How many credentials there are, and how many more fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Discoverable credentials.
    pub existing: i64,
    /// At most this many more.
    pub remaining: i64,
}

/// A relying party and what the authenticator keeps for it.
#[derive(Debug, Clone, PartialEq)]
pub struct RelyingParty {
    /// As the authenticator remembers it: long ids and names are cut off by some.
    pub rp: RpEntity,
    /// SHA-256 of the whole RP ID.
    pub rp_id_hash: Vec<u8>,
    /// Its credentials.
    pub credentials: Vec<Credential>,
}

/// A discoverable credential.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// The account.
    pub user: UserEntity,
    /// The credential id.
    pub id: Descriptor,
    /// The COSE_Key as it was sent.
    pub public_key: Vec<u8>,
    /// 1 to 3, where the authenticator tells.
    pub cred_protect: Option<i64>,
    /// The key of its large blob, where it has one.
    pub large_blob_key: Option<Vec<u8>>,
    /// Whether it may be used for payments, where the authenticator tells.
    pub third_party_payment: Option<bool>,
}

/// getCredsMetadata.
#[must_use]
pub fn metadata() -> Script<Metadata> {
    Script::new(|io| async move {
        let manager = Manager::open(&io).await?;
        let response = manager.send(SubCommand::GET_CREDS_METADATA, None).await?;
        let counts =
            (response.existing_resident_credentials_count, response.max_possible_remaining_resident_credentials_count);
        match counts {
            (Some(existing), Some(remaining)) => Ok(Metadata { existing, remaining }),
            (None, _) => Err(manager.missing("existingResidentCredentialsCount")),
            (_, None) => Err(manager.missing("maxPossibleRemainingResidentCredentialsCount")),
        }
    })
}

/// Every relying party with its credentials.
#[must_use]
pub fn list() -> Script<Vec<RelyingParty>> {
    Script::new(|io| async move {
        let manager = Manager::open(&io).await?;
        let mut parties = manager.relying_parties().await?;
        for party in &mut parties {
            party.credentials = manager.credentials(&party.rp_id_hash).await?;
        }
        Ok(parties)
    })
}

/// deleteCredential.
#[must_use]
pub fn delete(id: Descriptor) -> Script<()> {
    Script::new(|io| async move {
        let manager = Manager::open(&io).await?;
        let params = Params { credential_id: Some(id), ..Default::default() };
        manager.send(SubCommand::DELETE_CREDENTIAL, Some(params)).await.map(|_| ())
    })
}

/// updateUserInformation: `user.id` has to be the credential's; a name that is not given is removed.
#[must_use]
pub fn update_user(id: Descriptor, user: UserEntity) -> Script<()> {
    Script::new(|io| async move {
        let manager = Manager::open(&io).await?;
        let params = Params { credential_id: Some(id), user: Some(user), ..Default::default() };
        manager.send(SubCommand::UPDATE_USER_INFORMATION, Some(params)).await.map(|_| ())
    })
}

/// What a pinUvAuthParam of authenticatorCredentialManagement covers.
#[must_use]
pub fn authenticated(sub_command: SubCommand, params: Option<&Encoded<Params>>) -> Vec<u8> {
    let number = u8::try_from(sub_command.0).unwrap_or(u8::MAX);
    [&[number][..], params.map_or(&[], Encoded::as_bytes)].concat()
}

/// A token and the byte of the command.
struct Manager<'a> {
    io: &'a Io,
    command: Command,
    token: Token,
}

impl<'a> Manager<'a> {
    async fn open(io: &'a Io) -> Result<Self, Cause> {
        let key: Key = io.key().await?;
        let preview = (Command::CREDENTIAL_MANAGEMENT_PREVIEW, "credentialMgmtPreview");
        let command = command(&key, (Command::CREDENTIAL_MANAGEMENT, "credMgmt"), preview)?;
        let token = authorized(io, &key, Permissions::CREDENTIAL_MANAGEMENT).await?;
        Ok(Self { io, command, token })
    }

    fn request(&self, sub_command: SubCommand, params: Option<Params>) -> Request {
        let params = params.map(Encoded::from);
        Request {
            sub_command,
            pin_uv_auth_param: Some(self.token.authenticate(&authenticated(sub_command, params.as_ref()))),
            pin_uv_auth_protocol: Some(self.token.protocol().number()),
            sub_command_params: params,
            unknown: Vec::new(),
        }
    }

    async fn send(&self, sub_command: SubCommand, params: Option<Params>) -> Result<Response, Cause> {
        self.parse(&self.io.body(self.command, &self.request(sub_command, params).encode()).await?)
    }

    /// The subcommands that go on with an enumeration carry nothing else.
    async fn next(&self, sub_command: SubCommand) -> Result<Response, Cause> {
        let request = Request { sub_command, ..Default::default() };
        self.parse(&self.io.body(self.command, &request.encode()).await?)
    }

    /// The first of an enumeration; `None` where there is nothing to enumerate.
    async fn first(&self, sub_command: SubCommand, params: Option<Params>) -> Result<Option<Response>, Cause> {
        match self.io.call(self.command, &self.request(sub_command, params).encode()).await? {
            (StatusCode::OK, body) => self.parse(&body).map(Some),
            (StatusCode::NO_CREDENTIALS, _) => Ok(None),
            (status, _) => Err(key::refused(self.command, status)),
        }
    }

    async fn relying_parties(&self) -> Result<Vec<RelyingParty>, Cause> {
        let Some(first) = self.first(SubCommand::ENUMERATE_RPS_BEGIN, None).await? else { return Ok(Vec::new()) };
        let total = self.total("relying parties", first.total_rps)?;
        let mut parties = Vec::new();
        // Some authenticators say that there are none by a total of 0 or by a reply without members.
        if total > 0 {
            parties.push(self.relying_party(first)?);
        }
        while parties.len() < total {
            parties.push(self.relying_party(self.next(SubCommand::ENUMERATE_RPS_GET_NEXT_RP).await?)?);
        }
        Ok(parties)
    }

    async fn credentials(&self, rp_id_hash: &[u8]) -> Result<Vec<Credential>, Cause> {
        let params = Params { rp_id_hash: Some(rp_id_hash.to_vec()), ..Default::default() };
        let first = self.first(SubCommand::ENUMERATE_CREDENTIALS_BEGIN, Some(params)).await?;
        let Some(first) = first else { return Ok(Vec::new()) };
        let total = self.total("credentials", first.total_credentials)?;
        let mut credentials = vec![self.credential(first)?];
        while credentials.len() < total {
            let next = self.next(SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL).await?;
            credentials.push(self.credential(next)?);
        }
        Ok(credentials)
    }

    fn relying_party(&self, response: Response) -> Result<RelyingParty, Cause> {
        Ok(RelyingParty {
            rp: response.rp.ok_or_else(|| self.missing("rp"))?,
            rp_id_hash: response.rp_id_hash.ok_or_else(|| self.missing("rpIDHash"))?,
            credentials: Vec::new(),
        })
    }

    fn credential(&self, response: Response) -> Result<Credential, Cause> {
        Ok(Credential {
            user: response.user.ok_or_else(|| self.missing("user"))?,
            id: response.credential_id.ok_or_else(|| self.missing("credentialID"))?,
            public_key: response.public_key.ok_or_else(|| self.missing("publicKey"))?,
            cred_protect: response.cred_protect,
            large_blob_key: response.large_blob_key,
            third_party_payment: response.third_party_payment,
        })
    }

    fn total(&self, what: &'static str, announced: Option<i64>) -> Result<usize, Cause> {
        let found = announced.unwrap_or(0);
        let total = usize::try_from(found).ok().filter(|total| *total <= MAX);
        total.ok_or_else(|| self.reply(ReplyError::TooMany { what, found, allowed: MAX }))
    }

    fn parse(&self, body: &[u8]) -> Result<Response, Cause> {
        Response::parse(body).map_err(|error| key::unreadable(self.command, error))
    }

    const fn missing(&self, member: &'static str) -> Cause {
        self.reply(ReplyError::Missing(member))
    }

    const fn reply(&self, error: ReplyError) -> Cause {
        Cause::Reply { command: self.command, error }
    }
}
