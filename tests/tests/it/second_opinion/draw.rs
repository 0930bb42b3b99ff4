//! Random draws that are the same on every machine: splitmix64.

pub struct Draw(u64);

impl Draw {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// True in so many of a hundred draws.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Each element with this chance.
    pub fn some<T: Copy>(&mut self, of: &[T], chance: usize) -> Vec<T> {
        of.iter().copied().filter(|_| self.percent(chance)).collect()
    }

    /// `usual`, and something else in so many of a hundred draws.
    pub fn mostly<T: Copy>(&mut self, usual: T, chance: usize, others: &[T]) -> T {
        if self.percent(chance) { self.one(others) } else { usual }
    }

    /// The text as it is, or in upper case as some exports have it.
    pub fn in_some_case(&mut self, text: &str) -> String {
        if self.percent(20) { text.to_uppercase() } else { text.to_owned() }
    }
}
