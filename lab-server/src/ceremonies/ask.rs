//! Options for clients outside the process.

use jiff::{SignedDuration, Timestamp};
use lab_directory::{Directory, Door, handle};
use lab_entra::graph::User;
use lab_entra::{Circumstances, InAppAttestation, Mfa};
use lab_protocol::webauthn::options::{CredentialDescriptor, UserEntity};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_relying_party::challenge::{self, Kind};
use lab_relying_party::options::{Creation, Request, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::{Challenge, CredentialRecord, Pending};
use serde::{Deserialize, Serialize};

use super::{Context, Rules};
use crate::lab::Lab;
use crate::problem::Problem;

/// The name that authenticators show for the lab.
pub const RP_NAME: &str = "Passkey Lab (rehearsal)";

/// The extension input that browsers refuse beside `userVerificationOptional`.
const ENFORCE: &str = "enforceCredentialProtectionPolicy";

/// A registration as a page of Entra's would begin it.
#[derive(Debug, Clone)]
pub struct Register<'r> {
    /// The user: object id or user principal name.
    pub user: &'r str,
    /// Where it begins.
    pub door: Door,
    /// What came before it.
    pub circumstances: Circumstances,
    /// What Microsoft's service is to say.
    pub in_app: Option<InAppAttestation>,
}

/// How the user authenticated before: the lab has no other factors, so whoever rehearses says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MfaStandIn {
    /// A moment ago.
    #[default]
    Now,
    /// Longer ago than Entra takes.
    TenMinutesAgo,
    /// With one factor only.
    Missing,
    /// With a pass that is used once, two minutes ago.
    OneTimePass,
    /// With one that was used a quarter of an hour ago.
    LateOneTimePass,
}

impl From<MfaStandIn> for Mfa {
    fn from(stand_in: MfaStandIn) -> Self {
        match stand_in {
            MfaStandIn::Now => Self::Age(SignedDuration::ZERO),
            MfaStandIn::TenMinutesAgo => Self::Age(SignedDuration::from_mins(10)),
            MfaStandIn::Missing => Self::Missing,
            MfaStandIn::OneTimePass => Self::OneTimePass(SignedDuration::from_mins(2)),
            MfaStandIn::LateOneTimePass => Self::OneTimePass(SignedDuration::from_mins(15)),
        }
    }
}

/// A user as options name one.
#[derive(Debug, Clone)]
pub struct Account {
    /// The object id.
    pub id: String,
    /// Name, display name and the lab's own handle.
    pub entity: UserEntity,
    /// The user's passkeys that were made here.
    pub credentials: Vec<CredentialDescriptor>,
}

impl Lab {
    /// Options for `create`, of Entra's shape but for the RP ID, the names and the user handle.
    ///
    /// # Errors
    /// 404 where the tenant has no such user.
    pub fn ask_registration(
        &self,
        register: &Register<'_>,
        now: Timestamp,
    ) -> Result<PublicKeyCredentialCreationOptions, Problem> {
        let account = self.account(register.user)?;
        let challenge = self.dice.draw(|random| self.challenges.issue(Kind::EntraRegistration, now, random));
        let creation = Creation {
            rp_id: &self.settings.rp_id,
            rp_name: RP_NAME,
            user: account.entity,
            challenge: &challenge,
            exclude_credentials: account.credentials,
        };
        let mut options = entra::creation(creation, entra::Path::Web);
        RP_NAME.clone_into(&mut options.rp.name);
        // Chromium refuses to enforce a policy that demands nothing (`userVerificationOptional`), as Graph's options
        // for scripts have it, so a page of Entra's cannot send this either.
        options.extensions.remove(ENFORCE);
        let context = Context {
            door: register.door,
            user: Some(account.id),
            rules: Rules::Entra,
            circumstances: register.circumstances,
            in_app: register.in_app,
        };
        Ok(self.wait_for_registration(options, &challenge, context, now))
    }

    /// Options for `get`: with the user's passkeys where a user is named, else for any discoverable one.
    ///
    /// # Errors
    /// 404 where the tenant has no such user.
    pub fn ask_sign_in(
        &self,
        user: Option<&str>,
        door: Door,
        now: Timestamp,
    ) -> Result<PublicKeyCredentialRequestOptions, Problem> {
        let account = user.map(|user| self.account(user)).transpose()?;
        let challenge = self.dice.draw(|random| self.challenges.issue(Kind::EntraSignIn, now, random));
        let (id, credentials) = account.map(|account| (account.id, account.credentials)).unzip();
        let request = Request {
            rp_id: &self.settings.rp_id,
            challenge: &challenge,
            allow_credentials: credentials.unwrap_or_default(),
        };
        let options = entra::request(request);
        let context =
            Context { door, user: id, rules: Rules::Entra, circumstances: Circumstances::default(), in_app: None };
        Ok(self.wait_for_sign_in(options, &challenge, context, now))
    }

    /// Lets a registration wait for its answer.
    pub fn wait_for_registration(
        &self,
        options: PublicKeyCredentialCreationOptions,
        challenge: &Challenge,
        context: Context,
        now: Timestamp,
    ) -> PublicKeyCredentialCreationOptions {
        let pending = Pending::registration(options.clone(), self.issue(challenge, now));
        self.waiting().wait(pending, context);
        options
    }

    /// Lets a sign-in wait for its answer. Which user handle is expected is found out when it comes, for a user
    /// can have several.
    pub fn wait_for_sign_in(
        &self,
        options: PublicKeyCredentialRequestOptions,
        challenge: &Challenge,
        context: Context,
        now: Timestamp,
    ) -> PublicKeyCredentialRequestOptions {
        let pending = Pending::authentication(options.clone(), None, self.issue(challenge, now));
        self.waiting().wait(pending, context);
        options
    }

    fn issue<'i>(&'i self, challenge: &'i Challenge, now: Timestamp) -> Issue<'i> {
        Issue { challenge, rp_id: &self.settings.rp_id, now, lifetime: challenge::LIFETIME }
    }

    /// A user of the tenant, as options name one.
    ///
    /// # Errors
    /// 404.
    pub fn account(&self, name: &str) -> Result<Account, Problem> {
        let found = self.store.read(|directory| account(directory, &self.settings.rp_id, name));
        let (account, has_handle) = found.ok_or_else(|| no_user(name))?;
        if has_handle {
            return Ok(account);
        }
        let id = self.dice.draw(|random| handle::random(random).to_vec().into());
        Ok(Account { entity: UserEntity { id, ..account.entity }, ..account })
    }
}

/// What the lab says where a user is missing.
#[must_use]
pub fn no_user(name: &str) -> Problem {
    let name: String = name.chars().take(80).collect();
    Problem::not_found(format!("The tenant has no user “{name}”."))
        .hint("Users are named by object id or user principal name; the console lists them.")
}

fn account(directory: &Directory, rp_id: &str, name: &str) -> Option<(Account, bool)> {
    let tenant = directory.tenant();
    let user: &User = tenant.users().get(tenant.find_user(name)?)?;
    let id = directory.user(name)?.to_owned();
    let handle = directory.handle_of(&id).map(<[u8]>::to_vec);
    let here = directory.passkeys_of(&id).filter_map(|passkey| passkey.record.as_ref());
    let here = here.filter(|record| record.rp_id.as_deref() == Some(rp_id));
    let descriptor = |record: &CredentialRecord| CredentialDescriptor {
        ty: "public-key".to_owned(),
        id: record.id.clone().into(),
        transports: record.transports.clone(),
    };
    let credentials = here.map(descriptor).collect();
    let has_handle = handle.is_some();
    let label = user.label().to_owned();
    let entity = UserEntity {
        id: handle.unwrap_or_default().into(),
        display_name: user.display_name.clone().unwrap_or_else(|| label.clone()),
        name: label,
    };
    Some((Account { id, entity, credentials }, has_handle))
}
