//! The known name that is nearest to one that was mistyped.

/// Names longer than this are no slip of the finger.
const LONGEST: usize = 64;

/// The candidate that `name` was probably meant to be: at most a third of its letters differ.
///
/// ```
/// assert_eq!(lab_protocol::nearest::nearest("yubikey-5-ncf", ["yubikey-5-nfc", "samsung-pass"]), Some("yubikey-5-nfc"));
/// ```
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > LONGEST {
        return None;
    }
    let tolerance = (name.chars().count() / 3).max(1);
    let distances = candidates.into_iter().map(|candidate| (distance(name, candidate), candidate));
    distances.filter(|(distance, _)| *distance <= tolerance).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Levenshtein's distance, without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut next = vec![i + 1];
        for (y, diagonal_above) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = diagonal_above else { continue };
            let left = next.last().copied().unwrap_or(i + 1);
            let changed = diagonal + usize::from(x != *y);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["rpId", "origins", "switches"];
        assert_eq!(nearest("rpid", known), Some("rpId"));
        assert_eq!(nearest("swiches", known), Some("switches"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest(&"x".repeat(500), known), None);
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("Abc", "aBC"), 0);
    }
}
