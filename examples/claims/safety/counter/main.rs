//! Threads add to one variable without a lock.

use std::thread;

fn main() {
    let mut count = 0;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    let now = count;
                    thread::yield_now();
                    count = now + 1;
                }
            });
        }
    });
    println!("{count} of 4000");
}
