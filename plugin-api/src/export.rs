//! The plugin's side: a plain implementation of a contract trait becomes an ABI object whose every method, and Drop, is
//! guarded. One wrapper for all capabilities: their tables do the rest.

use crate::abi::*;
use crate::guard::{guard_drop, host_api};
use crate::objects::CallerProxy;
use crate::pack::{Out, answer};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RSlice, RVec};
use aurapos_contract::backup::BackupHostClient;
use aurapos_contract::call::{Caller, Reply, Serve, Table};
use aurapos_contract::storage::StoreTable;
use aurapos_contract::{PluginResult, RecordStore};
use std::fmt;
use std::marker::PhantomData;

/// Owns what an author wrote, with the table that serves it. The type is known here: one dispatch leads to the author's method.
pub(crate) struct Exported<T: ?Sized, S> {
    object: Option<Box<T>>,
    table: PhantomData<S>,
}

impl<T: ?Sized, S> Exported<T, S> {
    fn new(object: Box<T>) -> Self {
        Exported { object: Some(object), table: PhantomData }
    }
}

impl<T: ?Sized + Send + Sync + 'static, S: Serve<T> + Table> Exported<T, S> {
    fn serve(&self, method: u32, request: RSlice<'_, u8>, caller: CallerRef<'_>, out: &mut RVec<u8>) -> (u32, Opens) {
        let peer = host_api();
        let mut store = None;
        let name =
            || S::METHODS.iter().find(|known| known.number == method).map_or("an unknown call", |known| known.name);
        let status = answer(out, peer, name, |out| {
            let object = self.object.as_deref().expect("only Drop takes the object out");
            let caller = CallerProxy(caller);
            let host = BackupHostClient(&caller);
            let mut reply = Reply::new(Out(out), peer);
            S::serve(object, method, request.as_slice(), Caller { progress: &caller, host: &host }, &mut reply)?;
            store = reply.store;
            if let Some(whole) = reply.whole {
                *out = RVec::from(whole);
            }
            Ok(())
        });
        (status, store)
    }
}

type Opens = Option<Box<dyn RecordStore>>;

impl<T: ?Sized, S> fmt::Debug for Exported<T, S> {
    // The author's Debug could panic; nobody needs it across the boundary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plugin object")
    }
}

impl<T: ?Sized, S> Drop for Exported<T, S> {
    fn drop(&mut self) {
        guard_drop(self.object.take());
    }
}

impl<T: ?Sized + Send + Sync + 'static, S: Serve<T> + Table> AbiObject for Exported<T, S> {
    fn call(
        &self,
        method: u32,
        request: RSlice<'_, u8>,
        caller: CallerRef<'_>,
        answer: &mut RVec<u8>,
        opened: &mut ROption<StoreBox>,
    ) -> u32 {
        let (status, store) = self.serve(method, request, caller, answer);
        if let Some(store) = store {
            *opened = ROption::RSome(AbiStore_TO::from_value(Exported::<_, StoreTable>::new(store), TD_Opaque));
        }
        status
    }
}

impl AbiStore for Exported<dyn RecordStore, StoreTable> {
    fn call(&self, method: u32, request: RSlice<'_, u8>, caller: CallerRef<'_>, answer: &mut RVec<u8>) -> u32 {
        self.serve(method, request, caller, answer).0
    }
}

/// An author's object, ready to cross.
pub fn export<T: Send + Sync + 'static, S: Serve<T> + Table>(object: T) -> ObjectBox {
    AbiObject_TO::from_value(Exported::<T, S>::new(Box::new(object)), TD_Opaque)
}

/// What a factory made, ready to cross. Says what a factory answers, so that a closure needs no type annotations.
///
/// # Errors
/// What the factory said.
pub fn export_made<T: Send + Sync + 'static, S: Serve<T> + Table>(made: PluginResult<T>) -> PluginResult<ObjectBox> {
    made.map(export::<T, S>)
}
