//! The enumerations of the FIDO Metadata Service and of the FIDO Registry of Predefined Values.

open_enum! {
    /// `AuthenticatorStatus` (`fido-mds-3 §3.1.4`).
    AuthenticatorStatus {
        /// Not certified.
        NotFidoCertified = "NOT_FIDO_CERTIFIED",
        /// The vendor says that it conforms.
        SelfAssertionSubmitted = "SELF_ASSERTION_SUBMITTED",
        /// Passed functional certification.
        FidoCertified = "FIDO_CERTIFIED",
        /// Security level 1.
        FidoCertifiedL1 = "FIDO_CERTIFIED_L1",
        /// Security level 1+.
        FidoCertifiedL1Plus = "FIDO_CERTIFIED_L1plus",
        /// Security level 2.
        FidoCertifiedL2 = "FIDO_CERTIFIED_L2",
        /// Security level 2+.
        FidoCertifiedL2Plus = "FIDO_CERTIFIED_L2plus",
        /// Security level 3.
        FidoCertifiedL3 = "FIDO_CERTIFIED_L3",
        /// Security level 3+.
        FidoCertifiedL3Plus = "FIDO_CERTIFIED_L3plus",
        /// FIPS 140, level 1.
        Fips140CertifiedL1 = "FIPS140_CERTIFIED_L1",
        /// FIPS 140, level 2.
        Fips140CertifiedL2 = "FIPS140_CERTIFIED_L2",
        /// FIPS 140, level 3.
        Fips140CertifiedL3 = "FIPS140_CERTIFIED_L3",
        /// FIPS 140, level 4.
        Fips140CertifiedL4 = "FIPS140_CERTIFIED_L4",
        /// Malware can get round user verification.
        UserVerificationBypass = "USER_VERIFICATION_BYPASS",
        /// An attestation key is known to others.
        AttestationKeyCompromise = "ATTESTATION_KEY_COMPROMISE",
        /// Users' keys can be taken out from afar.
        UserKeyRemoteCompromise = "USER_KEY_REMOTE_COMPROMISE",
        /// Users' keys can be taken out by whoever holds the device.
        UserKeyPhysicalCompromise = "USER_KEY_PHYSICAL_COMPROMISE",
        /// There is newer firmware.
        UpdateAvailable = "UPDATE_AVAILABLE",
        /// Must not be trusted.
        Revoked = "REVOKED",
        /// Its vendor has replaced it.
        Retired = "RETIRED",
    }
}

impl AuthenticatorStatus {
    /// Where a certification stands among the others: 0 is functional only; `None` for other statuses.
    #[must_use]
    pub const fn certification(&self) -> Option<u8> {
        Some(match self {
            Self::FidoCertified => 0,
            Self::FidoCertifiedL1 => 1,
            Self::FidoCertifiedL1Plus => 2,
            Self::FidoCertifiedL2 => 3,
            Self::FidoCertifiedL2Plus => 4,
            Self::FidoCertifiedL3 => 5,
            Self::FidoCertifiedL3Plus => 6,
            _ => return None,
        })
    }
}

open_enum! {
    /// `protocolFamily`.
    ProtocolFamily {
        /// FIDO2.
        Fido2 = "fido2",
        /// U2F.
        U2f = "u2f",
        /// UAF.
        Uaf = "uaf",
    }
}

open_enum! {
    /// `attestationTypes`.
    AttestationType {
        /// A key of the model or batch.
        BasicFull = "basic_full",
        /// The credential's own key: self attestation.
        BasicSurrogate = "basic_surrogate",
        /// Elliptic curve direct anonymous attestation.
        Ecdaa = "ecdaa",
        /// A CA that knows the authenticator.
        AttCa = "attca",
        /// An anonymising CA.
        AnonCa = "anonca",
        /// None.
        None = "none",
    }
}

open_enum! {
    /// `authenticationAlgorithms`.
    AuthenticationAlgorithm {
        /// ES256, r and s.
        Secp256r1EcdsaSha256Raw = "secp256r1_ecdsa_sha256_raw",
        /// ES256, DER.
        Secp256r1EcdsaSha256Der = "secp256r1_ecdsa_sha256_der",
        /// PS256.
        RsassaPssSha256Raw = "rsassa_pss_sha256_raw",
        /// PS256, DER.
        RsassaPssSha256Der = "rsassa_pss_sha256_der",
        /// ES256K, r and s.
        Secp256k1EcdsaSha256Raw = "secp256k1_ecdsa_sha256_raw",
        /// ES256K, DER.
        Secp256k1EcdsaSha256Der = "secp256k1_ecdsa_sha256_der",
        /// SM2.
        Sm2Sm3Raw = "sm2_sm3_raw",
        /// RS256 in the encoding of EMSA-PKCS1.
        RsaEmsaPkcs1Sha256Raw = "rsa_emsa_pkcs1_sha256_raw",
        /// The same, DER.
        RsaEmsaPkcs1Sha256Der = "rsa_emsa_pkcs1_sha256_der",
        /// PS384.
        RsassaPssSha384Raw = "rsassa_pss_sha384_raw",
        /// PS512.
        RsassaPssSha512Raw = "rsassa_pss_sha512_raw",
        /// RS256.
        RsassaPkcs15Sha256Raw = "rsassa_pkcsv15_sha256_raw",
        /// RS384.
        RsassaPkcs15Sha384Raw = "rsassa_pkcsv15_sha384_raw",
        /// RS512.
        RsassaPkcs15Sha512Raw = "rsassa_pkcsv15_sha512_raw",
        /// RS1.
        RsassaPkcs15Sha1Raw = "rsassa_pkcsv15_sha1_raw",
        /// ES384.
        Secp384r1EcdsaSha384Raw = "secp384r1_ecdsa_sha384_raw",
        /// ES512.
        Secp521r1EcdsaSha512Raw = "secp521r1_ecdsa_sha512_raw",
        /// EdDSA.
        Ed25519EddsaSha512Raw = "ed25519_eddsa_sha512_raw",
        /// Ed448.
        Ed448EddsaSha512Raw = "ed448_eddsa_sha512_raw",
    }
}

open_enum! {
    /// `publicKeyAlgAndEncodings`.
    PublicKeyEncoding {
        /// COSE_Key.
        Cose = "cose",
        /// An uncompressed point.
        EccX962Raw = "ecc_x962_raw",
        /// The same in DER.
        EccX962Der = "ecc_x962_der",
        /// RSA, numbers.
        Rsa2048Raw = "rsa_2048_raw",
        /// RSA, DER.
        Rsa2048Der = "rsa_2048_der",
    }
}

open_enum! {
    /// `userVerificationMethod`.
    UserVerificationMethod {
        /// A touch.
        PresenceInternal = "presence_internal",
        /// A finger.
        FingerprintInternal = "fingerprint_internal",
        /// A PIN on the device.
        PasscodeInternal = "passcode_internal",
        /// A PIN that the client takes.
        PasscodeExternal = "passcode_external",
        /// A voice.
        VoiceprintInternal = "voiceprint_internal",
        /// A face.
        FaceprintInternal = "faceprint_internal",
        /// A place.
        LocationInternal = "location_internal",
        /// An eye.
        EyeprintInternal = "eyeprint_internal",
        /// A pattern on the device.
        PatternInternal = "pattern_internal",
        /// A pattern that the client takes.
        PatternExternal = "pattern_external",
        /// A hand.
        HandprintInternal = "handprint_internal",
        /// None.
        None = "none",
        /// All of the others together.
        All = "all",
    }
}

impl UserVerificationMethod {
    /// Whether it verifies a user, and does not only ask for presence.
    #[must_use]
    pub const fn verifies(&self) -> bool {
        !matches!(self, Self::PresenceInternal | Self::None | Self::LocationInternal | Self::Unknown(_))
    }
}

open_enum! {
    /// `keyProtection`.
    KeyProtection {
        /// In software.
        Software = "software",
        /// In hardware.
        Hardware = "hardware",
        /// In a trusted execution environment.
        Tee = "tee",
        /// In a secure element.
        SecureElement = "secure_element",
        /// Wrapped, and kept elsewhere.
        RemoteHandle = "remote_handle",
    }
}

open_enum! {
    /// `matcherProtection`.
    MatcherProtection {
        /// In software.
        Software = "software",
        /// In a trusted execution environment.
        Tee = "tee",
        /// On the chip.
        OnChip = "on_chip",
    }
}

open_enum! {
    /// `attachmentHint`.
    AttachmentHint {
        /// Built in.
        Internal = "internal",
        /// Apart.
        External = "external",
        /// By cable.
        Wired = "wired",
        /// Without.
        Wireless = "wireless",
        /// NFC.
        Nfc = "nfc",
        /// Bluetooth.
        Bluetooth = "bluetooth",
        /// Over a network.
        Network = "network",
        /// Over a network that must be ready.
        Ready = "ready",
        /// Wi-Fi Direct.
        WifiDirect = "wifi_direct",
        /// A smart card.
        SmartCard = "smart_card",
    }
}

open_enum! {
    /// `tcDisplay`: how it shows what is signed.
    TransactionConfirmationDisplay {
        /// In any way.
        Any = "any",
        /// By privileged software.
        PrivilegedSoftware = "privileged_software",
        /// In a trusted execution environment.
        Tee = "tee",
        /// In hardware.
        Hardware = "hardware",
        /// On another device.
        Remote = "remote",
    }
}
