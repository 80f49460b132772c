//! Many tasks alive at once: tasks threads|tokio COUNT BUDGET
//!
//! Starts COUNT tasks, each of which says that it is there and then waits; stops when they need more
//! than BUDGET bytes. What is timed is how long it takes until all are there.

use crate::Answer;
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

const LOOK_EVERY: usize = 10_000;
const PAGE: u64 = 4096;

fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok())
        .unwrap_or(0)
        * PAGE
}

struct Measurement {
    most: u64,
    before: u64,
    began: Instant,
    stopped: String,
}

impl Measurement {
    fn allows(&mut self, count: usize) -> bool {
        if count.is_multiple_of(LOOK_EVERY) && resident().saturating_sub(self.before) > self.most {
            self.stopped = format!("the budget of {} MB of memory", self.most / 1_000_000);
        }
        self.stopped.is_empty()
    }

    fn end(&self, count: usize) -> Value {
        let seconds = self.began.elapsed().as_secs_f64();
        let bytes = resident().saturating_sub(self.before);
        json!({"count": count, "seconds": seconds, "bytes": bytes, "stopped": self.stopped})
    }
}

pub fn run(kind: &str, count: usize, most: u64) -> Answer {
    let measurement = Measurement {
        most,
        before: resident(),
        began: Instant::now(),
        stopped: String::new(),
    };
    match kind {
        "threads" => Ok(threads(count, measurement)),
        "tokio" => tokio_tasks(count, measurement),
        _ => Err(format!("no such kind of task: {kind}").into()),
    }
}

/// The threads are not joined: they end with the program.
fn threads(count: usize, mut measurement: Measurement) -> Value {
    let arrived = Arc::new((Mutex::new(0), Condvar::new()));
    let mut started = 0;
    while started < count && measurement.allows(started) {
        let arrived = arrived.clone();
        let task = move || {
            let (there, changed) = &*arrived;
            *there.lock().unwrap() += 1;
            changed.notify_one();
            thread::park(); // nobody unparks it
        };
        match thread::Builder::new().spawn(task) {
            Ok(_) => started += 1,
            Err(refused) => measurement.stopped = format!("the system: {refused}"),
        }
    }
    let (there, changed) = &*arrived;
    drop(changed.wait_while(there.lock().unwrap(), |n| *n < started));
    measurement.end(started)
}

fn tokio_tasks(count: usize, mut measurement: Measurement) -> Answer {
    let runtime = tokio::runtime::Runtime::new()?;
    let answer = runtime.block_on(async {
        let there = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(tokio::sync::Notify::new());
        let mut started = 0;
        while started < count && measurement.allows(started) {
            let (there, gate) = (there.clone(), gate.clone());
            tokio::spawn(async move {
                let opened = gate.notified();
                there.fetch_add(1, Ordering::Relaxed);
                opened.await;
            });
            started += 1;
        }
        while there.load(Ordering::Relaxed) < started {
            tokio::task::yield_now().await;
        }
        measurement.end(started)
    });
    runtime.shutdown_background();
    Ok(answer)
}
