//! `tenant ...`.

use std::path::PathBuf;

use clap::Subcommand;

/// What can be done with a tenant.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Say what is unknown, ignored or wrong
    #[command(after_help = "Examples:
  passkey-lab tenant check ./contoso
  passkey-lab tenant check example:contradictory
  passkey-lab tenant check example:admins-attested --format json
  passkey-lab tenant check - < contoso.json")]
    Check {
        /// The tenant: a folder, a file, - or example:NAME
        tenant: String,
    },
    /// Show the policy as it is evaluated: profiles, targets, scopes
    #[command(after_help = "Examples:
  passkey-lab tenant show ./contoso
  passkey-lab tenant show example:legacy-block-list --format markdown")]
    Show {
        /// The tenant: a folder, a file, - or example:NAME
        tenant: String,
    },
    /// Write a commented example, and the read-only Graph requests that export a tenant
    #[command(after_help = "Examples:
  passkey-lab tenant init ./contoso
  cd contoso && GRAPH_TOKEN=... ./export.sh export

Nothing that exists is overwritten, and the lab contacts nobody.")]
    Init {
        /// The folder; it is made where it is missing
        #[arg(default_value = ".", value_name = "DIR")]
        folder: PathBuf,
    },
    /// Put what Graph returned into one folder (--output DIR)
    #[command(after_help = "Examples:
  passkey-lab tenant import export --output contoso
  passkey-lab tenant import fido2.json users.*.json batch.json --output contoso

Takes pages, {\"value\": [...]}, answers of /$batch, and files by user or group. The folder is written whole
or not at all.")]
    Import {
        /// Files, and folders with *.json; - is standard input
        #[arg(required = true, value_name = "FILE|DIR")]
        answers: Vec<PathBuf>,
    },
    /// Replace names and ids, so that a tenant can be shown to others (--output DIR)
    #[command(after_help = "Examples:
  passkey-lab tenant pseudonymise ./contoso --output shareable
  passkey-lab tenant pseudonymise ./contoso --seed 7 --output shareable

Who may register and sign in with what is unchanged. With --seed the pseudonyms are the same each time.")]
    Pseudonymise {
        /// The tenant: a folder, a file, - or example:NAME
        tenant: String,
    },
}
