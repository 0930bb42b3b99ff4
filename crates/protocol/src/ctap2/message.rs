//! Maps with numbered members. Each member is declared once: its name, its type, its number.

use super::members::{self, Members};
use super::{Descriptor, Encoded, KeyAgreement, MessageError, Permissions, RpEntity, Unknown, UserEntity};
use crate::cbor::{Error, Key, Reader, Rules, Writer};

/// The value of a member.
pub(super) trait Member: Sized {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error>;
    fn write(&self, writer: &mut Writer);
}

/// A map, as [`message!`] declares one.
pub(super) trait Map: Default {
    /// Takes one member.
    fn member(&mut self, reader: &mut Reader<'_>, key: Key<'_>) -> Result<(), Error>;

    /// The members that are known.
    fn members(&self) -> Members;

    /// The others.
    fn unknown(&self) -> &Unknown;

    /// A map within another value.
    fn nested(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut map = Self::default();
        reader.map(|reader, key| map.member(reader, key))?;
        Ok(map)
    }

    /// The parameters of a request, as an authenticator reads them: strictly.
    fn request(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        let map = Self::nested(&mut reader)?;
        reader.end()?;
        Ok(map)
    }

    /// The body of a reply, which may be empty.
    fn reply(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut map = Self::default();
        members::optional_map(bytes, |reader, key| map.member(reader, key))?;
        Ok(map)
    }

    /// The map in canonical form.
    fn encoded(&self) -> Vec<u8> {
        self.members().encode(self.unknown())
    }

    /// As [`Self::encoded`], and no byte where there is no member.
    fn encoded_or_nothing(&self) -> Vec<u8> {
        self.members().encode_or_nothing(self.unknown())
    }
}

/// Defines a map whose members may all be absent: `name: type = number;`. A member that is not read and written as its
/// type would be names a module that does both: `name: type = number as module;`.
macro_rules! message {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$member_doc:meta])* $member:ident: $type:ty = $number:literal $(as $codec:ident)?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $(
                #[doc = concat!(stringify!($number), ".")]
                $(#[$member_doc])*
                pub $member: Option<$type>,
            )*
            /// Members that this version does not know.
            pub unknown: $crate::ctap2::Unknown,
        }

        impl $crate::ctap2::message::Map for $name {
            fn member(
                &mut self,
                reader: &mut $crate::cbor::Reader<'_>,
                key: $crate::cbor::Key<'_>,
            ) -> Result<(), $crate::cbor::Error> {
                match key {
                    $($crate::cbor::Key::Int($number) => {
                        self.$member = Some($crate::ctap2::message::message!(@read reader, $($codec)?)?);
                    })*
                    other => {
                        self.unknown.push(($crate::ctap2::members::key_value(other), reader.value()?));
                    }
                }
                Ok(())
            }

            fn members(&self) -> $crate::ctap2::members::Members {
                let mut members = $crate::ctap2::members::Members::new();
                $(members.put_some($number, self.$member.as_ref(), |writer, value| {
                    $crate::ctap2::message::message!(@write value, writer, $($codec)?)
                });)*
                members
            }

            fn unknown(&self) -> &$crate::ctap2::Unknown {
                &self.unknown
            }
        }
    };
    (@read $reader:ident,) => { $crate::ctap2::message::Member::read($reader) };
    (@read $reader:ident, $codec:ident) => { $codec::read($reader) };
    (@write $value:ident, $writer:ident,) => { $crate::ctap2::message::Member::write($value, $writer) };
    (@write $value:ident, $writer:ident, $codec:ident) => { $codec::write($value, $writer) };
}

pub(super) use message;

/// Values that are read by one function and written by another.
macro_rules! member {
    ($($type:ty: $read:expr, $write:expr;)*) => {
        $(impl Member for $type {
            fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
                ($read)(reader)
            }

            fn write(&self, writer: &mut Writer) {
                ($write)(writer, self);
            }
        })*
    };
}

member! {
    i64: Reader::integer, |writer: &mut Writer, number: &i64| _ = writer.integer(*number);
    bool: Reader::boolean, |writer: &mut Writer, value: &bool| _ = writer.boolean(*value);
    Vec<u8>: members::bytes, |writer: &mut Writer, bytes: &Vec<u8>| _ = writer.bytes(bytes);
    String: members::text, |writer: &mut Writer, text: &String| _ = writer.text(text);
    Permissions: |reader| i64::read(reader).map(Permissions), |writer, permissions: &Permissions| permissions.0.write(writer);
    Descriptor: members::descriptor, members::write_descriptor;
    RpEntity: members::rp, members::write_rp;
    UserEntity: members::user, members::write_user;
    KeyAgreement: KeyAgreement::read, KeyAgreement::write;
}

impl<T: Member> Member for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        members::list(reader, T::read)
    }

    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        self.iter().for_each(|item| item.write(writer));
    }
}

/// A nested map whose bytes are authenticated.
impl<T: Map> Member for Encoded<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Self::read(reader, T::nested)
    }

    fn write(&self, writer: &mut Writer) {
        writer.raw(self.as_bytes());
    }
}
