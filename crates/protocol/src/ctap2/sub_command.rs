//! Commands with subcommands: their numbers, and the frame of those that differ in nothing but their parameters.

use super::members::{self, Members};
use super::message::Member;
use super::{Encoded, MessageError, Unknown};
use crate::cbor::{Error, Key, Reader, Rules};

/// The parameters of authenticatorCredentialManagement and of authenticatorConfig.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SubCommandRequest<S, P> {
    /// 0x01.
    pub sub_command: S,
    /// 0x02.
    pub sub_command_params: Option<Encoded<P>>,
    /// 0x03.
    pub pin_uv_auth_protocol: Option<i64>,
    /// 0x04.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// `subCommandParams`, which mean what the subcommand says. Sorted keys put it first.
pub(super) trait SubCommandParams<S>: Sized {
    fn read(sub_command: Option<S>, reader: &mut Reader<'_>) -> Result<Self, Error>;
}

#[expect(private_bounds, reason = "who may name a subcommand is decided here")]
impl<S: Member + Copy + Default, P: SubCommandParams<S> + Default> SubCommandRequest<S, P> {
    /// Reads the parameters as an authenticator does: strictly.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut request, mut sub_command) = (Self::default(), None);
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => sub_command = Some(S::read(reader)?),
                Key::Int(2) => {
                    let params = Encoded::read(reader, |reader| P::read(sub_command, reader))?;
                    request.sub_command_params = Some(params);
                }
                Key::Int(3) => request.pin_uv_auth_protocol = Some(reader.integer()?),
                Key::Int(4) => request.pin_uv_auth_param = Some(members::bytes(reader)?),
                other => request.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        request.sub_command = sub_command.ok_or_else(|| MessageError::missing("subCommand"))?;
        Ok(request)
    }

    /// The parameters in canonical form, `subCommandParams` as they are.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| self.sub_command.write(writer));
        members.put_encoded(2, self.sub_command_params.as_ref());
        members.put_integer(3, self.pin_uv_auth_protocol);
        members.put_bytes(4, self.pin_uv_auth_param.as_deref());
        members.encode(&self.unknown)
    }
}

/// Defines a subcommand type: a number, known or not, with the specification's names.
macro_rules! sub_commands {
    ($(#[$doc:meta])* $type:ident; $($constant:ident = $code:literal, $name:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $type(pub i64);

        impl $type {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self($code);)*

            /// Every number that the specification names.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];

            /// The name in the specification.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($name),)*
                    _ => None,
                }
            }
        }

        impl $crate::ctap2::message::Member for $type {
            fn read(reader: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::Error> {
                reader.integer().map(Self)
            }

            fn write(&self, writer: &mut $crate::cbor::Writer) {
                writer.integer(self.0);
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} (0x{:02x})", self.name().unwrap_or("unknown subcommand"), self.0)
            }
        }
    };
}

pub(super) use sub_commands;
