//! Alternative names and key usages (RFC 5280 §4.2.1.6, §4.2.1.12).

use const_oid::ObjectIdentifier;
use der::{Decode as _, Header, Reader, SliceReader};

use super::{Certificate, Name};
use crate::layout::oid;

/// One name of a subjectAltName extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName<'a> {
    /// `directoryName`.
    Directory(Name<'a>),
    /// `dNSName`, with bytes that are not ASCII replaced.
    Dns(String),
    /// `otherName`, by its type.
    Other(ObjectIdentifier),
    /// A name of another kind, by its tag.
    Unread(u8),
}

/// The most names, or usages, that are read of one extension.
const MAX_NAMES: usize = 64;

impl<'a> Certificate<'a> {
    /// The alternative names of the subject, and whether the extension is critical; `None` without it.
    ///
    /// # Errors
    /// An extension that is not `SEQUENCE OF GeneralName`.
    pub fn alternative_names(&self) -> Result<Option<(Vec<GeneralName<'a>>, bool)>, der::Error> {
        let Some(extension) = self.extension(oid::SUBJECT_ALT_NAME) else { return Ok(None) };
        let names = sequence(extension.value, general_name)?;
        Ok(Some((names, extension.critical)))
    }

    /// What the key may be used for; `None` without the extension, which allows everything.
    ///
    /// # Errors
    /// An extension that is not `SEQUENCE OF OBJECT IDENTIFIER`.
    pub fn extended_key_usages(&self) -> Result<Option<Vec<ObjectIdentifier>>, der::Error> {
        let extension = self.extension(oid::EXTENDED_KEY_USAGE);
        extension.map(|extension| sequence(extension.value, ObjectIdentifier::decode)).transpose()
    }
}

/// The elements of a SEQUENCE that is all of `bytes`.
fn sequence<'a, T>(
    bytes: &'a [u8],
    element: impl Fn(&mut SliceReader<'a>) -> Result<T, der::Error>,
) -> Result<Vec<T>, der::Error> {
    let mut reader = SliceReader::new(bytes)?;
    let elements = reader.sequence(|inner| {
        let mut elements = Vec::new();
        while !inner.is_finished() {
            if elements.len() == MAX_NAMES {
                return Err(inner.error(der::ErrorKind::Overlength));
            }
            elements.push(element(inner)?);
        }
        Ok::<_, der::Error>(elements)
    })?;
    reader.finish()?;
    Ok(elements)
}

fn general_name<'a>(reader: &mut SliceReader<'a>) -> Result<GeneralName<'a>, der::Error> {
    let tag = reader.peek_byte().unwrap_or_default();
    let whole = reader.tlv_bytes()?;
    let mut inner = SliceReader::new(whole)?;
    let header = Header::decode(&mut inner)?;
    match tag {
        0xa4 => inner.read_nested(header.length(), Name::read).map(GeneralName::Directory),
        0xa0 => inner.read_nested(header.length(), |other| {
            let id = ObjectIdentifier::decode(other)?;
            other.tlv_bytes()?;
            Ok(GeneralName::Other(id))
        }),
        0x82 => Ok(GeneralName::Dns(String::from_utf8_lossy(inner.read_slice(header.length())?).into_owned())),
        tag => Ok(GeneralName::Unread(tag)),
    }
}
