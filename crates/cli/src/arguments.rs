//! The command line, as data.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use lab_jobs::ceremony::{Expectation, Flow, InApp};
use lab_jobs::report::Format;

/// Rehearses Microsoft Entra passkey policies: who gets in, who does not, and exactly why.
#[derive(Debug, Parser)]
#[command(
    name = "passkey-lab",
    version,
    propagate_version = true,
    max_term_width = 100,
    disable_help_subcommand = true
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
#[derive(Debug, Args)]
pub struct Global {
    /// The form of the result
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "table",
        hide_possible_values = true,
        value_name = "table|json|jsonl|markdown"
    )]
    pub format: FormatName,
    /// Write the result to this file instead of standard output
    #[arg(long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Make keys and randomness from this number; with --at the run is byte-identical. Such keys are public
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// The time of the run, such as 2026-11-20T12:00:00Z; else now
    #[arg(long, global = true, value_name = "RFC3339")]
    pub at: Option<Timestamp>,
    /// Show every check, passed ones too
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Whether to use colours; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
    /// A folder with models of your own (*.toml)
    #[arg(long, global = true, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The forms of the contract; a command takes those that its result allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// Text for people.
    Table,
    /// One JSON object.
    Json,
    /// One JSON value a line.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Markdown for a ticket.
    Markdown,
    /// A page.
    Html,
    /// JUnit XML.
    Junit,
    /// SARIF.
    Sarif,
}

impl FormatName {
    /// The form, where every result can be written in it.
    pub const fn supported(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Jsonl => Some(Format::JsonLines),
            Self::Markdown => Some(Format::Markdown),
            Self::Csv | Self::Html | Self::Junit | Self::Sarif => None,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run one registration and one sign-in through emulator, client, relying party and policy
    #[command(after_help = "Examples:
  passkey-lab ceremony --tenant example:admins-attested --model yubikey-5-nfc
  passkey-lab ceremony --tenant ./contoso --user ada@contoso.example --model icloud-keychain
  passkey-lab ceremony --tenant ./contoso --model yubikey-5-nfc --lie foreign-root --expect refused:entra/attestation
  passkey-lab ceremony --tenant ./contoso --model icloud-keychain --tenant-at-sign-in ./contoso-tomorrow --format markdown")]
    Ceremony(Box<Ceremony>),
    /// Judge recorded responses
    #[command(after_help = "Examples:
  passkey-lab verify response.json
  passkey-lab verify captured/*.json --anchors roots/ --format json
  passkey-lab verify response.json --second-opinion webauthn-rs")]
    Verify(Verify),
    /// Read a tenant and say what is unknown, ignored or wrong in it
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab tenant check ./contoso
  passkey-lab tenant show example:fresh-default"
    )]
    Tenant(TenantCommand),
    /// Show the emulated models
    #[command(
        subcommand,
        after_help = "Examples:
  passkey-lab models list
  passkey-lab models show yubikey-5-nfc"
    )]
    Models(ModelsCommand),
    /// Explain a check, rule, finding, switch, model or lie; without an id, list them
    #[command(after_help = "Examples:
  passkey-lab explain entra/key-restrictions
  passkey-lab explain registration/rp-id-hash
  passkey-lab explain")]
    Explain(Explain),
    /// Print completions for a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
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
    /// How the client reaches the authenticator
    #[arg(long, value_name = "direct", default_value = "direct", value_parser = ["direct"])]
    pub over: String,
    /// Something the authenticator or client lies about; repeatable
    #[arg(long = "lie", value_name = "NAME")]
    pub lies: Vec<String>,
    /// The outcome that is good: exit status 0
    #[arg(long, value_name = "allowed|refused|refused:ID", default_value = "allowed")]
    pub expect: Expectation,
    /// When the passkey is registered; else --at
    #[arg(long, value_name = "RFC3339")]
    pub register_at: Option<Timestamp>,
    /// When it signs in; else a minute after the registration
    #[arg(long, value_name = "RFC3339")]
    pub sign_in_at: Option<Timestamp>,
    /// The tenant as it is when the passkey signs in
    #[arg(long, value_name = "T")]
    pub tenant_at_sign_in: Option<String>,
    /// What Microsoft's service says about an in-app registration
    #[arg(long, value_name = "passed|failed|unavailable")]
    pub in_app_attestation: Option<InApp>,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Files with recorded cases; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A folder of trust anchors, with or without index.json
    #[arg(long, value_name = "DIR")]
    pub anchors: Option<PathBuf>,
    /// Ask another library too
    #[arg(long, value_name = "webauthn-rs", value_parser = ["webauthn-rs"])]
    pub second_opinion: Option<String>,
}

/// `tenant ...`.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Say what is unknown, ignored or wrong
    Check {
        /// The tenant: a folder, a file, - or example:NAME.
        tenant: String,
    },
    /// Show the policy as it is evaluated: profiles, targets, scopes
    Show {
        /// The tenant: a folder, a file, - or example:NAME.
        tenant: String,
    },
}

/// `models ...`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models
    List,
    /// Show all that is known of one model, and how sure that is
    Show {
        /// The model's id.
        id: String,
    },
}

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Such as entra/key-restrictions
    pub id: Option<String>,
}
