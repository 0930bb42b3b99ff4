//! A row of a catalogue.

use crate::bench::Bench;
use crate::outcome::{Outcome, Stop};

/// One case.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Such as `au.mc.base`; never changes.
    pub id: &'static str,
    /// What it needs of the authenticator and of the target.
    pub needs: &'static [Need],
    /// What is sent.
    pub sends: &'static str,
    /// What must come of it.
    pub must: &'static str,
    /// How it is run.
    pub run: fn(&mut Bench<'_>) -> Result<Outcome, Stop>,
}

/// What a case needs; where it is missing, the case is not applicable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An option of getInfo that is there, whether true or false.
    Option(&'static str),
    /// An option of getInfo that is true.
    Is(&'static str),
    /// An option of getInfo that is not true.
    IsNot(&'static str),
    /// An extension.
    Extension(&'static str),
    /// An extension that is not there.
    NoExtension(&'static str),
    /// A version, such as `U2F_V2`.
    Version(&'static str),
    /// That it is of CTAP 2.1 or later.
    Ctap21,
    /// A PIN of the runner's: one is set where the target may be written to.
    Pin,
    /// A state as it leaves the factory; the case may leave another behind.
    Fresh,
    /// Packets of one's own.
    Packets,
    /// That it can be unplugged and plugged in again.
    Replug,
    /// That the person can be told what to do: not to touch, to decline.
    Person,
    /// That it takes a reset over this wire, which is USB's.
    Resets,
    /// That so many seconds pass.
    Seconds(i64),
}
