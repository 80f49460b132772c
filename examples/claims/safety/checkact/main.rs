//! The last ticket is sold more than once.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

struct Shop {
    tickets: i32,
    sold: i32,
}

fn main() {
    let shop = Mutex::new(Shop {
        tickets: 1,
        sold: 0,
    });
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let left = shop.lock().unwrap().tickets;
                if left > 0 {
                    thread::sleep(Duration::from_millis(10)); // the payment
                    let mut shop = shop.lock().unwrap();
                    shop.tickets -= 1;
                    shop.sold += 1;
                }
            });
        }
    });
    println!("{} of 1", shop.lock().unwrap().sold);
}
