//! Two nodes own each other, so that neither is ever dropped. The compiler has nothing against it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static DROPPED: AtomicU32 = AtomicU32::new(0);

struct Node {
    other: RefCell<Option<Rc<Node>>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Relaxed);
    }
}

fn main() {
    {
        let one = Rc::new(Node {
            other: RefCell::new(None),
        });
        let two = Rc::new(Node {
            other: RefCell::new(Some(one.clone())),
        });
        *one.other.borrow_mut() = Some(two.clone());
        assert!(one.other.borrow().is_some() && two.other.borrow().is_some());
    }
    println!("{} of 2", DROPPED.load(Relaxed));
}
