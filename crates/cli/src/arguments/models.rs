//! `models ...`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `models ...`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models, and how many AAGUIDs that is
    #[command(after_help = "Examples:
  passkey-lab models list
  passkey-lab models list --kind provider
  passkey-lab models list --models-dir ./our-models --format json")]
    List(ModelsList),
    /// Show all that is known of one model, and how sure that is
    #[command(after_help = "Examples:
  passkey-lab models show yubikey-5-nfc
  passkey-lab models show peer/passkey-rs")]
    Show {
        /// The model's id
        id: String,
    },
    /// Find models by words of name, vendor, id or AAGUID
    #[command(after_help = "Examples:
  passkey-lab models find \"yubikey 5 fips\"
  passkey-lab models find a25342c0
  passkey-lab models find feitian bio --format json")]
    Find {
        /// The words; a model has to have all of them
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
    },
    /// Check model files and lists of AAGUIDs; without files, what is built in
    #[command(after_help = "Examples:
  passkey-lab models check
  passkey-lab models check our-models/*.toml our-models/*.csv

Exit status 1 where anything is wrong.")]
    Check {
        /// Model files (*.toml) and lists (*.csv); - is a model on standard input
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Read a list of AAGUIDs (CSV): what is new in it, and what is broken
    #[command(after_help = "Examples:
  passkey-lab models import vendors.csv
  passkey-lab models import vendors.csv --format csv --output our-models/vendors.csv
  passkey-lab models list --models-dir our-models --generic

The header names the columns: aaguid and name (or description), and any of type, bio, usb, nfc, ble.
With --format csv the result is the list in one form, which --models-dir takes.")]
    Import {
        /// The list; - is standard input
        file: PathBuf,
        /// Use nothing of a list with broken rows, instead of the others
        #[arg(long)]
        strict: bool,
    },
    /// Show where a recorded key differs from its model: getInfo, attestation, flags, counters
    #[command(after_help = "Examples:
  passkey-lab key register --record key.jsonl
  passkey-lab models compare yubikey-5-nfc --with key.jsonl
  passkey-lab models compare yubikey-5-nfc --with key.jsonl --format markdown

Exit status 0 whether it differs or not: the table is the answer.")]
    Compare {
        /// The model's id
        id: String,
        /// The transcript that --record wrote; - is standard input
        #[arg(long = "with", value_name = "TRANSCRIPT")]
        transcript: PathBuf,
    },
    /// Write a model file from a transcript
    #[command(after_help = "Examples:
  passkey-lab models draft key.jsonl --output our-models/key.toml
  passkey-lab models check our-models/key.toml
  passkey-lab ceremony --models-dir our-models --model yubikey-5-nfc --tenant ./contoso

What the transcript does not show is taken from the built-in model of the same AAGUID or assumed, and says so.")]
    Draft {
        /// The transcript that --record wrote; - is standard input
        #[arg(value_name = "TRANSCRIPT")]
        transcript: PathBuf,
    },
}

/// `models list`.
#[derive(Debug, Args)]
pub struct ModelsList {
    /// Only models of this kind
    #[arg(long, value_name = "platform|roaming|provider|peer", hide_possible_values = true,
        value_parser = ["platform", "roaming", "provider", "peer"])]
    pub kind: Option<String>,
    /// Only the generic ones, which are made from rows of lists
    #[arg(long)]
    pub generic: bool,
}
