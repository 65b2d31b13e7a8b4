//! Backups in the journal: that one was made, or put back. Making them is the runtime's and the backup plugin's.

use aurapos_domain::journal::EntryKind;

use crate::command::{BackupDeed, BackupNote, Reply};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::journal;

/// What stands in a text of the journal at most, in characters: names and hashes are far below it.
const TEXT_CHARS_MAX: usize = 300;

impl Engine {
    /// Writes down what happened to a backup. Nobody needs to be signed in: the program itself makes most of them.
    pub(crate) fn note_backup(&mut self, note: &BackupNote, env: &mut dyn Env) -> EngineResult<Reply> {
        let cut = |text: &str| text.chars().take(TEXT_CHARS_MAX).collect::<String>();
        let mut w = journal::body();
        w.text(&cut(&note.name)).text(&cut(&note.sha256)).u64(note.sales).u64(note.position);
        let body = journal::finish(w)?;
        let kind = match note.deed {
            BackupDeed::Made => EntryKind::BACKUP_MADE,
            BackupDeed::Restored => EntryKind::RESTORED,
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
