//! Rust's part of the laboratory: the experiments that each language has one of.
//!
//!     lab SUBCOMMAND ARGUMENT...
//!
//! prints one line of JSON. Each subcommand is in a file of its own; Go's part is
//! examples/claims/lab_*.go, and Python's is python/lab_*.py.

mod channel;
mod echo;
mod fanout;
mod spin;
mod tasks;
mod ticker;

use serde_json::Value;
use std::error::Error;
use std::process::ExitCode;

type Answer = Result<Value, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match experiment(&arguments) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("lab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn experiment(arguments: &[String]) -> Answer {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["spin", "threads", workers, chunks, start] => {
            spin::run(workers.parse()?, chunks.parse()?, start.parse()?)
        }
        ["tasks", kind, count, budget] => tasks::run(kind, count.parse()?, budget.parse()?),
        ["channel", kind, messages] => channel::run(kind, messages.parse()?),
        ["ticker", rate, seconds] => ticker::run(rate.parse()?, seconds.parse()?),
        ["echo"] => echo::run(),
        ["fanout", version, case] => fanout::run(version, case),
        _ => Err(format!("no such experiment: {arguments:?}").into()),
    }
}
