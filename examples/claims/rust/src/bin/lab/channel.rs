//! The speed of a channel: channel threads|tokio MESSAGES
//!
//! One task sends numbers to another, through a channel with room for 128.

use crate::Answer;
use serde_json::json;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const ROOM: usize = 128;

pub fn run(kind: &str, messages: u64) -> Answer {
    let began = Instant::now();
    let sum = match kind {
        "threads" => threads(messages),
        "tokio" => tokio_tasks(messages)?,
        _ => return Err(format!("no such kind of channel: {kind}").into()),
    };
    Ok(json!({"seconds": began.elapsed().as_secs_f64(), "sum": sum}))
}

fn threads(messages: u64) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(ROOM);
    thread::spawn(move || {
        for i in 0..messages {
            if sender.send(i).is_err() {
                return; // nobody receives any more
            }
        }
    });
    receiver.iter().sum()
}

fn tokio_tasks(messages: u64) -> Result<u64, Box<dyn std::error::Error>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(ROOM);
        tokio::spawn(async move {
            for i in 0..messages {
                if sender.send(i).await.is_err() {
                    return;
                }
            }
        });
        // block_on runs on the thread that called it; a task of its own is among the workers.
        let receiving = tokio::spawn(async move {
            let mut sum = 0;
            while let Some(i) = receiver.recv().await {
                sum += i;
            }
            sum
        });
        Ok(receiving.await?)
    })
}
