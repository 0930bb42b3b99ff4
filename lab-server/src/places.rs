//! What takes long: on threads of its own, and only a few at the same time.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// When to try again where every place is taken, in seconds.
const LATER: u32 = 5;

/// A number of places. Whoever finds none is told to come back: nobody waits in line.
#[derive(Debug, Clone)]
pub struct Places(Arc<Semaphore>);

impl Places {
    /// So many.
    #[must_use]
    pub fn new(number: usize) -> Self {
        Self(Arc::new(Semaphore::new(number)))
    }

    /// Runs what takes long. A caller who goes away does not free the place: the work goes on.
    ///
    /// # Errors
    /// 503 where every place is taken.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = Arc::clone(&self.0).try_acquire_owned();
        let place = place.map_err(|_| Problem::busy("The lab runs as many long jobs as it can already.", LATER))?;
        blocking(move || {
            let done = work();
            drop(place);
            done
        })
        .await
    }
}

/// Runs what would keep other requests from being answered on a thread of its own.
///
/// # Errors
/// 500 where it panicked.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a job");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The job broke off.")
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn whoever_finds_no_place_is_told_when_to_come_back() {
        let places = Arc::new(Places::new(1));
        let ((begin, begun), (end, ended)) = (mpsc::channel(), mpsc::channel());
        let work = move || {
            begin.send(()).unwrap();
            ended.recv().unwrap();
        };
        let first = Arc::clone(&places);
        let first = tokio::spawn(async move { first.run(work).await });
        blocking(move || begun.recv()).await.unwrap().unwrap();
        let busy = places.run(|| ()).await.unwrap_err();
        assert_eq!((busy.status, busy.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(LATER)));
        end.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert!(places.run(|| ()).await.is_ok());
    }
}
