//! What cases are written with: messages, PINs, credentials.

mod credential;
mod packets;
mod pin;

use std::ops::ControlFlow;

use jiff::SignedDuration;
use lab_client::{Client, Machine, Pin};
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::{Command, StatusCode, get_info, split_reply};
use lab_protocol::{Env, Message, Random};

use crate::case::Need;
use crate::outcome::{Outcome, Stop};
use crate::target::{Behaviour, Facts, Target};

pub(crate) use credential::{
    Credential, OTHER_RP, RP, U2F_RP, authorize_creation, authorize_request, list, output, read, user, verify,
};
pub(crate) use packets::Said;
pub(crate) use pin::{Agreement, OTHER_PIN, PIN, pin};

/// An authenticator under test, and what a case does with it.
pub struct Bench<'a> {
    pub(crate) target: &'a mut dyn Target,
    /// getInfo as it was when the case began.
    pub(crate) info: get_info::Response,
    /// Whether the PIN is the runner's: nobody else's is ever guessed at.
    owns_pin: bool,
    env: Env,
}

/// A reply: its status and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

/// Numbers that differ and are the same in every run: nothing here is secret.
#[derive(Debug)]
struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

impl<'a> Bench<'a> {
    /// A bench with this authenticator.
    ///
    /// # Errors
    /// It does not say what it is.
    pub(crate) fn new(target: &'a mut dyn Target) -> Result<Self, Stop> {
        let mut bench =
            Self { target, info: get_info::Response::default(), owns_pin: false, env: Env::honest(Counting(7)) };
        bench.info = bench.get_info()?;
        Ok(bench)
    }

    /// Refuses where something that a case needs is missing; sets the PIN where it needs one.
    pub(crate) fn need(&mut self, need: Need) -> Result<(), Stop> {
        let missing = |text: String| Err(Stop::NotApplicable(text));
        let has_extension = |name: &str| self.info.extensions.iter().any(|found| found == name);
        match need {
            Need::Option(name) if self.info.option(name).is_none() => missing(format!("it has no option {name}")),
            Need::Is(name) if self.info.option(name) != Some(true) => missing(format!("its option {name} is not true")),
            Need::IsNot(name) if self.info.option(name) == Some(true) => missing(format!("its option {name} is true")),
            Need::Extension(name) if !has_extension(name) => missing(format!("it has no extension {name}")),
            Need::NoExtension(name) if has_extension(name) => missing(format!("it has the extension {name}")),
            Need::Version(name) if !self.info.versions.iter().any(|found| found == name) => {
                missing(format!("it is not {name}"))
            }
            Need::Ctap21 if !self.is_ctap21() => missing("it is of CTAP 2.0".to_owned()),
            Need::Pin => self.set_pin(),
            Need::Replug => self.replug(),
            Need::Person => self.person(Behaviour::Obliges).and_then(|()| self.can_direct()),
            Need::Resets if !self.resets() => missing("it takes no reset over USB".to_owned()),
            Need::Seconds(seconds) if !self.target.is_model() => {
                missing(format!("it takes {seconds} s, which only a model's clock can skip"))
            }
            _ => Ok(()),
        }
    }

    fn is_ctap21(&self) -> bool {
        self.info.versions.iter().any(|version| matches!(&version[..], "FIDO_2_1" | "FIDO_2_3"))
    }

    /// What belongs to a device is reset with the device.
    fn resets(&self) -> bool {
        let listed = self.info.transports_for_reset.as_ref();
        let usb = listed.is_none_or(|listed| listed.iter().any(|transport| transport == "usb"));
        usb && self.info.option("plat") != Some(true)
    }

    fn can_direct(&mut self) -> Result<(), Stop> {
        self.person(Behaviour::Absent)?;
        self.person(Behaviour::Obliges)
    }

    /// What is known of the authenticator beforehand.
    pub(crate) fn facts(&self) -> Result<Facts, Stop> {
        self.target.facts().ok_or_else(|| Stop::not_applicable("nothing is known of this target beforehand"))
    }

    /// Sends a whole message.
    pub(crate) fn raw(&mut self, message: &[u8]) -> Result<Reply, Stop> {
        let reply = self.target.device().call(Message::Cbor(message), &mut |_| ControlFlow::Continue(()))?;
        let (status, body) = split_reply(&reply).ok_or_else(|| Stop::fail("a status byte", "an empty reply"))?;
        Ok(Reply { status, body: body.to_vec() })
    }

    /// Sends a command with parameters that are already encoded.
    pub(crate) fn send(&mut self, command: Command, parameters: &[u8]) -> Result<Reply, Stop> {
        self.raw(&[&[command.0], parameters].concat())
    }

    /// Sends a command with parameters of any kind, in canonical form.
    pub(crate) fn send_value(&mut self, command: Command, parameters: &Value) -> Result<Reply, Stop> {
        self.send(command, &lab_protocol::cbor::encode(parameters))
    }

    /// A U2F message.
    pub(crate) fn u2f(&mut self, apdu: &[u8]) -> Result<(Vec<u8>, u16), Stop> {
        let mut reply = self.target.device().call(Message::Msg(apdu), &mut |_| ControlFlow::Continue(()))?;
        let status = reply.split_last_chunk::<2>().map(|(_, status)| u16::from_be_bytes(*status));
        let status = status.ok_or_else(|| Stop::fail("a status word", format!("{} bytes", reply.len())))?;
        reply.truncate(reply.len() - 2);
        Ok((reply, status))
    }

    /// What the authenticator says of itself now.
    pub(crate) fn get_info(&mut self) -> Result<get_info::Response, Stop> {
        let reply = self.send(Command::GET_INFO, &[])?.ok()?;
        Ok(get_info::Response::parse(&reply)?)
    }

    /// A client's machine, whose PIN is the runner's.
    pub(crate) fn drive<M: Machine>(&mut self, machine: M) -> Result<M::Output, Stop> {
        let owns_pin = self.owns_pin;
        let mut client = Client {
            device: self.target.device(),
            env: &mut self.env,
            on_wait: &mut |_| ControlFlow::Continue(()),
            on_pin: &mut |_| Pin::new(PIN).ok().filter(|_| owns_pin),
        };
        Ok(client.run(machine)?)
    }

    /// Random bytes.
    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        self.env.random()
    }

    /// Resets a device that cannot be made anew: as soon as it has power, where somebody can replug it.
    pub(crate) fn start_over(&mut self) -> Result<(), Stop> {
        if self.target.is_model() {
            return Ok(());
        }
        match self.replug() {
            Ok(()) | Err(Stop::NotApplicable(_)) => {}
            Err(failure) => return Err(failure),
        }
        let reply = self.send(Command::RESET, &[])?;
        if !reply.status.is_ok() {
            let reason =
                format!("it cannot be reset now: it answered {}; plug it in anew and run at once", reply.status);
            return Err(Stop::not_applicable(reason));
        }
        self.info = self.get_info()?;
        Ok(())
    }

    /// Whether it serves nobody who is not verified, and nobody can be yet.
    pub(crate) fn serves_nobody(&self) -> bool {
        self.info.option("alwaysUv") == Some(true)
            && self.info.option("uv") != Some(true)
            && self.info.option("clientPin") == Some(false)
    }

    /// Whether whatever is asked of it has to be asked by somebody who is verified.
    pub(crate) fn must_verify(&self) -> bool {
        self.owns_pin && self.info.option("alwaysUv") == Some(true)
    }

    /// Tells the person what to do from here on.
    pub(crate) fn person(&mut self, behaviour: Behaviour) -> Result<(), Stop> {
        self.target.person(behaviour)
    }

    /// Unplugs it and plugs it in again.
    pub(crate) fn replug(&mut self) -> Result<(), Stop> {
        self.target.replug()
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: i64) -> Result<(), Stop> {
        self.target.pass(SignedDuration::from_secs(seconds))
    }
}

impl Reply {
    /// The body of a reply that says OK.
    pub(crate) fn ok(self) -> Result<Vec<u8>, Stop> {
        if self.status.is_ok() { Ok(self.body) } else { Err(Stop::fail(StatusCode::OK, self.status)) }
    }

    /// Pass with the status.
    pub(crate) fn is(&self, expected: u8) -> Result<Outcome, Stop> {
        self.is_of(&[expected], &[])
    }

    /// Pass with one status, an observation with others that firmware in the field answers.
    pub(crate) fn is_of(&self, expected: &[u8], tolerated: &[u8]) -> Result<Outcome, Stop> {
        if expected.contains(&self.status.0) {
            return Ok(Outcome::Pass);
        }
        let names: Vec<_> = expected.iter().map(|code| StatusCode(*code).to_string()).collect();
        if tolerated.contains(&self.status.0) {
            return Ok(Outcome::observe(format!("answered {} instead of {}", self.status, names.join(" or "))));
        }
        Err(Stop::fail(names.join(" or "), self.status))
    }

    /// An observation of whatever it says.
    pub(crate) fn record(&self) -> Result<Outcome, Stop> {
        Ok(Outcome::observe(format!("answered {}", self.status)))
    }

    /// Demands a status and goes on.
    pub(crate) fn must(&self, expected: u8) -> Result<(), Stop> {
        self.is(expected).map(|_| ())
    }
}
