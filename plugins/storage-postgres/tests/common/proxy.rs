//! A line to a server that can be held, made deaf, and cut.

#![allow(clippy::unwrap_used, dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

#[derive(Default)]
struct Line {
    client: Option<TcpStream>,
    server: Option<TcpStream>,
    /// What the client says is kept.
    held: bool,
    /// What the server says is thrown away.
    deaf: bool,
}

#[derive(Default)]
struct Shared {
    lines: Mutex<Vec<Line>>,
    changed: Condvar,
    refusing: AtomicBool,
    /// How often a client spoke after its server had.
    turns: AtomicU64,
}

/// A proxy on a loopback port.
pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
}

impl Proxy {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let ours = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                if ours.refusing.load(Ordering::Acquire) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                begin(&ours, client, server);
            }
        });
        Proxy { shared, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn turns(&self) -> u64 {
        self.shared.turns.load(Ordering::Acquire)
    }

    fn all(&self, change: impl Fn(&mut Line)) {
        self.shared.lines.lock().unwrap().iter_mut().for_each(change);
        self.shared.changed.notify_all();
    }

    /// Nobody new gets in; or does again.
    pub fn refuse(&self, refuse: bool) {
        self.shared.refusing.store(refuse, Ordering::Release);
    }

    /// What clients of now say stays here.
    pub fn hold(&self) {
        self.all(|line| line.held = true);
    }

    /// It goes on to the server, also when the client is gone.
    pub fn release(&self) {
        self.all(|line| line.held = false);
    }

    /// What the server says to the clients of now is lost.
    pub fn deafen(&self) {
        self.all(|line| line.deaf = true);
    }

    /// The clients of now lose their server; it still has what they said.
    pub fn cut(&self) {
        self.all(|line| {
            if let Some(client) = line.client.take() {
                let _ = client.shutdown(Shutdown::Both);
            }
        });
    }

    /// Waits until so many bytes of clients are held, in any line.
    pub fn wait_until(&self, mut done: impl FnMut() -> bool) {
        let start = std::time::Instant::now();
        while !done() {
            assert!(start.elapsed().as_secs() < 60, "it does not come");
            thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}

fn begin(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let number = {
        let mut lines = shared.lines.lock().unwrap();
        let line = Line { client: client.try_clone().ok(), server: server.try_clone().ok(), ..Line::default() };
        lines.push(line);
        lines.len() - 1
    };
    let spoke = Arc::new(AtomicBool::new(true));
    let (ours, theirs, heard) = (shared.clone(), shared.clone(), spoke.clone());
    let (mut client_in, mut server_out) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let mut bytes = vec![0; 65_536];
        while let Ok(count) = client_in.read(&mut bytes) {
            if count == 0 {
                break;
            }
            if heard.swap(false, Ordering::AcqRel) {
                ours.turns.fetch_add(1, Ordering::AcqRel);
            }
            let mut lines = ours.lines.lock().unwrap();
            while lines[number].held {
                lines = ours.changed.wait(lines).unwrap();
            }
            drop(lines);
            if server_out.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = server_out.shutdown(Shutdown::Write);
    });
    let (mut server_in, mut client_out) = (server, client);
    thread::spawn(move || {
        let mut bytes = vec![0; 65_536];
        while let Ok(count) = server_in.read(&mut bytes) {
            if count == 0 {
                break;
            }
            spoke.store(true, Ordering::Release);
            let deaf = theirs.lines.lock().unwrap()[number].deaf;
            // A client that is gone hears nothing, and the server may go on speaking.
            if !deaf {
                let _ = client_out.write_all(&bytes[..count]);
            }
        }
        let _ = client_out.shutdown(Shutdown::Both);
    });
}
