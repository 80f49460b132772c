//! Keeps cores busy: spin threads WORKERS CHUNKS START
//!
//! Works on chunks 1 to CHUNKS, from START on (in seconds since 1970; 0 is now).

use crate::Answer;
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const STEPS: u32 = 10_000;

fn turn(mut x: u32) -> u32 {
    for _ in 0..STEPS {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |t| t.as_secs_f64())
}

pub fn run(workers: u32, chunks: u32, start: f64) -> Answer {
    thread::sleep(Duration::from_secs_f64((start - now()).max(0.0)));
    let began = now();
    let next = AtomicU32::new(1);
    let work = || {
        let mut sum = 0u32;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > chunks {
                return sum;
            }
            sum = sum.wrapping_add(turn(seed));
        }
    };
    let sum = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .map(|t| t.join().expect("turn does not panic"))
            .fold(0u32, u32::wrapping_add)
    });
    Ok(json!({"began": began, "ended": now(), "sum": sum}))
}
