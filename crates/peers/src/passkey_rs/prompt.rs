//! The person in front of the authenticator, and the few lines that run its futures.
//!
//! The crate asks the person in the middle of a future. The future then waits here, the caller's
//! thread asks, and the future goes on: no executor, no second thread.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use lab_protocol::{DeviceError, Status};
use passkey::authenticator::{UiHint, UserCheck, UserValidationMethod};
use passkey::types::Passkey;
use passkey::types::ctap2::Ctap2Error;

/// What the person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Touches and is verified.
    Consents,
    /// Declines.
    Declines,
    /// The client gave up meanwhile.
    Cancels,
}

/// The desk between the future that asks and the thread that answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Prompt(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
struct Desk {
    question: Option<Status>,
    answer: Option<Answer>,
}

impl Prompt {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, status: Status) -> Answer {
        poll_fn(|_| {
            let mut desk = self.desk();
            match desk.answer.take() {
                Some(answer) => Poll::Ready(answer),
                None => {
                    desk.question = Some(status);
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[async_trait::async_trait]
impl UserValidationMethod for Prompt {
    type PasskeyItem = Passkey;

    /// Asks where presence or verification is wanted; a silent probe finds nobody. The crate leaves
    /// it to this method to end a registration that the exclude list forbids.
    async fn check_user<'a>(
        &self,
        hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        if !presence && !verification {
            return Ok(UserCheck { presence: false, verification: false });
        }
        let excluded = matches!(hint, UiHint::InformExcludedCredentialFound(_));
        match self.ask(if verification { Status::UvNeeded } else { Status::UpNeeded }).await {
            Answer::Cancels => Err(Ctap2Error::KeepAliveCancel),
            Answer::Declines => Err(Ctap2Error::OperationDenied),
            Answer::Consents if excluded => Err(Ctap2Error::CredentialExcluded),
            Answer::Consents => Ok(UserCheck { presence: true, verification: true }),
        }
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// Runs `future`, and `answer`s each question that it puts on the desk.
///
/// # Errors
/// It waits without having asked anything: nobody would ever wake it.
pub(super) fn block_on<T>(
    future: impl Future<Output = T>,
    prompt: &Prompt,
    mut answer: impl FnMut(Status) -> Answer,
) -> Result<T, DeviceError> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        let question = prompt.desk().question.take();
        let question = question.ok_or_else(|| DeviceError::Garbled("it waits for nobody".to_owned()))?;
        let given = answer(question);
        prompt.desk().answer = Some(given);
    }
}
