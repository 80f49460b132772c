//! A future that is dropped is cancelled, and try_collect drops the others at the first error. The
//! stream is unordered, since one in order would look at an error only when its turn comes; so the
//! results are numbered, and sorted in the end. All calls are parts of one task: they wait at the same
//! time, and do not compute at the same time.
//!
//! Concepts: async and await, future, stream, combinator, buffer_unordered, try_collect, drop as
//! cancellation, timeout, generic bounds

use futures_util::{StreamExt, TryFutureExt, TryStreamExt, stream};
use std::time::Duration;
use tokio::time::timeout;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub async fn fan_out<F, R>(
    limit: usize,
    within: Duration,
    items: Vec<u32>,
    f: F,
) -> Result<Vec<u32>, Error>
where
    F: Fn(u32) -> R,
    R: Future<Output = Result<u32, Error>>,
{
    let calls = items
        .into_iter()
        .enumerate()
        .map(|(i, item)| f(item).map_ok(move |result| (i, result)));
    let running = stream::iter(calls).buffer_unordered(limit).try_collect();
    let mut results: Vec<_> = timeout(within, running).await??;
    results.sort_unstable_by_key(|(i, _)| *i);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
