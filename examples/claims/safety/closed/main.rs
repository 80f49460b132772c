//! A number is sent on a channel that was closed.

use std::sync::mpsc;

fn main() {
    let (sender, numbers) = mpsc::sync_channel(8);
    for _ in 0..2 {
        sender.send(1).unwrap();
        drop(sender);
    }
    println!("{} of 2", numbers.iter().sum::<i32>());
}
