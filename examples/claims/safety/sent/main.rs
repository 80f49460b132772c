//! A message is changed after it was sent.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, messages) = mpsc::sync_channel::<Vec<u8>>(8);
    let receiver =
        thread::spawn(move || (0..8).filter(|i| messages.recv().unwrap()[0] == *i).count());
    let mut buffer = vec![0];
    for i in 0..8 {
        buffer[0] = i;
        sender.send(buffer).unwrap();
    }
    println!("{} of 8", receiver.join().unwrap());
}
