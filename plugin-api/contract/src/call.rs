//! One call across whatever lies between host and plugin: a shared library, a lane, another process.
//!
//! Owns: what a [`Method`] is, how its request and answer become bytes, and the [`Link`] that carries them. The methods
//! themselves are described once, in the traits of each capability ([`capability!`](crate::capability)); dispatch, client
//! and everything between are made from that. Must not know: any capability, FFI, threads.
//!
//! A request is a list of the arguments in their order, an answer a list of one value (a [`RowBatch`] crosses as its own
//! bytes). A reader skips arguments that it does not know; a missing one is its default.

use crate::api::ApiVersion;
use crate::backup::BackupHost;
use crate::batch::RowBatch;
use crate::codec::{Buffer, CodecError, MESSAGE_BYTES_MAX, Reader, Sink, Wire, Writer};
use crate::error::{ErrorCode, PluginError, PluginResult, Retry};
use crate::host::{NoHost, NoProgress, Progress};
use crate::storage::RecordStore;
use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Arc;

/// A queue and a thread of its own, so that one call never waits behind another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lane {
    /// The ordinary one.
    Main,
    /// Asks and stops what goes on in [`Lane::Main`].
    Control,
    /// Writes.
    Commit,
    /// Short reads: a scan of a barcode.
    Read,
    /// Searches, which may take a hundred times as long.
    Search,
    /// Copies, checks, sums.
    Long,
    /// Waits for news.
    Wait,
}

/// Which of the host's deadlines a call has. Each is a total; a long one has a shorter one for silence as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Within {
    /// Of a start.
    Start,
    /// Of a short read.
    Read,
    /// Of a commit.
    Commit,
    /// Of long work: reports of progress are its signs of life.
    Long,
    /// Of a payment: the instance's setting.
    Payment,
    /// Of a question beside a payment.
    Control,
    /// Of a device or sink: the instance's setting.
    Device,
    /// The call's own `timeout_ms`, its second argument, and that of a short read.
    Timeout,
}

/// What a second call with the same arguments does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// No harm: it reads, or does again what is done already.
    Freely,
    /// The id in it makes it happen once: ask what became of the first one, or repeat it as it is.
    ById,
    /// It may happen twice.
    Never,
}

/// One method of a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Number of the capability's table.
    pub kind: u32,
    /// Number within the table, for ever.
    pub number: u32,
    /// Name, as in the trait.
    pub name: &'static str,
    /// Where it waits.
    pub lane: Lane,
    /// How long.
    pub within: Within,
    /// What a second call does.
    pub repeat: Repeat,
    /// Also asked of a plugin in quarantine: what became of money or of a commit must be asked.
    pub always: bool,
}

impl Method {
    /// The number that is its own among all tables: never 0.
    pub const fn code(&self) -> u32 {
        self.kind << 16 | self.number
    }
}

/// Whom a call can talk to while it goes on.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Hears how far it is, and says whether to stop.
    pub progress: &'a dyn Progress,
    /// Answers the questions of a backup.
    pub host: &'a dyn BackupHost,
}

impl<'a> Caller<'a> {
    /// Nobody listens.
    pub const NOBODY: Caller<'static> = Caller { progress: &NoProgress, host: &NoHost };

    /// The same, with somebody who hears of progress.
    #[must_use]
    pub fn progress(self, progress: &'a dyn Progress) -> Self {
        Caller { progress, ..self }
    }

    /// The same, with somebody who answers.
    #[must_use]
    pub fn host(self, host: &'a dyn BackupHost) -> Self {
        Caller { host, ..self }
    }
}

/// The bytes of an answer, wherever they lie.
#[derive(Default)]
pub struct Bytes {
    own: Vec<u8>,
    other: Option<Box<dyn AsRef<[u8]> + Send + Sync>>,
}

impl Bytes {
    /// A buffer of this side, empty but for what it can hold.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        self.other = None;
        let mut buffer = std::mem::take(&mut self.own);
        buffer.clear();
        buffer
    }

    /// These bytes.
    pub fn put(&mut self, bytes: Vec<u8>) {
        self.other = None;
        self.own = bytes;
    }

    /// Bytes that stay where they are, on the other side of a border: many of them are not copied.
    pub fn put_foreign(&mut self, bytes: Box<dyn AsRef<[u8]> + Send + Sync>) {
        self.other = Some(bytes);
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.other {
            None => &self.own,
            Some(other) => (**other).as_ref(),
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.len())
    }
}

/// A store that a call opened, still on the other side. Dropping the last one closes it there.
pub type Opened = Option<Arc<dyn Link>>;

/// Carries calls to one object on the other side.
pub trait Link: Send + Sync + Debug {
    /// Carries one call and puts the answer's bytes into `answer`, in the place of what is there.
    ///
    /// # Errors
    /// What the other side says, or why it could not be asked.
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened>;

    /// The version that the other side speaks.
    fn peer(&self) -> ApiVersion;

    /// The answer was no answer to this call.
    fn unreadable(&self, method: &'static Method, reason: &str);
}

macro_rules! link_of_a_pointer {
    ($($pointer:ty),*) => {
        $(impl<L: Link + ?Sized> Link for $pointer {
            fn call(
                &self,
                method: &'static Method,
                request: &[u8],
                caller: Caller<'_>,
                answer: &mut Bytes,
            ) -> PluginResult<Opened> {
                (**self).call(method, request, caller, answer)
            }
            fn peer(&self) -> ApiVersion {
                (**self).peer()
            }
            fn unreadable(&self, method: &'static Method, reason: &str) {
                (**self).unreadable(method, reason);
            }
        })*
    };
}
link_of_a_pointer!(&L, Arc<L>);

/// The arguments of a request.
#[derive(Debug)]
pub struct Arguments<'a> {
    reader: Reader<'a>,
    left: Option<u64>,
    over: bool,
}

impl<'a> Arguments<'a> {
    /// Of a request's bytes.
    ///
    /// # Errors
    /// It is no list.
    pub fn of(request: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(request)?;
        let left = reader.list()?;
        Ok(Arguments { reader, left, over: false })
    }

    fn another(&mut self) -> Result<bool, CodecError> {
        self.over = self.over || !self.reader.another(&mut self.left)?;
        Ok(!self.over)
    }

    /// The next one.
    ///
    /// # Errors
    /// It is something else.
    pub fn take<T: Wire + Default>(&mut self) -> Result<T, CodecError> {
        if self.another()? { T::read(&mut self.reader) } else { Ok(T::default()) }
    }

    /// Passes over the rest.
    ///
    /// # Errors
    /// It is no CBOR, or bytes follow.
    pub fn end(mut self) -> Result<(), CodecError> {
        while self.another()? {
            self.reader.skip()?;
        }
        self.reader.end()
    }
}

/// Where an answer is put.
#[derive(Debug)]
pub struct Reply<W> {
    /// Its bytes.
    pub out: W,
    /// Who reads them.
    pub peer: ApiVersion,
    /// An answer that is in one piece already: it is handed over instead of copied.
    pub whole: Option<Vec<u8>>,
    /// A store that was opened: it stays on this side.
    pub store: Option<Box<dyn RecordStore>>,
}

impl<W: Sink> Reply<W> {
    /// An empty one.
    pub fn new(out: W, peer: ApiVersion) -> Self {
        Reply { out, peer, whole: None, store: None }
    }
}

/// What a method can answer.
pub trait Answer: Sized {
    /// Into bytes.
    fn pack<W: Sink>(self, reply: &mut Reply<W>);
    /// From bytes.
    ///
    /// # Errors
    /// The bytes are something else.
    fn unpack(bytes: &[u8], opened: Opened) -> PluginResult<Self>;
}

impl<T: Wire + Default> Answer for T {
    fn pack<W: Sink>(self, reply: &mut Reply<W>) {
        let mut writer = Writer::new(&mut reply.out, reply.peer);
        writer.list(1);
        self.write(&mut writer);
    }
    fn unpack(bytes: &[u8], _: Opened) -> PluginResult<Self> {
        let mut values = Arguments::of(bytes)?;
        let value = values.take()?;
        values.end()?;
        Ok(value)
    }
}

impl Answer for RowBatch {
    fn pack<W: Sink>(self, reply: &mut Reply<W>) {
        reply.whole = Some(self.to_bytes());
    }
    fn unpack(bytes: &[u8], _: Opened) -> PluginResult<Self> {
        Ok(RowBatch::from_bytes(bytes)?)
    }
}

impl Answer for Box<dyn RecordStore> {
    fn pack<W: Sink>(self, reply: &mut Reply<W>) {
        reply.store = Some(self);
    }
    fn unpack(_: &[u8], opened: Opened) -> PluginResult<Self> {
        let link = opened.ok_or_else(|| PluginError::new(ErrorCode::BadMessage, "no store came with the answer"))?;
        Ok(Box::new(crate::storage::StoreClient(link)))
    }
}

/// Serves the methods of one table on an implementation of its trait.
pub trait Serve<T: ?Sized>: Send + Sync + 'static {
    /// Answers one call.
    ///
    /// # Errors
    /// What the implementation says; [`ErrorCode::Unsupported`] for a method that is not in the table,
    /// [`ErrorCode::BadMessage`] and [`ErrorCode::NeedsNewer`] for a request that cannot be read.
    fn serve<W: Sink>(
        object: &T,
        method: u32,
        request: &[u8],
        caller: Caller<'_>,
        reply: &mut Reply<W>,
    ) -> PluginResult<()>;
}

/// The methods of one capability.
pub trait Table: 'static {
    /// Its number, for ever.
    const KIND: u32;
    /// Its methods.
    const METHODS: &'static [&'static Method];
}

/// The largest buffers that a thread keeps for its next call, in bytes.
const KEPT_BYTES_MAX: usize = 256 * 1024;

thread_local! {
    /// Buffers for request and answer: a call across a library costs less than taking memory twice.
    static BUFFERS: RefCell<(Vec<u8>, Bytes)> = RefCell::default();
}

/// Makes one call: the client's side of every method.
///
/// # Errors
/// What the other side says; [`ErrorCode::BadMessage`] for an answer that cannot be read, of which the link is told;
/// [`ErrorCode::NeedsNewer`] for one that this side is too old for.
pub fn invoke<A: Answer>(
    link: &(impl Link + ?Sized),
    method: &'static Method,
    caller: Caller<'_>,
    write: impl FnOnce(&mut Writer<Buffer<'_>>),
) -> PluginResult<A> {
    BUFFERS.with(|buffers| match buffers.try_borrow_mut() {
        Ok(mut kept) => {
            let (request, answer) = &mut *kept;
            let result = invoke_in(request, answer, link, method, caller, write);
            answer.other = None;
            if request.capacity() + answer.own.capacity() > KEPT_BYTES_MAX {
                *kept = Default::default();
            }
            result
        }
        // A call within a call.
        Err(_) => invoke_in(&mut Vec::new(), &mut Bytes::default(), link, method, caller, write),
    })
}

fn invoke_in<A: Answer>(
    request: &mut Vec<u8>,
    answer: &mut Bytes,
    link: &(impl Link + ?Sized),
    method: &'static Method,
    caller: Caller<'_>,
    write: impl FnOnce(&mut Writer<Buffer<'_>>),
) -> PluginResult<A> {
    request.clear();
    write(&mut Writer::new(Buffer(request), link.peer()));
    if request.len() > MESSAGE_BYTES_MAX {
        return Err(too_large(method, request.len()));
    }
    let opened = link.call(method, request, caller, answer)?;
    A::unpack(answer, opened).map_err(|error| unreadable(link, method, error))
}

#[cold]
fn too_large(method: &'static Method, bytes: usize) -> PluginError {
    let message = format!("`{}` with {bytes} bytes is more than one call can carry", method.name);
    PluginError::new(ErrorCode::TooLarge, message)
}

#[cold]
fn unreadable(link: &(impl Link + ?Sized), method: &'static Method, error: PluginError) -> PluginError {
    let message = format!("the plugin's answer to `{}` cannot be used: {}", method.name, error.message);
    match error.code {
        ErrorCode::BadMessage => link.unreadable(method, &error.message),
        // Not as with a request that is refused so: what was asked for has happened.
        ErrorCode::NeedsNewer => {
            let newer = PluginError { retry: Retry::AskFirst, message, ..error };
            return newer.with_next("Update AuraPOS, or use the version of the plugin that was made for this one.");
        }
        _ => return error,
    }
    PluginError { message, ..error }
}

/// The error for a method that is not in the table.
pub fn no_such_method(table: &str, method: u32) -> PluginError {
    PluginError::new(
        ErrorCode::Unsupported,
        format!("{table} has no method {method}: this plugin is older than the caller"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{PaymentIntent, PaymentTable};

    /// Answers the same bytes to everything.
    #[derive(Debug)]
    struct Says(&'static [u8]);

    impl Link for Says {
        fn call(&self, _: &'static Method, _: &[u8], _: Caller<'_>, answer: &mut Bytes) -> PluginResult<Opened> {
            answer.put(self.0.to_vec());
            Ok(None)
        }
        fn peer(&self) -> ApiVersion {
            ApiVersion::OWN
        }
        fn unreadable(&self, method: &'static Method, reason: &str) {
            assert_eq!((method.name, self.0), ("begin", [0x80, 0].as_slice()), "{reason}");
        }
    }

    #[test]
    fn an_answer_that_is_too_new_does_not_say_that_nothing_happened() {
        // [{0: 9}]: version 9 of the answer.
        let check = |bytes, code, retry| {
            let answer: PluginResult<PaymentIntent> =
                invoke(&Says(bytes), PaymentTable::begin(), Caller::NOBODY, |out| out.list(0));
            let error = answer.unwrap_err();
            assert_eq!((error.code, error.retry), (code, retry), "{error}");
            assert!(error.message.contains("answer to `begin`"), "{error}");
        };
        check(&[0x81, 0xa1, 0, 9], ErrorCode::NeedsNewer, Retry::AskFirst);
        check(&[0x80, 0], ErrorCode::BadMessage, Retry::Never);
    }
}
