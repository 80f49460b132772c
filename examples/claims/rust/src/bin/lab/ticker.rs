//! How late a tick is beside allocation: ticker MEGABYTES_PER_SECOND SECONDS
//!
//! One thread sleeps until each millisecond, and another one allocates at a fixed rate and keeps the last
//! objects. Rust frees each when it is replaced.

use crate::Answer;
use serde_json::json;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_millis(1);
const LIVE: usize = 250_000;
const SIZE: f64 = 256.0;

/// 256 bytes in two pieces.
struct Object {
    name: Box<[u8; 32]>,
    rest: [u8; 216],
}

fn object(i: usize) -> Box<Object> {
    Box::new(Object {
        name: Box::new([i as u8; 32]),
        rest: [i as u8; 216],
    })
}

/// Allocates so many objects a second until it is told to stop, and returns how many there were.
fn allocate(live: &mut [Box<Object>], per_second: f64, stop: &AtomicBool) -> usize {
    let began = Instant::now();
    let mut made = 0;
    while !stop.load(Ordering::Relaxed) {
        let owed = (began.elapsed().as_secs_f64() * per_second) as usize;
        let batch = owed.saturating_sub(made).min(1000);
        for _ in 0..batch {
            live[made % LIVE] = object(made);
            made += 1;
        }
        if made >= owed {
            thread::sleep(PERIOD);
        }
    }
    black_box(
        live.iter()
            .map(|o| o.name[0] as usize + o.rest[0] as usize)
            .sum::<usize>(),
    );
    made
}

/// Returns how late each tick was, in microseconds.
fn tick(seconds: f64) -> Vec<f64> {
    let ticks = (seconds / PERIOD.as_secs_f64()) as u32;
    let began = Instant::now();
    let late = |tick: u32| {
        let due = began + PERIOD * tick;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due.elapsed().as_secs_f64() * 1e6
    };
    (1..=ticks).map(late).collect()
}

pub fn run(megabytes: f64, seconds: f64) -> Answer {
    let mut live: Vec<_> = (0..LIVE).map(object).collect();
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let (made, mut late) = thread::scope(|scope| {
        let allocating = scope.spawn(|| allocate(&mut live, megabytes * 1e6 / SIZE, &stop));
        let late = tick(seconds);
        stop.store(true, Ordering::Relaxed);
        (allocating.join().expect("allocate does not panic"), late)
    });
    let reached = made as f64 * SIZE / 1e6 / began.elapsed().as_secs_f64();
    late.sort_by(f64::total_cmp);
    let quantile =
        |q: f64| late[((late.len() as f64 * q).ceil() as usize).clamp(1, late.len()) - 1];
    Ok(json!({"p999": quantile(0.999), "reached": reached}))
}
