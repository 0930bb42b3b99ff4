//! The command line, as data.

mod authenticator;
mod conformance;
mod grid;
mod key;
mod metadata;
mod models;
mod replay;
mod serve;
mod tenant;
mod values;

use std::path::PathBuf;

use crate::playing::Playing;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use lab_jobs::ceremony::{Expectation, Flow, InApp, Over};

pub use authenticator::{AuthenticatorCommand, Run, TouchName};
pub use conformance::{Conformance, ConformanceCommand, TargetName};
pub use grid::{Diff, FlowNames, Matrix};
pub use key::{
    ClientName, CredentialsCommand, KeyCeremony, KeyCommand, KeyCredentials, KeyPin, NewPin, OneKey, PinCommand,
};
pub use metadata::{Blob, MetadataCommand};
pub use models::ModelsCommand;
pub use replay::{Replay, Serving};
pub use serve::{Serve, TLS_PORT};
pub use tenant::TenantCommand;
pub use values::{Color, FormatName};

/// Rehearses Microsoft Entra passkey policies: who gets in, who does not, and exactly why.
#[derive(Debug, Parser)]
#[command(
    name = "passkey-lab",
    bin_name = "passkey-lab",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Examples:
  passkey-lab matrix --tenant example:admins-attested
  passkey-lab ceremony --tenant example:admins-attested --model yubikey-5-nfc
  passkey-lab tenant check ./contoso
  passkey-lab verify response.json --anchors roots/
  passkey-lab explain entra/key-restrictions

Exit status:
  0  done and good
  1  a bad verdict: not as --expect says, not valid, not as the case expects, a difference
  2  bad usage or input
  3  something needed is missing
  4  could not be decided: unsupported or unknown
  5  internal failure"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The form of the result
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "table",
        hide_possible_values = true,
        value_name = "table|json|jsonl|csv|markdown|html|junit",
        display_order = 100
    )]
    pub format: FormatName,
    /// Write the result to this file instead of standard output; a tenant goes to this folder
    #[arg(long, global = true, value_name = "FILE", display_order = 101)]
    pub output: Option<PathBuf>,
    /// Make keys and randomness from this number, so that anybody can make them; with --at the run is
    /// byte-identical
    #[arg(long, global = true, value_name = "N", value_parser = values::seed, allow_negative_numbers = true, display_order = 102)]
    pub seed: Option<u64>,
    /// The time of the run, such as 2026-11-20T12:00:00Z; else the clock of lab.json, else now
    #[arg(long, global = true, value_name = "RFC3339", value_parser = values::time, display_order = 103)]
    pub at: Option<Timestamp>,
    /// Show every check, passed ones too
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 104)]
    pub verbose: u8,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 105)]
    pub quiet: bool,
    /// When to use colours; auto heeds NO_COLOR
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        value_name = "auto|always|never",
        display_order = 106
    )]
    pub color: Color,
    /// A folder with models of your own (*.toml, and lists as *.csv)
    #[arg(long, global = true, value_name = "DIR", display_order = 107)]
    pub models_dir: Option<PathBuf>,
    /// What plays the key, where a transcript does.
    #[arg(skip)]
    pub playing: Option<Playing>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run one registration and one sign-in through emulator, client, relying party and policy
    #[command(after_help = "Examples:
  passkey-lab ceremony --tenant example:admins-attested --model yubikey-5-nfc
  passkey-lab ceremony --tenant ./contoso --user ada@contoso.example --model icloud-keychain
  passkey-lab ceremony --tenant ./contoso --model yubikey-5-nfc --lie foreign-root \\
      --expect refused:entra/attestation
  passkey-lab ceremony --tenant ./contoso --model icloud-keychain \\
      --tenant-at-sign-in ./contoso-tomorrow --format markdown
  passkey-lab ceremony --tenant ./contoso --model yubikey-5-nfc --metadata lab:revoked")]
    Ceremony(Box<Ceremony>),
    /// Hold every model against every scope: who registers what, who signs in, and why not
    #[command(after_help = "Examples:
  passkey-lab matrix --tenant example:admins-attested
  passkey-lab matrix --tenant ./contoso --format html --output matrix.html
  passkey-lab matrix --tenant ./contoso --models yubikey-5-nfc,icloud-keychain --users ada@contoso.example
  passkey-lab matrix --tenant ./contoso --expect expected.json --format junit --output matrix.xml")]
    Matrix(Box<Matrix>),
    /// Compare two tenants: whose access changes, and by which rule; exit status 1 where anything does
    #[command(after_help = "Examples:
  passkey-lab diff --before ./contoso --after ./contoso-tomorrow
  passkey-lab diff --before ./contoso --after fido2.json
  passkey-lab diff --before ./contoso --after ./contoso-tomorrow --format html --output diff.html")]
    Diff(Box<Diff>),
    /// Judge recorded responses
    #[command(after_help = "Examples:
  passkey-lab verify response.json
  passkey-lab verify captured/*.json --anchors roots/ --format json
  passkey-lab verify response.json --metadata blob.jwt
  passkey-lab verify response.json --second-opinion webauthn-rs
  passkey-lab verify registration.har --at 2026-11-20T12:00:00Z
  pbpaste | passkey-lab verify - --anatomy")]
    Verify(Verify),
    /// Read a tenant and say what is wrong in it; start, import and pseudonymise one
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab tenant check ./contoso
  passkey-lab tenant show example:fresh-default
  passkey-lab tenant init ./contoso
  passkey-lab tenant import export --output contoso"
    )]
    Tenant(TenantCommand),
    /// Show, find and check the emulated models, and read lists of AAGUIDs
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab models list
  passkey-lab models show yubikey-5-nfc
  passkey-lab models find \"yubikey 5 fips\""
    )]
    Models(ModelsCommand),
    /// Run an emulated key for any CTAPHID client
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab authenticator run --model yubikey-5-nfc --listen unix:key.sock
  fido2-token -I /dev/pts/5"
    )]
    Authenticator(AuthenticatorCommand),
    /// Rehearse with a real security key: register, sign in, look after it
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab key list
  passkey-lab key register --tenant ./contoso --user ada@contoso.example
  passkey-lab key credentials clean"
    )]
    Key(KeyCommand),
    /// Play a transcript back: the recorded command without its key, or a key behind a door
    #[command(after_help = "Examples:
  passkey-lab ceremony --tenant example:admins-attested --model yubikey-5-nfc --record key.jsonl
  passkey-lab replay key.jsonl
  passkey-lab replay key.jsonl --listen pty

Alone it prints what the recorded command printed, and has its exit status. A transcript holds no PIN; a client that
asks for one may be given any.")]
    Replay(Box<Replay>),
    /// Read FIDO metadata: show, check and compare BLOBs, and find models in them
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab metadata check blob.jwt
  passkey-lab metadata find blob.jwt yubikey 5 nfc
  passkey-lab metadata diff last-month.jwt blob.jwt --tenant ./contoso"
    )]
    Metadata(MetadataCommand),
    /// Hold an authenticator to the specifications, case by case
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab conformance authenticator --target model:yubikey-5-nfc
  passkey-lab conformance authenticator --target unix:key.sock --case 'au.pin.*' --destructive"
    )]
    Conformance(ConformanceCommand),
    /// Run the lab server: Entra's ceremonies in a browser, until Ctrl-C
    #[command(after_help = "Examples:
  passkey-lab serve
  passkey-lab serve --tenant ./contoso --listen localhost:9000
  passkey-lab serve --tenant ./contoso --entra-host
  passkey-lab serve --tenant ./contoso --listen 0.0.0.0:443 --origin https://lab.corp.example \\
      --cert chain.pem --key key.pem --token-file token

One JSON line says where it is found, with the token of its management port and the nonce of this run. Open
the pages at the origin that it prints: browsers take passkeys at localhost, not at 127.0.0.1. --entra-host
prints the command of a browser that takes this lab for login.microsoft.com, and reaches nothing else.

Exit status: 0 ended by SIGTERM or its management port, 2 bad usage, 3 a port is not to be had,
130 ended by Ctrl-C.")]
    Serve(Box<Serve>),
    /// Explain a check, rule, finding, switch, lie, platform or model; without an id, list them
    #[command(after_help = "Examples:
  passkey-lab explain entra/key-restrictions
  passkey-lab explain registration/rp-id-hash
  passkey-lab explain switch/emptyAllowList
  passkey-lab explain")]
    Explain(Explain),
    /// Print completions for a shell
    #[command(after_help = "Examples:
  passkey-lab completions bash > ~/.local/share/bash-completion/completions/passkey-lab
  passkey-lab completions zsh > ~/.zfunc/_passkey-lab")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page
    #[command(after_help = "Examples:
  passkey-lab man | man -l -
  passkey-lab man tenant check | man -l -")]
    Man {
        /// The command whose page it is; else the page of the program
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

/// `ceremony`.
#[derive(Debug, Args)]
pub struct Ceremony {
    /// The tenant: a folder, a file, - or example:NAME
    #[arg(long, value_name = "T")]
    pub tenant: String,
    /// The emulated model: an id of `models list`, or peer/passkey-rs
    #[arg(long, value_name = "M")]
    pub model: String,
    /// The user: object id or user principal name
    #[arg(long, value_name = "U", conflicts_with = "groups")]
    pub user: Option<String>,
    /// Instead of a user: somebody in exactly these groups
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub groups: Option<Vec<String>>,
    /// Where the passkey is made
    #[arg(long, value_name = "in-app|same-device|cross-device", default_value = "same-device")]
    pub flow: Flow,
    /// The browser or system between page and authenticator; else the model's own
    #[arg(long, value_name = "chromium|windows|safari|firefox|l3")]
    pub platform: Option<String>,
    /// How the client reaches the authenticator: messages as they are, or in packets of CTAPHID
    #[arg(long, value_name = "direct|hid", default_value = "direct", value_parser = values::over)]
    pub over: Over,
    /// Something the authenticator or client lies about; repeatable
    #[arg(long = "lie", value_name = "NAME")]
    pub lies: Vec<String>,
    /// The outcome that is good: exit status 0
    #[arg(long, value_name = "allowed|refused|refused:ID", default_value = "allowed")]
    pub expect: Expectation,
    /// When the passkey is registered; else --at
    #[arg(long, value_name = "RFC3339", value_parser = values::time)]
    pub register_at: Option<Timestamp>,
    /// When it signs in; else a minute after the registration
    #[arg(long, value_name = "RFC3339", value_parser = values::time)]
    pub sign_in_at: Option<Timestamp>,
    /// The tenant as it is when the passkey signs in
    #[arg(long, value_name = "T")]
    pub tenant_at_sign_in: Option<String>,
    /// FIDO metadata to ask: a BLOB, or lab[:SCENARIO[=MODEL,MODEL]] for the lab's own; else the models' own files
    #[arg(long, value_name = "BLOB|lab[:SCENARIO]")]
    pub metadata: Option<String>,
    /// What Microsoft's service says about an in-app registration; else as lab.json says
    #[arg(long, value_name = "passed|failed|unavailable")]
    pub in_app_attestation: Option<InApp>,
    /// Write a transcript of every exchange with the authenticator, for `replay` and `models compare`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Files with recorded cases, HAR files, or a pasted toJSON(); - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A folder of trust anchors, with or without index.json
    #[arg(long, value_name = "DIR")]
    pub anchors: Option<PathBuf>,
    /// FIDO metadata to ask: a BLOB, lab or lab:SCENARIO; what it says stands beside the outcome
    #[arg(long, value_name = "BLOB")]
    pub metadata: Option<String>,
    /// Ask another library too
    #[arg(long, value_name = "webauthn-rs", value_parser = ["webauthn-rs"])]
    pub second_opinion: Option<String>,
    /// Name every byte of the responses, nested, with offset and length
    #[arg(long)]
    pub anatomy: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Such as entra/key-restrictions
    pub id: Option<String>,
}
