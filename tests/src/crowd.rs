//! A tenant with any number of users in twelve scopes: made from a seed, never kept.
//!
//! The first twelve users are one of each scope; the others are drawn with the weights of `KINDS`.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The scopes: the groups of a user, the userType, and how many of a thousand users are in it.
const KINDS: [(&[usize], &str, u64); 12] = [
    (&[STAFF], "Member", 620),
    (&[STAFF, ADMINISTRATORS], "Member", 6),
    (&[ADMINISTRATORS], "Member", 4),
    (&[STAFF, KEYS], "Member", 40),
    (&[KEYS], "Member", 20),
    (&[STAFF, WINDOWS], "Member", 90),
    (&[WINDOWS], "Member", 30),
    (&[CONTRACTORS], "Member", 60),
    (&[STAFF], "Guest", 30),
    (&[STAFF, FRONT_LINE], "Member", 50),
    (&[], "Member", 30),
    (&[CONTRACTORS], "Guest", 20),
];

const STAFF: usize = 0;
const ADMINISTRATORS: usize = 1;
const KEYS: usize = 2;
const WINDOWS: usize = 3;
const CONTRACTORS: usize = 4;
const FRONT_LINE: usize = 5;
const GROUPS: [&str; 6] =
    ["Staff", "Administrators", "Hardware keys", "Windows Hello", "Contractors", "Front line terminals"];

/// Models that a passkey of today may be of: AAGUID, name, and whether it is synced and attested.
const MODELS: [(&str, &str, bool, bool); 5] = [
    ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "iCloud Keychain", true, false),
    ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager", true, false),
    ("de1e552d-db1d-4423-a619-566b625cdc84", "Microsoft Authenticator - Android", false, true),
    ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello Hardware Authenticator", false, false),
    ("a25342c0-3cdc-4414-8e46-f4807fca511c", "YubiKey 5 Series with NFC", false, true),
];

/// The files of the tenant, by name: the same for the same number and seed.
#[must_use]
pub fn files(users: usize, seed: u64) -> Vec<(String, String)> {
    let mut crowd = Crowd::new(seed);
    (0..users).for_each(|index| crowd.add(index));
    crowd.files()
}

/// SplitMix64: enough to scatter users.
struct Scatter(u64);

impl Scatter {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// A GUID of version 4.
    fn guid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (high, low) = (high & !0xf000 | 0x4000, low & (u64::MAX >> 2) | 1 << 63);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

struct Crowd {
    scatter: Scatter,
    tenant: String,
    groups: Vec<String>,
    profiles: Vec<String>,
    members: Vec<Vec<String>>,
    users: String,
    passkeys: String,
}

impl Crowd {
    fn new(seed: u64) -> Self {
        let mut scatter = Scatter(seed);
        let tenant = scatter.guid();
        let groups = GROUPS.map(|_| scatter.guid()).to_vec();
        let profiles = (0..4).map(|_| scatter.guid()).collect();
        let members = vec![Vec::new(); GROUPS.len()];
        Self { scatter, tenant, groups, profiles, members, users: String::new(), passkeys: String::new() }
    }

    fn add(&mut self, index: usize) {
        let id = self.scatter.guid();
        let (groups, user_type, _) = self.kind(index);
        for group in groups {
            self.members.get_mut(*group).into_iter().for_each(|members| members.push(id.clone()));
        }
        let separator = if index == 0 { "" } else { ",\n" };
        let user = json!({
            "id": id, "displayName": format!("User {index}"),
            "userPrincipalName": format!("user{index:06}@crowd.example"), "userType": user_type,
        });
        let _ = write!(self.users, "{separator}{user}");
        // Seven of ten have a passkey.
        if index < KINDS.len() || self.scatter.below(10) < 7 {
            let separator = if self.passkeys.is_empty() { "" } else { ",\n" };
            let passkey = self.passkey();
            let _ = write!(self.passkeys, "{separator}\"{id}\":[{passkey}]");
        }
    }

    fn kind(&mut self, index: usize) -> (&'static [usize], &'static str, u64) {
        let mut left = self.scatter.below(KINDS.iter().map(|(.., weight)| weight).sum());
        let drawn = KINDS.iter().find(|(.., weight)| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        *KINDS.get(index).or(drawn).unwrap_or(&KINDS[0])
    }

    fn passkey(&mut self) -> Value {
        let index = usize::try_from(self.scatter.below(MODELS.len() as u64)).unwrap_or(0);
        let (aaguid, model, synced, attested) = MODELS.get(index).copied().unwrap_or(MODELS[0]);
        json!({
            "id": format!("{:016x}{:016x}0", self.scatter.next(), self.scatter.next()),
            "displayName": model, "createdDateTime": "2026-06-01T08:00:00Z", "aaGuid": aaguid, "model": model,
            "attestationCertificates": [], "attestationLevel": if attested { "attested" } else { "notAttested" },
            "passkeyType": if synced { "synced" } else { "deviceBound" },
        })
    }

    fn files(self) -> Vec<(String, String)> {
        let groups = GROUPS.iter().zip(&self.groups).zip(&self.members);
        let groups: Vec<_> =
            groups.map(|((name, id), members)| json!({"id": id, "displayName": name, "members": members})).collect();
        vec![
            ("fido2.json".to_owned(), format!("{:#}\n", self.policy())),
            ("groups.json".to_owned(), format!("{}\n", json!({ "value": groups }))),
            ("lab.json".to_owned(), format!("{:#}\n", json!({ "tenantId": self.tenant }))),
            ("passkeys.json".to_owned(), format!("{{{}}}\n", self.passkeys)),
            ("users.json".to_owned(), format!("{{\"value\":[\n{}\n]}}\n", self.users)),
        ]
    }

    fn policy(&self) -> Value {
        const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
        let list = |aaguids: &[&str]| json!({"isEnforced": !aaguids.is_empty(), "enforcementType": "allow", "aaGuids": aaguids});
        let profile = |id: &str, name: &str, types: &str, attested: bool, aaguids: &[&str]| {
            let attestation = if attested { "registrationOnly" } else { "disabled" };
            json!({"id": id, "name": name, "passkeyTypes": types, "attestationEnforcement": attestation, "keyRestrictions": list(aaguids)})
        };
        let id = |index: usize| self.profiles.get(index).map_or("", String::as_str);
        let authenticator = ["de1e552d-db1d-4423-a619-566b625cdc84", "90a3ccdf-635c-4729-a248-9b709135078f"];
        let keys = ["a25342c0-3cdc-4414-8e46-f4807fca511c", "e77e3c64-05e3-428b-8824-0cbeb04b829d"];
        let hello = [
            "08987058-cadc-4b81-b6e1-30de50dcbe96",
            "9ddd1817-af5a-4672-a2b9-3e3dd95000a9",
            "6028b017-b1d4-4c02-b4b3-afcdafc96bb2",
        ];
        let targets = [DEFAULT, id(0), id(1), id(2), id(3)];
        let targets = targets.iter().zip(&self.groups).map(|(profile, group)| {
            json!({"targetType": "group", "id": group, "isRegistrationRequired": false, "allowedPasskeyProfiles": [profile]})
        });
        json!({
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "id": "Fido2", "state": "enabled",
            "isSelfServiceRegistrationAllowed": true, "isAttestationEnforced": false, "keyRestrictions": list(&[]),
            "defaultPasskeyProfile": DEFAULT,
            "passkeyProfiles": [
                profile(DEFAULT, "Default passkey profile", "deviceBound,synced", false, &[]),
                profile(id(0), "Microsoft Authenticator, attested", "deviceBound", true, &authenticator),
                profile(id(1), "Hardware keys, attested", "deviceBound", true, &keys),
                profile(id(2), "Windows Hello", "deviceBound", false, &hello),
                profile(id(3), "Synced only", "synced", false, &[]),
            ],
            "includeTargets": targets.collect::<Vec<_>>(),
            "excludeTargets": [{"targetType": "group", "id": self.groups.get(FRONT_LINE)}],
        })
    }
}
