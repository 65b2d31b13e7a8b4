//! Messages over a pair of sockets: what a runner and its host say to each other. A transport, and nothing else: no
//! capability is named here but the two that calls can talk to.

use aurapos_contract::backup::{BackupHostClient, BackupHostTable};
use aurapos_contract::call::{Bytes, Caller, Link, Method, Opened, Reply, Serve};
use aurapos_contract::storage::StoreTable;
use aurapos_contract::{
    ApiVersion, ErrorCode, PluginError, PluginResult, Progress, RecordStore, codec, wire_enum, wire_struct,
};
use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often a caller looks whether its call should be cancelled. (In a program: when somebody says so.)
const CANCEL_POLL: Duration = Duration::from_millis(2);

wire_enum! {
    /// What a message is.
    pub strict enum Kind {
        /// Host to plugin: method `method` of object `object`.
        1 => Call,
        /// Plugin to host: the answer, an error, or a store as an object.
        2 => Answer,
        /// Host to plugin: nobody has this object any more.
        3 => Drop,
        /// Plugin to host, inside call `id`: a question to the backup host, answered under `question`.
        4 => Ask,
        /// Host to plugin: its answer.
        5 => Told,
        /// Plugin to host, inside call `id`: progress. Host to plugin with a `question`: progress of the host's own work.
        6 => Report,
        /// Host to plugin: call `id` should stop. Plugin to host with a `question`: so should the host's own work.
        7 => Cancel,
    }
}

wire_struct! {
    /// One message.
    pub struct Frame {
        /// What.
        1 => kind: Kind,
        /// Of which call.
        2 => id: u64,
        /// To which object; in an answer, the store that was opened.
        3 => object: u64,
        /// Number of the method in its table.
        4 => method: u32,
        /// Of which question inside the call; 0: the call itself.
        5 => question: u64,
        /// Request, answer or error.
        6 => bytes: Vec<u8>,
        /// `bytes` is an error.
        7 => failed: bool,
        /// Progress.
        8 => done: u64,
        /// Progress.
        9 => total: u64,
        /// Progress.
        10 => text: String,
    }
}

/// One end.
pub struct Pipe {
    out: Mutex<UnixStream>,
    waiting: Mutex<HashMap<(u64, u64), Sender<Frame>>>,
    next: AtomicU64,
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipe")
    }
}

impl Pipe {
    /// An end that hands what nobody waits for to `heard`.
    fn open(stream: UnixStream, heard: impl Fn(&Arc<Pipe>, Frame) + Send + 'static) -> Arc<Pipe> {
        let mut from = stream.try_clone().unwrap();
        let pipe = Arc::new(Pipe { out: Mutex::new(stream), waiting: Mutex::default(), next: AtomicU64::new(1) });
        let weak = Arc::downgrade(&pipe);
        thread::spawn(move || {
            loop {
                let mut length = [0; 4];
                if from.read_exact(&mut length).is_err() {
                    return;
                }
                let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
                from.read_exact(&mut bytes).unwrap();
                let frame: Frame = codec::decode(&bytes).unwrap();
                let Some(pipe) = weak.upgrade() else { return };
                let waits = pipe.waiting.lock().unwrap().get(&(frame.id, frame.question)).cloned();
                let to_call = pipe.waiting.lock().unwrap().get(&(frame.id, 0)).cloned();
                match waits.or_else(|| to_call.filter(|_| frame.kind == Kind::Ask)) {
                    Some(waits) => drop(waits.send(frame)),
                    None => heard(&pipe, frame),
                }
            }
        });
        pipe
    }

    fn send(&self, frame: &Frame) {
        let bytes = codec::encode(frame);
        let mut out = self.out.lock().unwrap();
        // The other side may be gone; whoever waits for it finds out.
        let _ = out.write_all(&(bytes.len() as u32).to_le_bytes()).and_then(|()| out.write_all(&bytes));
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn wait_for(&self, id: u64, question: u64) -> Receiver<Frame> {
        let (send, receive) = channel();
        self.waiting.lock().unwrap().insert((id, question), send);
        receive
    }

    fn forget(&self, id: u64, question: u64) {
        self.waiting.lock().unwrap().remove(&(id, question));
    }
}

fn result(frame: Frame) -> PluginResult<Vec<u8>> {
    if frame.failed { Err(codec::decode(&frame.bytes)?) } else { Ok(frame.bytes) }
}

fn answer(id: u64, question: u64, kind: Kind, result: PluginResult<Vec<u8>>) -> Frame {
    let failed = result.is_err();
    let bytes = result.unwrap_or_else(|error| codec::encode(&error));
    Frame { kind, id, question, bytes, failed, ..Default::default() }
}

/// The host's side of an object behind the pipe.
#[derive(Debug)]
pub struct PipedLink {
    pipe: Arc<Pipe>,
    object: u64,
}

impl PipedLink {
    pub fn to(stream: UnixStream) -> PipedLink {
        PipedLink { pipe: Pipe::open(stream, |_, _| {}), object: 0 }
    }

    /// Answers a question of the plugin beside the call that it belongs to.
    fn serve(&self, ask: Frame, caller: Caller<'_>) {
        let inner = self.pipe.wait_for(ask.id, ask.question);
        let progress = Told { pipe: &self.pipe, id: ask.id, question: ask.question, cancels: Mutex::new(inner) };
        let mut bytes = Vec::new();
        let mut reply = Reply::new(&mut bytes, ApiVersion::OWN);
        let within = Caller::NOBODY.progress(&progress);
        let done = BackupHostTable::serve(caller.host, ask.method, &ask.bytes, within, &mut reply);
        self.pipe.forget(ask.id, ask.question);
        self.pipe.send(&answer(ask.id, ask.question, Kind::Told, done.map(|()| bytes)));
    }
}

/// The host tells the plugin how far its own work is.
#[derive(Debug)]
struct Told<'a> {
    pipe: &'a Pipe,
    id: u64,
    question: u64,
    cancels: Mutex<Receiver<Frame>>,
}

impl Progress for Told<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        let (id, question, text) = (self.id, self.question, text.to_owned());
        self.pipe.send(&Frame { kind: Kind::Report, id, question, done, total, text, ..Default::default() });
    }
    fn cancelled(&self) -> bool {
        self.cancels.lock().unwrap().try_recv().is_ok_and(|frame| frame.kind == Kind::Cancel)
    }
}

impl Link for PipedLink {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        out: &mut Bytes,
    ) -> PluginResult<Opened> {
        let (id, object) = (self.pipe.number(), self.object);
        let heard = self.pipe.wait_for(id, 0);
        let cancel = Frame { kind: Kind::Cancel, id, ..Default::default() };
        // Cancelled before it began: the plugin knows from the first moment on.
        let mut told = caller.progress.cancelled();
        if told {
            self.pipe.send(&cancel);
        }
        let (kind, bytes) = (Kind::Call, request.to_vec());
        self.pipe.send(&Frame { kind, id, object, method: method.number, bytes, ..Default::default() });
        loop {
            match heard.recv_timeout(CANCEL_POLL) {
                Ok(frame) if frame.kind == Kind::Report => {
                    caller.progress.report(frame.done, frame.total, &frame.text);
                }
                Ok(frame) if frame.kind == Kind::Ask => self.serve(frame, caller),
                Ok(frame) => {
                    self.pipe.forget(id, 0);
                    let store = frame.object;
                    out.put(result(frame)?);
                    let opened = (store != 0).then(|| PipedLink { pipe: Arc::clone(&self.pipe), object: store });
                    return Ok(opened.map(|link| Arc::new(link) as Arc<dyn Link>));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PluginError::new(ErrorCode::Closed, "the other side is gone"));
                }
            }
            if !told && caller.progress.cancelled() {
                told = true;
                self.pipe.send(&cancel);
            }
        }
    }
    fn peer(&self) -> ApiVersion {
        ApiVersion::OWN
    }
    fn unreadable(&self, method: &'static Method, reason: &str) {
        panic!("{}: {reason}", method.name);
    }
}

impl Drop for PipedLink {
    fn drop(&mut self) {
        self.pipe.send(&Frame { kind: Kind::Drop, object: self.object, ..Default::default() });
    }
}

/// The plugin's side: one object, and the stores that it opened.
pub struct Served<T: ?Sized> {
    object: Arc<T>,
    stores: Mutex<HashMap<u64, Arc<dyn RecordStore>>>,
    cancels: Mutex<HashMap<u64, Arc<AtomicBool>>>,
}

impl<T: ?Sized + Send + Sync + 'static> Served<T> {
    /// Serves until the other side is gone.
    pub fn serve<S: Serve<T>>(object: Arc<T>, stream: UnixStream) -> Arc<Self> {
        let served = Arc::new(Served { object, stores: Mutex::default(), cancels: Mutex::default() });
        let shared = Arc::clone(&served);
        let keep: Mutex<Option<Arc<Pipe>>> = Mutex::new(None);
        let pipe = Pipe::open(stream, move |pipe, frame| {
            keep.lock().unwrap().get_or_insert_with(|| Arc::clone(pipe));
            match frame.kind {
                Kind::Call => {
                    let (shared, pipe) = (Arc::clone(&shared), Arc::clone(pipe));
                    thread::spawn(move || shared.one::<S>(&pipe, frame));
                }
                Kind::Drop => drop(shared.stores.lock().unwrap().remove(&frame.object)),
                Kind::Cancel => shared.cancel_of(frame.id).store(true, Ordering::Release),
                _ => {}
            }
        });
        // Lives as long as the thread that reads: the first message keeps it.
        std::mem::forget(pipe);
        served
    }

    /// How many stores are open.
    pub fn stores(&self) -> usize {
        self.stores.lock().unwrap().len()
    }

    fn cancel_of(&self, id: u64) -> Arc<AtomicBool> {
        Arc::clone(self.cancels.lock().unwrap().entry(id).or_default())
    }

    fn one<S: Serve<T>>(&self, pipe: &Arc<Pipe>, frame: Frame) {
        let Frame { id, object, method, bytes: request, .. } = frame;
        let inside = Inside { pipe, id, cancelled: self.cancel_of(id) };
        let host = BackupHostClient(&inside);
        let caller = Caller { progress: &inside, host: &host };
        let mut bytes = Vec::new();
        let mut reply = Reply::new(&mut bytes, ApiVersion::OWN);
        let done = if object == 0 {
            S::serve(&self.object, method, &request, caller, &mut reply)
        } else {
            let store = self.stores.lock().unwrap().get(&object).cloned();
            let gone = || PluginError::new(ErrorCode::Closed, "there is no such store");
            store.ok_or_else(gone).and_then(|store| StoreTable::serve(&*store, method, &request, caller, &mut reply))
        };
        let opened = reply.store.take().map_or(0, |store| {
            let handle = pipe.number();
            self.stores.lock().unwrap().insert(handle, Arc::from(store));
            handle
        });
        let whole = reply.whole.take();
        bytes = whole.unwrap_or(bytes);
        self.cancels.lock().unwrap().remove(&id);
        pipe.send(&Frame { object: opened, ..answer(id, 0, Kind::Answer, done.map(|()| bytes)) });
    }
}

/// Whom a call can talk to while it goes on, on the plugin's side.
#[derive(Debug)]
struct Inside<'a> {
    pipe: &'a Pipe,
    id: u64,
    cancelled: Arc<AtomicBool>,
}

impl Progress for Inside<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        let (kind, id, text) = (Kind::Report, self.id, text.to_owned());
        self.pipe.send(&Frame { kind, id, done, total, text, ..Default::default() });
    }
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
}

impl Link for Inside<'_> {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        out: &mut Bytes,
    ) -> PluginResult<Opened> {
        let (id, question) = (self.id, self.pipe.number());
        let heard = self.pipe.wait_for(id, question);
        let (kind, bytes) = (Kind::Ask, request.to_vec());
        self.pipe.send(&Frame { kind, id, question, method: method.number, bytes, ..Default::default() });
        loop {
            let frame = heard.recv().map_err(|_| PluginError::new(ErrorCode::Closed, "the host is gone"))?;
            if frame.kind == Kind::Report {
                caller.progress.report(frame.done, frame.total, &frame.text);
                if caller.progress.cancelled() {
                    self.pipe.send(&Frame { kind: Kind::Cancel, id, question, ..Default::default() });
                }
                continue;
            }
            self.pipe.forget(id, question);
            out.put(result(frame)?);
            return Ok(None);
        }
    }
    fn peer(&self) -> ApiVersion {
        ApiVersion::OWN
    }
    fn unreadable(&self, method: &'static Method, reason: &str) {
        panic!("{}: {reason}", method.name);
    }
}
