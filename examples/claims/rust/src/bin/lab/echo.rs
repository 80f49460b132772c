//! A service that says what it is told: echo
//!
//! Prints {"port": N} when it listens, and ends when its standard input does.

use crate::Answer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub fn run() -> Answer {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", json!({"port": listener.local_addr()?.port()}));
        tokio::spawn(serve(listener));
        let mut input = tokio::io::stdin();
        while input.read(&mut [0; 1]).await? > 0 {}
        Ok(json!({}))
    })
}

async fn serve(listener: TcpListener) {
    // An error to accept ends the service; whoever connects sees it.
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(echo(connection));
    }
}

async fn echo(mut connection: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let n = connection.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        connection.write_all(&buffer[..n]).await?;
    }
}
