//! Backups in the journal: that one was made, put back, or deleted. Making them is the runtime's and the backup plugin's.

use aurapos_domain::journal::EntryKind;

use crate::command::{BackupDeed, BackupNote, Reply};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::journal;

impl Engine {
    /// Writes down what happened to a backup. Nobody needs to be signed in: the program itself makes most of them.
    pub(crate) fn note_backup(&mut self, note: &BackupNote, env: &mut dyn Env) -> EngineResult<Reply> {
        let body = journal::backup(note)?;
        let kind = match note.deed {
            BackupDeed::Made => EntryKind::BACKUP_MADE,
            BackupDeed::Restored => EntryKind::RESTORED,
            BackupDeed::Deleted => EntryKind::BACKUP_DELETED,
        };
        let mut draft = self.core.draft(env)?;
        self.core.append(&mut draft, kind, body)?;
        self.core.commit(draft)?;
        if note.deed == BackupDeed::Made {
            self.tell_last_entry();
        }
        Ok(Reply::Done)
    }
}
