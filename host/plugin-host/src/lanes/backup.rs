//! Backup: one lane. What the plugin asks of the backup host is answered on the caller's thread.

use super::live::{Live, retire};
use crate::calls::Call;
use crate::exchange::{Patience, RelayHost, RelayProgress};
use crate::lane::{Lane, Served};
use crate::options::Deadlines;
use crate::watch::Watch;
use aurapos_contract::backup::{BackupInfo, BackupPlan, BackupReport, BackupRequest, RestoredBackup};
use aurapos_contract::{BackupHost, BackupScheduler, PluginResult, Progress, Timestamp};
use std::sync::Arc;

/// A backup scheduler.
#[derive(Debug)]
pub(crate) struct LanedBackup {
    pub(crate) live: Arc<Live<dyn BackupScheduler>>,
    pub(crate) lane: Lane,
    pub(crate) watch: Arc<Watch>,
    pub(crate) deadlines: Deadlines,
}

impl LanedBackup {
    fn call<R: Send + 'static>(
        &self,
        call: Call,
        served: Served<'_>,
        work: impl FnOnce(&dyn BackupScheduler, &dyn BackupHost, &dyn Progress) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        if let Some(refused) = self.watch.refused() {
            return Err(refused);
        }
        let live = Arc::clone(&self.live);
        self.lane.call(call, Patience::while_alive(self.deadlines.quiet), served, move |mailbox| {
            let (host, progress) = (RelayHost::new(mailbox), RelayProgress::new(mailbox));
            live.run(|backup| work(backup, &host, &progress))
        })
    }
}

impl BackupScheduler for LanedBackup {
    fn plan(&self, request: &BackupRequest, host: &dyn BackupHost) -> PluginResult<BackupPlan> {
        let request = request.clone();
        let served = Served { progress: None, host: Some(host) };
        self.call(Call::BackupPlan, served, move |backup, host, _| backup.plan(&request, host))
    }
    fn run(
        &self,
        request: &BackupRequest,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupReport> {
        let request = request.clone();
        let served = Served { progress: Some(progress), host: Some(host) };
        self.call(Call::BackupRun, served, move |backup, host, progress| backup.run(&request, host, progress))
    }
    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        self.call(Call::BackupList, Served::default(), |backup, _, _| backup.list())
    }
    fn verify(&self, name: &str, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupInfo> {
        let name = name.to_owned();
        let served = Served { progress: Some(progress), host: Some(host) };
        self.call(Call::BackupVerify, served, move |backup, host, progress| backup.verify(&name, host, progress))
    }
    fn copy(&self, name: &str, dest: &str, progress: &dyn Progress) -> PluginResult<String> {
        let (name, dest) = (name.to_owned(), dest.to_owned());
        self.call(Call::BackupCopy, Served::progress(progress), move |backup, _, progress| {
            backup.copy(&name, &dest, progress)
        })
    }
    fn delete(&self, name: &str) -> PluginResult<()> {
        let name = name.to_owned();
        self.call(Call::BackupDelete, Served::default(), move |backup, _, _| backup.delete(&name))
    }
    fn restore(
        &self,
        name: &str,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<RestoredBackup> {
        let name = name.to_owned();
        let served = Served { progress: Some(progress), host: Some(host) };
        self.call(Call::BackupRestore, served, move |backup, host, progress| backup.restore(&name, now, host, progress))
    }
}

impl Drop for LanedBackup {
    fn drop(&mut self) {
        retire(&self.live, &self.lane, self.deadlines.close);
    }
}
