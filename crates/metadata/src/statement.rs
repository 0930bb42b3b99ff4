//! Metadata statements (`fido-metadata-statement-3 §3`): what a model is, in its vendor's words.

use serde_json::{Number, Value};

use crate::member::Pairs;
use crate::vocabulary::{
    AttachmentHint, AttestationType, AuthenticationAlgorithm, KeyProtection, MatcherProtection, ProtocolFamily,
    PublicKeyEncoding, TransactionConfirmationDisplay, UserVerificationMethod,
};

object! {
    /// A metadata statement.
    MetadataStatement {
        /// The terms under which it may be used.
        legal_header: String = "legalHeader";
        /// UAF's identifier.
        aaid: String = "aaid";
        /// FIDO2's identifier.
        aaguid: String = "aaguid";
        /// U2F's identifiers.
        attestation_certificate_key_identifiers: Vec<String> = "attestationCertificateKeyIdentifiers";
        /// Its name, in English.
        description: String = "description";
        /// Its name in other languages.
        alternative_descriptions: Pairs<String> = "alternativeDescriptions";
        /// A short name, by language.
        friendly_names: Pairs<String> = "friendlyNames";
        /// The oldest firmware that the statement is about.
        authenticator_version: u64 = "authenticatorVersion";
        /// FIDO2, U2F or UAF.
        protocol_family: ProtocolFamily = "protocolFamily";
        /// The edition of the statement's own form: 3.
        schema: u64 = "schema";
        /// The protocol versions.
        upv: Vec<Version> = "upv";
        /// Its algorithms.
        authentication_algorithms: Vec<AuthenticationAlgorithm> = "authenticationAlgorithms";
        /// How it writes public keys.
        public_key_alg_and_encodings: Vec<PublicKeyEncoding> = "publicKeyAlgAndEncodings";
        /// How it attests.
        attestation_types: Vec<AttestationType> = "attestationTypes";
        /// How it verifies users: alternatives, each of methods that are asked for together.
        user_verification_details: Vec<Vec<VerificationMethod>> = "userVerificationDetails";
        /// How it protects keys.
        key_protection: Vec<KeyProtection> = "keyProtection";
        /// Whether its keys sign FIDO's messages only.
        is_key_restricted: bool = "isKeyRestricted";
        /// Whether each use of a key needs a user verification of its own.
        is_fresh_user_verification_required: bool = "isFreshUserVerificationRequired";
        /// How it protects the comparison with what a user shows.
        matcher_protection: Vec<MatcherProtection> = "matcherProtection";
        /// The strength of its cryptography, in bits.
        crypto_strength: u64 = "cryptoStrength";
        /// How it is reached.
        attachment_hint: Vec<AttachmentHint> = "attachmentHint";
        /// How it shows what is signed.
        tc_display: Vec<TransactionConfirmationDisplay> = "tcDisplay";
        /// The media type of what it shows.
        tc_display_content_type: String = "tcDisplayContentType";
        /// The pictures that it can show.
        tc_display_png_characteristics: Vec<Value> = "tcDisplayPNGCharacteristics";
        /// Whom its certificates chain to, in Base64; also certificates themselves.
        attestation_root_certificates: Vec<String> = "attestationRootCertificates";
        /// ECDAA's anchors.
        ecdaa_trust_anchors: Vec<Value> = "ecdaaTrustAnchors";
        /// A picture, as a data URL.
        icon: String = "icon";
        /// The same for dark backgrounds.
        icon_dark: String = "iconDark";
        /// The picture of its provider.
        provider_logo_light: String = "providerLogoLight";
        /// The same for dark backgrounds.
        provider_logo_dark: String = "providerLogoDark";
        /// Extensions.
        supported_extensions: Vec<Extension> = "supportedExtensions";
        /// To whom its keys belong.
        key_scope: String = "keyScope";
        /// Whether its credentials may be copied between devices.
        multi_device_credential_support: String = "multiDeviceCredentialSupport";
        /// authenticatorGetInfo as it comes from the factory.
        authenticator_get_info: AuthenticatorGetInfo = "authenticatorGetInfo";
        /// Where its credentials can be exported to.
        cxp_config_url: String = "cxpConfigURL";
        /// The same, as some libraries spell it.
        cx_config_url: String = "cxConfigURL";
    }
}

object! {
    /// A version of a protocol.
    Version {
        /// Before the dot.
        major: u64 = "major";
        /// Behind it.
        minor: u64 = "minor";
    }
}

object! {
    /// `VerificationMethodDescriptor`.
    VerificationMethod {
        /// The method.
        user_verification_method: UserVerificationMethod = "userVerificationMethod";
        /// Of a code.
        ca_desc: CodeAccuracy = "caDesc";
        /// Of a body.
        ba_desc: BiometricAccuracy = "baDesc";
        /// Of a pattern.
        pa_desc: PatternAccuracy = "paDesc";
    }
}

object! {
    /// `CodeAccuracyDescriptor`.
    CodeAccuracy {
        /// The number of different characters.
        base: u64 = "base";
        /// The least length.
        min_length: u64 = "minLength";
        /// Wrong attempts until it blocks.
        max_retries: u64 = "maxRetries";
        /// Seconds to wait when blocked.
        block_slowdown: u64 = "blockSlowdown";
    }
}

object! {
    /// `BiometricAccuracyDescriptor`.
    BiometricAccuracy {
        /// False acceptance, by the vendor's word.
        self_attested_far: Number = "selfAttestedFAR";
        /// False rejection, by the vendor's word.
        self_attested_frr: Number = "selfAttestedFRR";
        /// Acceptance of presented forgeries.
        iapar_threshold: Number = "iAPARThreshold";
        /// Templates.
        max_templates: u64 = "maxTemplates";
        /// Wrong attempts until it blocks.
        max_retries: u64 = "maxRetries";
        /// Seconds to wait when blocked.
        block_slowdown: u64 = "blockSlowdown";
    }
}

object! {
    /// `PatternAccuracyDescriptor`.
    PatternAccuracy {
        /// The number of patterns.
        min_complexity: u64 = "minComplexity";
        /// Wrong attempts until it blocks.
        max_retries: u64 = "maxRetries";
        /// Seconds to wait when blocked.
        block_slowdown: u64 = "blockSlowdown";
    }
}

object! {
    /// `ExtensionDescriptor`.
    Extension {
        /// Its name.
        id: String = "id";
        /// A number.
        tag: u64 = "tag";
        /// What belongs to it.
        data: String = "data";
        /// Whether whoever does not know it must refuse.
        fail_if_unknown: bool = "fail_if_unknown";
    }
}

object! {
    /// `PublicKeyCredentialParameters`, as authenticatorGetInfo has them.
    Parameters {
        /// `public-key`.
        kind: String = "type";
        /// The COSE algorithm.
        alg: i64 = "alg";
    }
}

object! {
    /// authenticatorGetInfo with names instead of numbers (`ctap-2.2 §6.4`).
    AuthenticatorGetInfo {
        /// 0x01.
        versions: Vec<String> = "versions";
        /// 0x02.
        extensions: Vec<String> = "extensions";
        /// 0x03, as 32 hexadecimal digits.
        aaguid: String = "aaguid";
        /// 0x04.
        options: Pairs<bool> = "options";
        /// 0x05.
        max_msg_size: u64 = "maxMsgSize";
        /// 0x06.
        pin_uv_auth_protocols: Vec<u64> = "pinUvAuthProtocols";
        /// 0x07.
        max_credential_count_in_list: u64 = "maxCredentialCountInList";
        /// 0x08.
        max_credential_id_length: u64 = "maxCredentialIdLength";
        /// 0x09.
        transports: Vec<String> = "transports";
        /// 0x0A.
        algorithms: Vec<Parameters> = "algorithms";
        /// 0x0B.
        max_serialized_large_blob_array: u64 = "maxSerializedLargeBlobArray";
        /// 0x0C.
        force_pin_change: bool = "forcePINChange";
        /// 0x0D.
        min_pin_length: u64 = "minPINLength";
        /// 0x0E.
        firmware_version: u64 = "firmwareVersion";
        /// 0x0F.
        max_cred_blob_length: u64 = "maxCredBlobLength";
        /// 0x10.
        max_rpids_for_set_min_pin_length: u64 = "maxRPIDsForSetMinPINLength";
        /// 0x11.
        preferred_platform_uv_attempts: u64 = "preferredPlatformUvAttempts";
        /// 0x12.
        uv_modality: u64 = "uvModality";
        /// 0x13.
        certifications: Pairs<Number> = "certifications";
        /// 0x14.
        remaining_discoverable_credentials: u64 = "remainingDiscoverableCredentials";
        /// 0x15.
        vendor_prototype_config_commands: Vec<Number> = "vendorPrototypeConfigCommands";
        /// 0x16.
        attestation_formats: Vec<String> = "attestationFormats";
        /// 0x17.
        uv_count_since_last_pin_entry: u64 = "uvCountSinceLastPinEntry";
        /// 0x18.
        long_touch_for_reset: bool = "longTouchForReset";
        /// 0x19.
        enc_identifier: String = "encIdentifier";
        /// 0x1A.
        transports_for_reset: Vec<String> = "transportsForReset";
        /// 0x1B.
        pin_complexity_policy: bool = "pinComplexityPolicy";
        /// 0x1C.
        pin_complexity_policy_url: String = "pinComplexityPolicyURL";
        /// 0x1D.
        max_pin_length: u64 = "maxPINLength";
        /// 0x1E.
        enc_cred_store_state: String = "encCredStoreState";
        /// 0x1F.
        authenticator_config_commands: Vec<u64> = "authenticatorConfigCommands";
    }
}

impl MetadataStatement {
    /// Whether it verifies users, built in or by a PIN.
    #[must_use]
    pub fn verifies_users(&self) -> bool {
        let options = self.authenticator_get_info.as_ref().and_then(|info| info.options.as_ref());
        let announced = ["uv", "clientPin"].iter().any(|name| options.is_some_and(|all| all.get(name).is_some()));
        let methods = self.user_verification_details.iter().flatten().flatten();
        let mut methods = methods.filter_map(|detail| detail.user_verification_method.as_ref());
        announced || methods.any(UserVerificationMethod::verifies)
    }

    /// Whether it holds discoverable credentials.
    #[must_use]
    pub fn holds_discoverable_credentials(&self) -> bool {
        let options = self.authenticator_get_info.as_ref().and_then(|info| info.options.as_ref());
        options.and_then(|options| options.get("rk")) == Some(&true)
    }

    /// Whether it has `hmac-secret`, which PRF is made of.
    #[must_use]
    pub fn has_hmac_secret(&self) -> bool {
        let extensions = self.authenticator_get_info.as_ref().and_then(|info| info.extensions.as_ref());
        extensions.is_some_and(|names| names.iter().any(|name| matches!(name.as_str(), "hmac-secret" | "prf")))
    }

    /// Whether it speaks FIDO 2.0 or later.
    #[must_use]
    pub fn is_fido2(&self) -> bool {
        let versions = self.authenticator_get_info.as_ref().and_then(|info| info.versions.as_ref());
        let speaks = versions.is_none_or(|versions| versions.iter().any(|version| version.starts_with("FIDO_2")));
        self.protocol_family == Some(ProtocolFamily::Fido2) && speaks
    }
}
