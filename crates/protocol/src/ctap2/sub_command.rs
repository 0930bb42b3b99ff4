//! Subcommand numbers.

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

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} (0x{:02x})", self.name().unwrap_or("unknown subcommand"), self.0)
            }
        }
    };
}

pub(super) use sub_commands;
