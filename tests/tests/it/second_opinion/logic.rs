//! Three-valued sentences, and how they add up to an answer.

/// What one sentence of the text is about a case: it holds, it does not, or nobody can say.
///
/// The last two carry the sentence's name, which is the id of the rule that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Holds,
    Fails(&'static str),
    Open(&'static str),
}

use Truth::{Fails, Holds, Open};

/// `sentence` by name, true or not.
pub fn says(sentence: &'static str, holds: bool) -> Truth {
    if holds { Holds } else { Fails(sentence) }
}

/// Every sentence must hold. The first that fails answers, else the first that is open.
pub fn every(sentences: &[Truth]) -> Truth {
    let fails = sentences.iter().find(|sentence| matches!(sentence, Fails(_)));
    let open = || sentences.iter().find(|sentence| matches!(sentence, Open(_)));
    fails.or_else(open).copied().unwrap_or(Holds)
}

/// One list of sentences must hold as a whole. Where none does, the one that came nearest answers: an
/// open one before those that fail, and of those the one in which the fewest sentences fail.
pub fn some(lists: &[Vec<Truth>]) -> Truth {
    let failures = |list: &&Vec<Truth>| list.iter().filter(|sentence| matches!(sentence, Fails(_))).count();
    let whole = lists.iter().find(|list| every(list) == Holds);
    let nearest = || lists.iter().min_by_key(failures);
    whole.or_else(nearest).map_or(Fails("entra/profile-match"), |list| every(list))
}

/// Verdict and deciding reason. The reason is empty where nothing has a name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub verdict: &'static str,
    pub because: &'static str,
}

impl From<Truth> for Answer {
    fn from(truth: Truth) -> Self {
        match truth {
            Holds => Self { verdict: "allowed", because: "" },
            Fails(because) => Self { verdict: "refused", because },
            Open(because) => Self { verdict: "unknown", because },
        }
    }
}

/// The sentences of one profile that fail, and those that are open, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Against {
    pub failed: Vec<&'static str>,
    pub open: Vec<&'static str>,
}

impl Against {
    fn of(sentences: &[Truth]) -> Self {
        let failed = |sentence: &Truth| if let Fails(name) = sentence { Some(*name) } else { None };
        let open = |sentence: &Truth| if let Open(name) = sentence { Some(*name) } else { None };
        Self {
            failed: sentences.iter().filter_map(failed).collect(),
            open: sentences.iter().filter_map(open).collect(),
        }
    }
}

/// The answer, and what speaks against each profile in scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opinion {
    pub answer: Answer,
    pub profiles: Vec<Against>,
}

impl Opinion {
    pub fn of(sentences: &[Truth], profiles: &[Vec<Truth>]) -> Self {
        Self {
            answer: every(sentences).into(),
            profiles: profiles.iter().map(|sentences| Against::of(sentences)).collect(),
        }
    }
}
