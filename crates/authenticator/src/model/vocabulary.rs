//! The words of a model file: closed lists, each value with its name.

use std::fmt;

use lab_attestation::emit;

/// A value that model files write as a name out of a closed list.
pub trait Named: Copy + PartialEq + 'static {
    /// What the list is of, with its article: `a transport`.
    const WHAT: &'static str;
    /// Every value.
    const ALL: &'static [Self];

    /// The name in model files and results.
    fn name(self) -> &'static str;

    /// The value of a name.
    #[must_use]
    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $type:ident: $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl Named for $type {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

named! {
    /// How sure we are of a fact.
    Confidence: "a confidence" {
        /// Seen in captures or stated by the vendor.
        High = "high",
        /// Stated by one good source, or inferred from close relatives.
        Medium = "medium",
        /// One weak source, or a conclusion.
        Low = "low",
        /// Nobody has shown it: the lab's working assumption.
        Unverified = "unverified",
    }
}

named! {
    /// What a model is.
    Kind: "a kind of authenticator" {
        /// Part of the operating system.
        Platform = "platform",
        /// A device that is carried around.
        Roaming = "roaming",
        /// A passkey provider: an app or service.
        Provider = "provider",
    }
}

named! {
    /// Whether its passkeys can leave the device.
    PasskeyType: "a passkey type" {
        /// They cannot: BE is 0.
        DeviceBound = "device-bound",
        /// They are copied to the account's other devices: BE is 1.
        Synced = "synced",
    }
}

named! {
    /// What a list of passkey providers says of their passkeys.
    ListedType: "a type of passkey" {
        /// They cannot leave the device.
        DeviceBound = "device-bound",
        /// They are copied to the account's other devices.
        Synced = "synced",
        /// They stand in a file that their owner can copy.
        Exportable = "exportable",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

named! {
    /// The life of the BS flag.
    BackupState: "a life of BS" {
        /// Always 0.
        Never = "never",
        /// 1 from the registration on: the provider's cloud holds the passkey at once.
        FromRegistration = "from-registration",
        /// 1 as soon as a second device of the account holds the passkey.
        OnceSynced = "once-synced",
    }
}

named! {
    /// Authenticator attachment (`webauthn-3 §5.4.5`).
    Attachment: "an attachment" {
        /// Part of the client device.
        Platform = "platform",
        /// Attached from outside.
        CrossPlatform = "cross-platform",
    }
}

named! {
    /// Authenticator transports (`webauthn-3 §5.8.4`).
    Transport: "a transport" {
        /// USB.
        Usb = "usb",
        /// NFC.
        Nfc = "nfc",
        /// Bluetooth Low Energy.
        Ble = "ble",
        /// A contact smart card.
        SmartCard = "smart-card",
        /// Another device, by QR code and proximity.
        Hybrid = "hybrid",
        /// The client device itself.
        Internal = "internal",
    }
}

named! {
    /// The getInfo option by which the real model announces user verification (`ctap-2.2 §6.4`).
    UvOption: "a user verification option" {
        /// Built in: a sensor, or the screen lock.
        Uv = "uv",
        /// A PIN that the platform asks for.
        ClientPin = "clientPin",
        /// It cannot verify users.
        None = "none",
    }
}

named! {
    /// User verification methods, as the FIDO registry of predefined values names them.
    UvMethod: "a user verification method" {
        /// A touch.
        Presence = "presence_internal",
        /// A fingerprint.
        Fingerprint = "fingerprint_internal",
        /// A passcode entered on the authenticator.
        Passcode = "passcode_internal",
        /// A face.
        Face = "faceprint_internal",
        /// An iris.
        Eye = "eyeprint_internal",
        /// A pattern drawn on the authenticator.
        Pattern = "pattern_internal",
        /// A passcode entered on the platform: the client PIN.
        ClientPin = "passcode_external",
    }
}

named! {
    /// When a model verifies its user.
    UvPolicy: "a user verification policy" {
        /// As `ctap-2.2 §6.1` says of a protected authenticator: at creation, unless
        /// `makeCredUvNotRqd` lets a non-discoverable credential through; at sign-in when asked.
        Ctap = "ctap",
        /// In every ceremony, whatever was asked.
        Always = "always",
        /// Exactly when asked.
        AsAsked = "as-asked",
    }
}

named! {
    /// What the signature counter does.
    CounterBehaviour: "a counter behaviour" {
        /// Stays 0, as of every synced passkey.
        ConstantZero = "constant-zero",
        /// One counter for the whole device; each signature adds 1.
        GlobalIncrement = "global-increment",
        /// One counter for each credential; each sign-in adds 1.
        PerCredential = "per-credential",
        /// Seconds since 1970.
        Timestamp = "timestamp",
    }
}

named! {
    /// The shape of the certificate chain of its attestation.
    Chain: "a chain shape" {
        /// No attestation.
        None = "none",
        /// Signed by the credential itself.
        SelfAttestation = "self",
        /// A batch certificate under the vendor's root.
        Batch = "batch",
        /// A certificate that an attestation authority issued for this device.
        AttestationCa = "attestation-ca",
    }
}

impl Chain {
    /// Whether certificates attest, and not the credential or nobody.
    #[must_use]
    pub const fn is_certified(self) -> bool {
        matches!(self, Self::Batch | Self::AttestationCa)
    }
}

named! {
    /// Where Android keeps the key of a credential.
    SecurityLevel: "a security level" {
        /// In the keystore's own process.
        Software = "software",
        /// In the trusted execution environment.
        TrustedEnvironment = "trusted-environment",
        /// In a chip of its own.
        StrongBox = "strongbox",
    }
}

impl From<SecurityLevel> for emit::SecurityLevel {
    fn from(level: SecurityLevel) -> Self {
        match level {
            SecurityLevel::Software => Self::Software,
            SecurityLevel::TrustedEnvironment => Self::TrustedEnvironment,
            SecurityLevel::StrongBox => Self::StrongBox,
        }
    }
}

named! {
    /// What a credential id is made of.
    IdScheme: "a scheme of credential ids" {
        /// Random bytes.
        Random = "random",
        /// The SHA-1 of the public point, as Apple's keychain names keys.
        KeySha1 = "key-sha1",
        /// The SHA-256 of the public point, as App Attest names keys.
        KeySha256 = "key-sha256",
    }
}

named! {
    /// What a relying party gets that asks for attestation `none`.
    WhenNone: "an answer to attestation none" {
        /// Format `none`, with the model's AAGUID.
        AaguidKept = "aaguid-kept",
        /// Format `none`; whether the AAGUID is zeroed is the client's decision.
        ClientDecides = "client-decides",
    }
}

named! {
    /// The ways in which Entra's users can register a passkey in it.
    Flow: "a flow" {
        /// Inside the provider's own app.
        InApp = "in-app",
        /// In a browser or app on the device that holds, or is attached to, the authenticator.
        SameDevice = "same-device",
        /// In a browser on another device, over hybrid.
        CrossDevice = "cross-device",
    }
}

named! {
    /// Where a model can be used.
    Platform: "a platform" {
        /// Windows.
        Windows = "windows",
        /// macOS.
        Macos = "macos",
        /// iOS and iPadOS.
        Ios = "ios",
        /// Android.
        Android = "android",
        /// ChromeOS.
        Chromeos = "chromeos",
        /// Linux.
        Linux = "linux",
    }
}

named! {
    /// A known misbehaviour that the engine reproduces.
    Quirk: "a quirk" {
        /// Sets UV without having asked the person anything.
        UvWithoutVerification = "uv-without-verification",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        fn check<T: Named + fmt::Debug>() {
            for value in T::ALL {
                assert_eq!(T::of(value.name()), Some(*value));
            }
            assert_eq!(T::of("no such name"), None);
        }
        check::<Confidence>();
        check::<Kind>();
        check::<ListedType>();
        check::<BackupState>();
        check::<Transport>();
        check::<UvMethod>();
        check::<CounterBehaviour>();
        check::<Platform>();
    }
}
