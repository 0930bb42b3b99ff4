//! `replay`.

use std::path::PathBuf;

use clap::Args;
use lab_links::Address;

use super::authenticator::{Run, TouchName, door};
use crate::failure::Failure;

/// `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The transcript that --record wrote; - is standard input
    #[arg(value_name = "TRANSCRIPT")]
    pub transcript: PathBuf,
    /// The tenant, where it is not any more where it was
    #[arg(long, value_name = "T", conflicts_with = "listen")]
    pub tenant: Option<String>,
    /// How it is served as a key.
    #[command(flatten)]
    pub serving: Serving,
}

/// A transcript behind a door.
#[derive(Debug, Args)]
pub struct Serving {
    /// Serve it as a key, as `authenticator run` does, until Ctrl-C
    #[arg(long, value_name = "pty|unix:PATH|tcp:ADDR|uhid", value_parser = door)]
    pub listen: Option<Address>,
    /// Who touches it: somebody always does, you are asked here, somebody always declines
    #[arg(
        long,
        value_name = "auto|ask|deny",
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        requires = "listen"
    )]
    pub touch: TouchName,
    /// Also answer this RP ID, compared exactly; repeatable
    #[arg(long = "allow-rp-id", value_name = "ID", requires = "listen")]
    pub allow_rp_ids: Vec<String>,
}

impl Serving {
    /// The same as `authenticator run` has it.
    ///
    /// # Errors
    /// There is no door.
    pub fn as_a_key(&self) -> Result<Run, Failure> {
        let listen = self.listen.clone().ok_or_else(|| "there is no --listen".to_owned())?;
        Ok(Run {
            model: String::new(),
            listen,
            touch: self.touch,
            state: None,
            root: None,
            allow_rp_ids: self.allow_rp_ids.clone(),
            control: None,
            control_token_file: None,
        })
    }
}
