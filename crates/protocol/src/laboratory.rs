//! Relying parties that are nobody's: what an emulated key may answer when others can reach it.

/// The host that is always a laboratory.
pub const LOCALHOST: &str = "localhost";
/// The endings that are nobody's: RFC 2606, RFC 6761.
const ENDINGS: &[&str] = &[".localhost", ".test", ".example", ".invalid"];

/// Whether an RP ID is `localhost`, or under a name that nobody can register.
#[must_use]
pub fn is_laboratory(rp_id: &str) -> bool {
    rp_id == LOCALHOST || ENDINGS.iter().any(|ending| rp_id.len() > ending.len() && rp_id.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_can_register_are_laboratories() {
        for rp_id in ["localhost", "a.localhost", "passkey-lab.test", "rp.example", "x.invalid"] {
            assert!(is_laboratory(rp_id), "{rp_id}");
        }
        for rp_id in ["", ".test", "test", "login.microsoft.com", "localhost.com", "example.com", "LOCALHOST"] {
            assert!(!is_laboratory(rp_id), "{rp_id}");
        }
    }
}
