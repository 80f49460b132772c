//! Puts with_tokio.rs through the cases of claim 4: fanout tokio CASE

#[path = "../../../../fanout/with_tokio.rs"]
mod with_tokio;

use crate::Answer;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use with_tokio::{Error, fan_out};

const LIMIT: u32 = 3;
const ITEMS: u32 = 20;
const PROMPT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(50);

/// What the calls of a case have in common.
#[derive(Default)]
struct Calls {
    started: AtomicU32,
    running: AtomicU32,
    most: AtomicU32,
}

/// A call that is running, until it is dropped: at its end, when it is cancelled, or in a panic.
struct Call {
    calls: Arc<Calls>,
    nth: u32, // items may be started in any order
}

impl Calls {
    fn enter(self: &Arc<Self>) -> Call {
        self.most
            .fetch_max(self.running.fetch_add(1, SeqCst) + 1, SeqCst);
        Call {
            calls: self.clone(),
            nth: self.started.fetch_add(1, SeqCst) + 1,
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.running.fetch_sub(1, SeqCst);
    }
}

async fn double(case: String, calls: Arc<Calls>, item: u32) -> Result<u32, Error> {
    let call = calls.enter();
    match (case.as_str(), call.nth) {
        ("order" | "bound", _) => sleep(Duration::from_millis((ITEMS - item).into())).await,
        ("error" | "left", 2) => {
            sleep(SHORT).await;
            return Err("the second call fails".into());
        }
        ("panic", 2) => {
            sleep(SHORT).await;
            panic!("the second call panics");
        }
        _ => sleep(LONG).await,
    }
    Ok(2 * item)
}

pub fn run(version: &str, case: &str) -> Answer {
    if version != "tokio" {
        return Err(format!("no such version: {version}").into());
    }
    tokio::runtime::Runtime::new()?.block_on(judged(case))
}

async fn judged(case: &str) -> Answer {
    let calls = Arc::new(Calls::default());
    let within = if case == "timeout" { SHORT } else { LONG / 2 };
    let began = Instant::now();
    let f = {
        let (case, calls) = (case.to_string(), calls.clone());
        move |item| double(case.clone(), calls.clone(), item)
    };
    // A task, as in a service: whoever cancels it drops the future, and a panic is its result.
    let task = tokio::spawn(fan_out(LIMIT as usize, within, (0..ITEMS).collect(), f));
    if case == "cancel" {
        sleep(SHORT).await;
        task.abort();
    }
    let ended = task.await;
    let took = began.elapsed();
    let (running, most, started) = (
        calls.running.load(SeqCst),
        calls.most.load(SeqCst),
        calls.started.load(SeqCst),
    );

    let wrong = match (case, &ended) {
        ("order" | "bound", Ok(Ok(results))) => {
            let right: Vec<u32> = (0..ITEMS).map(|i| 2 * i).collect();
            if case == "order" && *results != right {
                Some(format!("the results are {results:?}"))
            } else {
                None
            }
        }
        ("error" | "left", Ok(Err(error))) if error.to_string() == "the second call fails" => None,
        ("timeout", Ok(Err(error))) if error.is::<tokio::time::error::Elapsed>() => None,
        ("panic", Err(error)) if error.is_panic() => None,
        ("cancel", Err(error)) if error.is_cancelled() => None,
        _ => Some(format!("ended with {ended:?}")),
    };
    let why = wrong.unwrap_or_else(|| {
        if running > 0 {
            format!("{running} calls are still running")
        } else if most != LIMIT {
            format!("{most} calls ran at once, not {LIMIT}")
        } else if !matches!(case, "order" | "bound") && started > LIMIT + 1 {
            format!("{started} calls were started")
        } else if took > PROMPT {
            format!("it took {took:?}")
        } else {
            String::new()
        }
    });
    Ok(json!({"survived": why.is_empty(), "why": why}))
}
