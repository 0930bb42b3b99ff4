//! The sections of a model file. Each fact is declared once: its type, its key, and what it means.

use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;
use serde::Serialize;

use super::error::ModelError;
use super::inherit::{Inherited, fact};
use super::read::{Pairs, Table};
use super::sourced::{Field, Sourced, field};
use super::vocabulary::{
    Attachment, BackupState, Chain, CounterBehaviour, Flow, IdScheme, Kind, PasskeyType, Platform, SecurityLevel,
    Transport, UvMethod, UvOption, UvPolicy, WhenNone,
};

/// A table of facts.
pub(super) trait Section: Sized {
    /// Its key.
    const SECTION: &'static str;

    /// Reads it; what the table does not have is the parent's.
    fn read(table: Table<'_>, parent: Option<Inherited<'_, Self>>) -> Result<Self, ModelError>;
}

macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident = $section:literal {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal;)*
        }
        optional {
            $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty = $optional_key:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Sourced<$type>,)*
            $(
                $(#[$optional_doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $optional: Option<Sourced<$optional_type>>,
            )*
        }

        impl Section for $name {
            const SECTION: &'static str = $section;

            fn read(mut table: Table<'_>, parent: Option<Inherited<'_, Self>>) -> Result<Self, ModelError> {
                let parent = parent.as_ref();
                let section = Self {
                    $($field: {
                        let inherited = parent.map(|parent| (parent.heir, &parent.section.$field));
                        match fact(&mut table, $key, inherited)? {
                            Some(fact) => fact,
                            None => return Err(table.missing($key)),
                        }
                    },)*
                    $($optional: {
                        let inherited =
                            parent.and_then(|parent| Some((parent.heir, parent.section.$optional.as_ref()?)));
                        fact(&mut table, $optional_key, inherited)?
                    },)*
                };
                table.finish()?;
                Ok(section)
            }
        }

        impl $name {
            pub(super) fn fields<'m>(&'m self, fields: &mut Vec<Field<'m>>) {
                $(fields.push(field(&self.$field, $section, $key));)*
                $(fields.extend(self.$optional.as_ref().map(|fact| field(fact, $section, $optional_key)));)*
            }
        }
    };
}

section! {
    /// What it is, and where it lives.
    Identity = "identity" {
        /// The AAGUID that it reports.
        aaguid: Aaguid = "aaguid";
        /// What it is.
        kind: Kind = "kind";
        /// How it is attached, as `authenticatorAttachment` tells.
        attachment: Attachment = "attachment";
        /// Its transports.
        transports: Vec<Transport> = "transports";
        /// The ways in which Entra's users can register a passkey in it.
        flows: Vec<Flow> = "flows";
        /// Where it can be used.
        platforms: Vec<Platform> = "platforms";
    }
    optional {}
}

section! {
    /// What its credentials are like.
    Passkeys = "passkeys" {
        /// Whether they can leave the device.
        passkey_type: PasskeyType = "type";
        /// The BE flag.
        backup_eligible: bool = "backup-eligible";
        /// The life of the BS flag.
        backup_state: BackupState = "backup-state";
        /// Key types, in its order of preference.
        algorithms: Vec<Algorithm> = "algorithms";
        /// What the signature counter does.
        counter: CounterBehaviour = "counter";
        /// The first value of the counter.
        counter_start: u32 = "counter-start";
        /// The length of the id of a discoverable credential, in bytes.
        discoverable_id_length: u16 = "discoverable-id-length";
        /// The length of the id of any other credential, in bytes.
        other_id_length: u16 = "other-id-length";
        /// Authenticator extensions that it has.
        extensions: Vec<String> = "extensions";
    }
    optional {
        /// Where `other-id-length` depends on the algorithm: by its name.
        other_id_length_by_algorithm: Pairs<u16> = "other-id-length-by-algorithm";
        /// What its credential ids are made of; without this, random bytes.
        id_scheme: IdScheme = "id-scheme";
        /// How many discoverable credentials it holds; without this, as many as anybody makes.
        slots: u32 = "slots";
    }
}

section! {
    /// How it verifies its user.
    UserVerification = "user-verification" {
        /// The getInfo option by which the real model announces it.
        option: UvOption = "option";
        /// Its methods; several are alternatives.
        methods: Vec<UvMethod> = "methods";
        /// When it verifies.
        policy: UvPolicy = "policy";
        /// Wrong attempts in a row until it blocks.
        retries: u8 = "retries";
    }
    optional {}
}

section! {
    /// What the real model says of itself in authenticatorGetInfo, where it speaks CTAP2.
    GetInfo = "get-info" {
        /// 0x01.
        versions: Vec<String> = "versions";
        /// 0x04: as delivered.
        options: Pairs<bool> = "options";
    }
    optional {
        /// 0x05, in bytes.
        max_msg_size: u32 = "max-msg-size";
        /// 0x06.
        pin_uv_auth_protocols: Vec<u8> = "pin-uv-auth-protocols";
        /// 0x07.
        max_credential_count_in_list: u32 = "max-credential-count-in-list";
        /// 0x08, in bytes.
        max_credential_id_length: u32 = "max-credential-id-length";
        /// 0x0B, in bytes.
        max_serialized_large_blob_array: u32 = "max-serialized-large-blob-array";
        /// 0x0D: as delivered, in code points.
        min_pin_length: u8 = "min-pin-length";
        /// 0x0E.
        firmware_version: u32 = "firmware-version";
        /// 0x0F, in bytes.
        max_cred_blob_length: u32 = "max-cred-blob-length";
        /// 0x10.
        max_rpids_for_set_min_pin_length: u32 = "max-rpids-for-set-min-pin-length";
        /// 0x11.
        preferred_platform_uv_attempts: u32 = "preferred-platform-uv-attempts";
        /// 0x12: a bit field.
        uv_modality: u32 = "uv-modality";
        /// 0x13.
        certifications: Pairs<u32> = "certifications";
        /// 0x15.
        vendor_prototype_config_commands: Vec<u32> = "vendor-prototype-config-commands";
        /// 0x16.
        attestation_formats: Vec<String> = "attestation-formats";
        /// 0x18: as delivered.
        long_touch_for_reset: bool = "long-touch-for-reset";
        /// 0x19: whether it is there.
        enc_identifier: bool = "enc-identifier";
        /// 0x1A.
        transports_for_reset: Vec<Transport> = "transports-for-reset";
        /// 0x1B.
        pin_complexity_policy: bool = "pin-complexity-policy";
        /// 0x1D, in code points.
        max_pin_length: u8 = "max-pin-length";
        /// 0x1E: whether it is there.
        enc_cred_store_state: bool = "enc-cred-store-state";
        /// 0x1F.
        authenticator_config_commands: Vec<u32> = "authenticator-config-commands";
    }
}

impl GetInfo {
    /// What says only what must be said.
    pub(crate) const fn of(versions: Sourced<Vec<String>>, options: Sourced<Pairs<bool>>) -> Self {
        Self {
            versions,
            options,
            max_msg_size: None,
            pin_uv_auth_protocols: None,
            max_credential_count_in_list: None,
            max_credential_id_length: None,
            max_serialized_large_blob_array: None,
            min_pin_length: None,
            firmware_version: None,
            max_cred_blob_length: None,
            max_rpids_for_set_min_pin_length: None,
            preferred_platform_uv_attempts: None,
            uv_modality: None,
            certifications: None,
            vendor_prototype_config_commands: None,
            attestation_formats: None,
            long_touch_for_reset: None,
            enc_identifier: None,
            transports_for_reset: None,
            pin_complexity_policy: None,
            max_pin_length: None,
            enc_cred_store_state: None,
            authenticator_config_commands: None,
        }
    }
}

section! {
    /// Its fingerprint sensor, where it has one that is managed over CTAP (`ctap-2.2 §6.7`).
    Fingerprints = "fingerprints" {
        /// How many fingers it keeps.
        templates: u8 = "templates";
        /// The samples that one enrolment takes.
        samples: u8 = "samples";
        /// The longest name of a finger, in bytes.
        name_length: u8 = "name-length";
    }
    optional {}
}

section! {
    /// How it shows itself on USB, where it does.
    Usb = "usb" {
        /// USB's number of its maker.
        vendor_id: u16 = "vendor-id";
        /// The maker's number of the product.
        product_id: u16 = "product-id";
        /// Maker and product, as the system shows them.
        name: String = "name";
    }
    optional {}
}

section! {
    /// What it attests when a relying party asks for it directly.
    Attestation = "attestation" {
        /// The statement format.
        format: String = "format";
        /// The shape of the chain.
        chain: Chain = "chain";
        /// What a relying party gets that asks for `none`.
        when_none: WhenNone = "when-none";
    }
    optional {
        /// The algorithm of the attestation key, where a certificate attests.
        algorithm: Algorithm = "algorithm";
        /// Whether the certificate names the AAGUID (`webauthn-3 §8.2.1`).
        aaguid_extension: bool = "aaguid-extension";
        /// How many CAs stand between the root and a batch certificate; without this, none.
        intermediates: u8 = "intermediates";
        /// Who certifies it, where that is not its maker.
        issuer: String = "issuer";
        /// Where Android keeps the key; without this, in the trusted execution environment.
        security_level: SecurityLevel = "security-level";
        /// The formats of the parts of a compound statement.
        parts: Vec<String> = "parts";
    }
}

section! {
    /// What FIDO metadata says, where the model has an entry.
    Metadata = "metadata" {
        /// FIDO certified, at any level.
        certified: bool = "certified";
        /// The status reports, newest first.
        statuses: Vec<String> = "statuses";
        /// The protocol family: `fido2`.
        protocol_family: String = "protocol-family";
        /// It verifies users, built in or by PIN.
        user_verification: bool = "user-verification";
        /// It holds discoverable credentials.
        resident_keys: bool = "resident-keys";
        /// It has `hmac-secret`.
        hmac_secret: bool = "hmac-secret";
    }
    optional {}
}
