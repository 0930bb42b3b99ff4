//! Metadata's objects and enumerations, each declared once: its fields, their names on the wire, and how
//! they are read and written.

/// An enumeration whose unknown values survive as they are written.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$value_doc])* $value,)+
            /// A value that the lab does not know, as it is written.
            Unknown(String),
        }

        impl $name {
            /// The values that the lab knows, as they are written.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// The value as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$value => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$value,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::member::Member for $name {
            fn read(
                value: serde_json::Value,
                place: &$crate::member::Place<'_>,
                findings: &mut $crate::member::Findings,
            ) -> Option<Self> {
                let text = String::read(value, place, findings)?;
                let read = Self::from(text.as_str());
                if let Self::Unknown(text) = &read {
                    findings.unknown_value(place, text);
                }
                Some(read)
            }

            fn write(&self) -> serde_json::Value {
                self.as_str().into()
            }
        }
    };
}

/// An object all of whose members are optional. What has no field is kept in `other`.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)+
            /// The members that the lab does not know, as they came.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl $crate::member::Member for $name {
            fn read(
                value: serde_json::Value,
                place: &$crate::member::Place<'_>,
                findings: &mut $crate::member::Findings,
            ) -> Option<Self> {
                let mut members = $crate::member::members(value, place, findings)?;
                let read = Self {
                    $($field: $crate::member::take(&mut members, $key, place, findings),)+
                    other: members,
                };
                findings.unknown_members(place, &read.other);
                Some(read)
            }

            fn write(&self) -> serde_json::Value {
                let mut members = serde_json::Map::new();
                $(if let Some(field) = &self.$field {
                    members.insert($key.to_owned(), $crate::member::Member::write(field));
                })+
                members.extend(self.other.iter().map(|(name, value)| (name.clone(), value.clone())));
                serde_json::Value::Object(members)
            }
        }
    };
}
