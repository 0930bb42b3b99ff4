//! `key ...`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

/// `key ...`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Show the security keys that are plugged in
    #[command(after_help = "Examples:
  passkey-lab key list")]
    List(ListKeys),
    /// Show what a key says of itself, and what keeps it from holding a passkey of Entra's
    #[command(after_help = "Examples:
  passkey-lab key info
  passkey-lab key info --path /dev/hidraw3")]
    Info(OneKey),
    /// Register a passkey of the lab's on a key, and let the tenant's policy judge it
    #[command(after_help = "Examples:
  passkey-lab key register --tenant ./contoso --user ada@contoso.example
  passkey-lab key register --tenant ./contoso --user ada@contoso.example --metadata blob.jwt

The passkey is one of passkey-lab.test with a random user handle: no passkey on the key is replaced. It is in
the ledger before the key waits for its touch, and stays until `passkey-lab key credentials clean`.

Exit status: 0 allowed, 1 refused, 2 bad usage or a passkey would be at risk, 3 no key, no permission or no
answer, 4 could not be decided.")]
    Register(Box<KeyCeremony>),
    /// Sign in with a passkey that `key register` made
    #[command(after_help = "Examples:
  passkey-lab key sign-in --tenant ./contoso --user ada@contoso.example")]
    SignIn(Box<KeyCeremony>),
    /// Show what a key holds; clean deletes what the lab wrote
    #[command(after_help = "Examples:
  passkey-lab key credentials
  passkey-lab key credentials clean")]
    Credentials(KeyCredentials),
    /// Show the state of a key's PIN; set or change it
    #[command(after_help = "Examples:
  passkey-lab key pin
  passkey-lab key pin set
  passkey-lab key pin change --pin-fd 3 --new-pin-fd 4 3<old.txt 4<new.txt")]
    Pin(KeyPin),
    /// Delete everything on a key: every passkey, the PIN, all settings
    #[command(after_help = "Examples:
  passkey-lab key reset

It is done only after you typed what you want, and most keys take it only in the first seconds after they
were plugged in.")]
    Reset(OneKey),
}

/// `key list`.
#[derive(Debug, Args)]
pub struct ListKeys {
    /// Which client asks
    #[arg(long, value_enum, default_value = "own", hide_possible_values = true, value_name = "own|ctap-hid-fido2")]
    pub client: ClientName,
}

/// Which key, and by which client.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("which").args(["path", "serial"])))]
pub struct OneKey {
    /// The key at this node; unix:PATH, tcp:ADDR and pty:PATH are doors of `authenticator run`
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The key with this serial number
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    /// The client: the lab's own, or the program passkey-lab-ctap-hid-fido2
    #[arg(long, value_enum, default_value = "own", hide_possible_values = true, value_name = "own|ctap-hid-fido2")]
    pub client: ClientName,
    /// Read the PIN from this file descriptor instead of asking for it
    #[arg(long, value_name = "N")]
    pub pin_fd: Option<u32>,
    /// The ledger of what the lab wrote to keys; else one in your data folder
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Write a transcript of every exchange with the key, for `replay` and `models compare`; no PIN is in it
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Do not ask before something is written
    #[arg(long)]
    pub yes: bool,
}

/// `key register` and `key sign-in`.
#[derive(Debug, Args)]
pub struct KeyCeremony {
    /// The tenant whose policy decides: a folder, a file, - or example:NAME; without it, only WebAuthn is judged
    #[arg(long, value_name = "T")]
    pub tenant: Option<String>,
    /// The user: object id or user principal name
    #[arg(long, value_name = "U", requires = "tenant", conflicts_with = "groups")]
    pub user: Option<String>,
    /// Instead of a user: somebody in exactly these groups
    #[arg(long, value_name = "A,B", value_delimiter = ',', requires = "tenant")]
    pub groups: Option<Vec<String>>,
    /// Another RP ID, such as login.microsoft.com: the key first has to show that nothing of this user is there
    #[arg(long, value_name = "ID", default_value = lab_jobs::real_key::RP_ID)]
    pub rp_id: String,
    /// The browser or system between page and key
    #[arg(long, value_name = "chromium|windows|safari|firefox|l3")]
    pub platform: Option<String>,
    /// FIDO metadata that says whom to trust: a BLOB, lab or lab:SCENARIO
    #[arg(long, value_name = "BLOB|lab[:SCENARIO]")]
    pub metadata: Option<String>,
    /// Other roots of that metadata than FIDO's
    #[arg(long, value_name = "DIR", requires = "metadata")]
    pub anchors: Option<PathBuf>,
    /// Which key.
    #[command(flatten)]
    pub key: OneKey,
}

/// `key credentials`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct KeyCredentials {
    /// What to do
    #[command(subcommand)]
    pub command: Option<CredentialsCommand>,
    /// Which key.
    #[command(flatten)]
    pub key: OneKey,
}

/// `key credentials ...`.
#[derive(Debug, Subcommand)]
pub enum CredentialsCommand {
    /// Delete from the key exactly what the ledger has
    #[command(after_help = "Examples:
  passkey-lab key credentials clean
  passkey-lab key credentials clean --forget")]
    Clean {
        /// Also take out of the ledger what is not on this key: it is on no other one
        #[arg(long)]
        forget: bool,
        /// Which key.
        #[command(flatten)]
        key: OneKey,
    },
}

/// `key pin`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct KeyPin {
    /// What to do
    #[command(subcommand)]
    pub command: Option<PinCommand>,
    /// Which key.
    #[command(flatten)]
    pub key: OneKey,
}

/// `key pin ...`.
#[derive(Debug, Subcommand)]
pub enum PinCommand {
    /// Give a key its first PIN
    #[command(after_help = "Examples:
  passkey-lab key pin set")]
    Set(NewPin),
    /// Replace the PIN of a key
    #[command(after_help = "Examples:
  passkey-lab key pin change")]
    Change(NewPin),
}

/// `key pin set` and `key pin change`.
#[derive(Debug, Args)]
pub struct NewPin {
    /// Read the new PIN from this file descriptor instead of asking for it twice
    #[arg(long, value_name = "N")]
    pub new_pin_fd: Option<u32>,
    /// Which key.
    #[command(flatten)]
    pub key: OneKey,
}

/// Whose code speaks to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClientName {
    /// The lab's own.
    Own,
    /// The crate `ctap-hid-fido2`, as a program of its own.
    CtapHidFido2,
}

impl KeyCommand {
    /// Whether a transcript of it can be played back: what asks for secrets or for words typed cannot.
    pub const fn can_be_replayed(&self) -> bool {
        match self {
            Self::Info(_) | Self::Register(_) | Self::SignIn(_) | Self::Credentials(_) => true,
            Self::Pin(pin) => pin.command.is_none(),
            Self::List(_) | Self::Reset(_) => false,
        }
    }

    /// Another tenant, where the recorded one is not any more where it was.
    pub fn tenant(&mut self, tenant: Option<&String>) {
        if let (Self::Register(ceremony) | Self::SignIn(ceremony), Some(tenant)) = (self, tenant) {
            ceremony.tenant = Some(tenant.clone());
        }
    }
}
