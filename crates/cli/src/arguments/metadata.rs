//! `metadata ...`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `metadata ...`.
#[derive(Debug, Subcommand)]
pub enum MetadataCommand {
    /// Show what a BLOB is: number, next update, who signed it, how many models have which status
    #[command(after_help = "Examples:
  passkey-lab metadata show blob.jwt
  passkey-lab metadata show blob.jwt --at 2024-12-21T00:00:00Z --format json")]
    Show(Blob),
    /// Verify a BLOB step by step and read every entry; exit status 1 for one that does not verify
    #[command(after_help = "Examples:
  passkey-lab metadata check blob.jwt
  passkey-lab metadata check blob.jwt --anchors roots/ -v
  passkey-lab metadata check blob.jwt --vendor-table entra-fido2-hardware-vendor.csv --format json")]
    Check {
        /// The BLOB, and whom it may be signed by
        #[command(flatten)]
        blob: Blob,
        /// Microsoft's table of attestable keys as CSV (aaguid,description,bio,usb,nfc,ble); else the built-in one
        #[arg(long, value_name = "FILE")]
        vendor_table: Option<PathBuf>,
    },
    /// Find models: is this one trusted today?
    #[command(after_help = "Examples:
  passkey-lab metadata find blob.jwt yubikey 5 nfc
  passkey-lab metadata find blob.jwt ba86dc56-635f-4141-aef6-00227b1b9af6
  passkey-lab metadata find blob.jwt REVOKED --format csv")]
    Find {
        /// The BLOB, and whom it may be signed by
        #[command(flatten)]
        blob: Blob,
        /// Words of name, identifier, status or model id; an entry has to have all of them
        #[arg(value_name = "WORD")]
        words: Vec<String>,
    },
    /// Compare two BLOBs; exit status 1 where anything differs
    #[command(after_help = "Examples:
  passkey-lab metadata diff last-month.jwt blob.jwt
  passkey-lab metadata diff last-month.jwt blob.jwt --tenant ./contoso --format markdown")]
    Diff {
        /// The older BLOB
        #[arg(value_name = "BEFORE")]
        before: PathBuf,
        /// The newer BLOB, and whom both may be signed by
        #[command(flatten)]
        after: Blob,
        /// Only what concerns this tenant: the models on its lists, and those of its registered passkeys
        #[arg(long, value_name = "T")]
        tenant: Option<String>,
    },
    /// Write a BLOB of the lab's own, which describes every emulated model
    #[command(after_help = "Examples:
  passkey-lab metadata lab --output lab.jwt --root lab-root.pem
  passkey-lab metadata lab --scenario revoked=yubikey-5-nfc --scenario stale --output lab.jwt
  passkey-lab explain scenario/revoked

Written with --seed and --at, the BLOB verifies in every run with the same two.")]
    Lab {
        /// Something that happens to all models, or to those named; repeatable
        #[arg(long = "scenario", value_name = "NAME[=MODEL,MODEL]")]
        scenarios: Vec<String>,
        /// Write the laboratory's root to this file, as PEM
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
    },
}

/// A BLOB, and whom it may be signed by.
#[derive(Debug, Args)]
pub struct Blob {
    /// The BLOB, a .jwt as FIDO publishes it; - is standard input
    #[arg(value_name = "BLOB")]
    pub blob: PathBuf,
    /// A folder with the roots (.pem, .crt, .cer, .der) and revocation lists (.crl); else FIDO's usual root
    #[arg(long, value_name = "DIR")]
    pub anchors: Option<PathBuf>,
}
