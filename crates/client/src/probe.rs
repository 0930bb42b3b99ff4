//! Lists of credentials that are too long for one request: the authenticator is asked part by part,
//! silently, which of them it holds (`ctap-2.2 §6.2`, getAssertion with `up` false).

use lab_protocol::ctap2::{Command, Descriptor, get_assertion, split_reply};

use crate::key::{Key, message};

/// A list on its way to becoming short enough.
#[derive(Debug)]
pub(crate) struct Probe {
    rp_id: String,
    batches: std::vec::IntoIter<Vec<Descriptor>>,
    asked: Vec<Descriptor>,
}

/// What became of a list.
#[derive(Debug)]
pub(crate) enum Probed {
    /// Ask this first.
    Ask(Vec<u8>, Probe),
    /// Send this list; it is empty where the authenticator holds none of them.
    List(Vec<Descriptor>),
}

impl Probe {
    /// Begins, unless one request takes the whole list.
    pub(crate) fn begin(key: &Key, rp_id: &str, list: Vec<Descriptor>) -> Probed {
        let mut batches = key.batches(list);
        if batches.len() <= 1 {
            return Probed::List(batches.pop().unwrap_or_default());
        }
        Self { rp_id: rp_id.to_owned(), batches: batches.into_iter(), asked: Vec::new() }.next()
    }

    /// Goes on with the reply to the last question. Whatever is not a hit counts as a miss, an
    /// authenticator that answers nothing silently included.
    pub(crate) fn answer(self, reply: &[u8]) -> Probed {
        match split_reply(reply) {
            Some((status, _)) if status.is_ok() => Probed::List(self.asked),
            _ => self.next(),
        }
    }

    fn next(mut self) -> Probed {
        let Some(batch) = self.batches.next() else { return Probed::List(Vec::new()) };
        self.asked.clone_from(&batch);
        let request = get_assertion::Request {
            rp_id: self.rp_id.clone(),
            allow_list: Some(batch),
            options: vec![("up".to_owned(), false)],
            ..Default::default()
        };
        Probed::Ask(message(Command::GET_ASSERTION, &request.encode()), self)
    }
}
