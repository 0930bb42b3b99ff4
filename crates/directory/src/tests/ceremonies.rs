//! Challenges that wait.

use jiff::SignedDuration;
use lab_relying_party::options::{Request, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::{Challenge, Pending};

use super::support::time;
use crate::{Ceremonies, CeremonyError};

fn pending(challenge: u32) -> (Challenge, Pending) {
    let challenge = Challenge::from(challenge.to_be_bytes().to_vec());
    let options = entra::request(Request { rp_id: "localhost", challenge: &challenge, allow_credentials: Vec::new() });
    let lifetime = SignedDuration::from_mins(5);
    let issue = Issue { challenge: &challenge, rp_id: "localhost", now: time(), lifetime };
    let pending = Pending::authentication(options, None, issue);
    (challenge, pending)
}

#[test]
fn a_challenge_is_answered_once() {
    let mut ceremonies = Ceremonies::default();
    let (challenge, pending) = pending(1);
    ceremonies.wait(pending, "context");
    assert_eq!(ceremonies.look(challenge.bytes()).unwrap().context, "context");
    assert_eq!(ceremonies.answer(b"another", time()), Err(CeremonyError::Unknown));
    assert_eq!(ceremonies.answer(challenge.bytes(), time()).unwrap().context, "context");
    assert_eq!(ceremonies.answer(challenge.bytes(), time()), Err(CeremonyError::Used));
    assert!(ceremonies.is_empty());
}

#[test]
fn a_challenge_is_answered_in_time() {
    let mut ceremonies = Ceremonies::default();
    let ((first, one), (second, two)) = (pending(1), pending(2));
    ceremonies.wait(one, ());
    ceremonies.wait(two, ());
    let expires = time() + SignedDuration::from_mins(5);
    assert!(ceremonies.answer(first.bytes(), expires).is_ok());
    let now = expires + SignedDuration::from_nanos(1);
    assert_eq!(ceremonies.answer(second.bytes(), now), Err(CeremonyError::Expired { expires, now }));
    assert_eq!(ceremonies.answer(second.bytes(), time()), Err(CeremonyError::Expired { expires, now }));
}

#[test]
fn when_there_are_too_many_the_oldest_gives_way() {
    let mut by_count = Ceremonies::new(10, usize::MAX);
    let mut by_size = Ceremonies::new(usize::MAX, 10 * 1100);
    for challenge in 0..100 {
        let (_, waiting) = pending(challenge);
        by_count.wait(waiting.clone(), ());
        by_size.wait(waiting, ());
    }
    for mut ceremonies in [by_count, by_size] {
        assert_eq!(ceremonies.len(), 10);
        assert_eq!(ceremonies.answer(pending(89).0.bytes(), time()), Err(CeremonyError::Unknown));
        assert!(ceremonies.answer(pending(90).0.bytes(), time()).is_ok());
    }
}
