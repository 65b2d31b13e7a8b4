//! A line between a register and the server: counts what goes over it, and can be cut.

use crate::BenchResult;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Bytes read at once.
const PART: usize = 64 * 1024;

#[derive(Debug, Default)]
struct State {
    to_server: AtomicU64,
    from_server: AtomicU64,
    cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// See above. Its threads end with their connections.
#[derive(Debug)]
pub struct Line {
    port: u16,
    state: Arc<State>,
}

impl Line {
    /// One to a port of this machine.
    pub fn to(server: u16) -> BenchResult<Line> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let line = Line { port: listener.local_addr()?.port(), state: Arc::default() };
        let state = line.state.clone();
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // A server that is away, or a line that is cut: the register's own to notice.
                if !state.cut.load(Ordering::SeqCst)
                    && let Ok(far) = TcpStream::connect(("127.0.0.1", server))
                {
                    drop(join(&near, &far, &state));
                }
            }
        });
        Ok(line)
    }

    /// Where registers connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts it, or mends it.
    pub fn cut(&self, cut: bool) {
        self.state.cut.store(cut, Ordering::SeqCst);
        if cut {
            let mut open = self.state.open.lock().unwrap_or_else(PoisonError::into_inner);
            for end in open.drain(..) {
                // Closed already.
                let _ = end.shutdown(Shutdown::Both);
            }
        }
    }

    /// Bytes to the server and from it.
    pub fn bytes(&self) -> (f64, f64) {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst) as f64;
        (of(&self.state.to_server), of(&self.state.from_server))
    }
}

fn join(near: &TcpStream, far: &TcpStream, state: &Arc<State>) -> io::Result<()> {
    for end in [near, far] {
        end.set_nodelay(true)?;
        state.open.lock().unwrap_or_else(PoisonError::into_inner).push(end.try_clone()?);
    }
    for (from, to, up) in [(near, far, true), (far, near, false)] {
        let (from, to, state) = (from.try_clone()?, to.try_clone()?, state.clone());
        thread::spawn(move || {
            let count = if up { &state.to_server } else { &state.from_server };
            // The end of a connection, from whichever side.
            let _ = carry(&from, &to, count);
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }
    Ok(())
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, count: &AtomicU64) -> io::Result<()> {
    let mut part = vec![0; PART];
    loop {
        let read = from.read(&mut part)?;
        if read == 0 {
            return Ok(());
        }
        count.fetch_add(read as u64, Ordering::SeqCst);
        to.write_all(&part[..read])?;
    }
}
