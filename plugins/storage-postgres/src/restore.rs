//! Putting a snapshot in the place of the data in use, and back.
//!
//! Order: prove the file, load it into a schema beside, look at it there, then exchange the two names in one transaction. The
//! data that was in use keeps its tables under another name.

use crate::bookkeeping;
use crate::catalog::quoted;
use crate::container::{damaged, from_io};
use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::{RestoreReport, VerifyReport};
use crate::fill;
use crate::inspect;
use crate::migrate;
use crate::server::{alone, facts, has_schema};
use crate::session::{Bell, Fault, Io, Purpose, Session};
use crate::settings::{Target, previous_schema};
use crate::verify;
use std::fs::{self, File};
use std::io::Seek;
use std::path::Path;
use std::sync::Arc;

/// What the word begins with by which kept data is named.
const PREVIOUS: &str = "previous-";
const WHAT: &str = "the data cannot be replaced";

fn told(fault: Fault) -> PluginError {
    fault.told(WHAT)
}

/// A session that has the data alone.
fn begin(target: &Target) -> PluginResult<(Arc<Io>, Session)> {
    let io = Io::start()?;
    let mut session = Session::connect(&io, target, target.owner(), Purpose::Own, &Arc::<Bell>::default())?;
    facts(&mut session).map_err(told)?.check(target)?;
    alone(&mut session, target)?;
    Ok((io, session))
}

/// `source` is a copy that is open; `name` is for words.
pub(crate) fn restore(
    target: &Target,
    source: &File,
    name: &Path,
    fresh_epoch: Uuid,
    progress: &dyn Progress,
) -> PluginResult<RestoreReport> {
    let report = fill::prove(source, name, progress)?;
    let (_io, mut session) = begin(target)?;
    let (aside, token) = kept_name(target, fresh_epoch);
    let staging = format!("{aside}n");
    let staged = target.in_schema(&staging);
    let swapped = bring(&mut session, &staged, source, name, &report, fresh_epoch, progress)
        .and_then(|()| swap(&mut session, target, &aside, &staging).map_err(told));
    if swapped.is_err() {
        // It is not in use; a rest of it changes nothing.
        let _ = session.batch(&format!("ROLLBACK; DROP SCHEMA IF EXISTS {} CASCADE", quoted(&staging)));
    }
    swapped.map(|kept| tell(target, kept, &aside, token, report))
}

/// Puts in use again what a restore kept aside, as it was.
pub(crate) fn put_back(target: &Target, previous: &str, fresh_id: Uuid) -> PluginResult<RestoreReport> {
    let (_io, mut session) = begin(target)?;
    let named = previous.strip_prefix(PREVIOUS).filter(|name| {
        name.starts_with(&target.schema) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let kept = named.map(|name| has_schema(&mut session, name)).transpose().map_err(told)?.unwrap_or(false);
    let Some(name) = named.filter(|name| kept && *name != target.schema) else {
        return Err(PluginError::new(ErrorCode::NotFound, format!("nothing is kept as `{previous}`")));
    };
    let (aside, token) = kept_name(target, fresh_id);
    let kept = swap(&mut session, target, &aside, name).map_err(told)?;
    // It may be damaged: then nothing more is said of it.
    let restored = migrate::load(&mut session, &target.schema)
        .and_then(|catalog| verify::in_use(&mut session, &catalog, &crate::contract::host::NoProgress).map_err(told));
    Ok(tell(target, kept, &aside, token, restored.unwrap_or_default()))
}

fn kept_name(target: &Target, id: Uuid) -> (String, String) {
    let aside = previous_schema(&target.schema, id);
    let token = format!("{PREVIOUS}{aside}");
    (aside, token)
}

fn tell(target: &Target, kept: bool, aside: &str, token: String, restored: VerifyReport) -> RestoreReport {
    let (previous, previous_location) =
        if kept { (token, target.in_schema(aside).location()) } else { Default::default() };
    RestoreReport { previous, restored, previous_location }
}

/// Loads the snapshot into a schema of its own, and proves that it is whole there.
fn bring(
    session: &mut Session,
    staged: &Target,
    source: &File,
    name: &Path,
    report: &VerifyReport,
    fresh_epoch: Uuid,
    progress: &dyn Progress,
) -> PluginResult<()> {
    let space = staged.schema.as_str();
    session.batch(&format!("CREATE SCHEMA {}", quoted(space))).map_err(told)?;
    let (_, schema) = fill::fill(session, space, source, name, progress)?;
    // Cursors of the feed from after the snapshot must not be taken for cursors of this history.
    migrate::remember(session, space, &schema, fresh_epoch, true).map_err(told)?;
    let catalog = migrate::load(session, space)?;
    let found = verify::in_use(session, &catalog, progress).map_err(told)?;
    if !found.ok || found.tables != report.tables || found.position != report.position {
        return Err(damaged(name, &format!("it is not the same when it is loaded: {}", found.problems.join("; "))));
    }
    let problems = inspect::problems(session, space, &schema).map_err(told)?;
    debug_assert!(problems.is_empty(), "{problems:?}");
    Ok(())
}

/// Gives the schema `part` the name of the data, which becomes `aside`. Answers whether there was something to keep.
fn swap(session: &mut Session, target: &Target, aside: &str, part: &str) -> Result<bool, Fault> {
    let name = target.schema.as_str();
    let kept = has_schema(session, name)?;
    let rename = |from: &str, to: &str| format!("ALTER SCHEMA {} RENAME TO {}", quoted(from), quoted(to));
    session.batch("BEGIN")?;
    if kept {
        session.batch(&rename(name, aside))?;
    }
    session.batch(&rename(part, name))?;
    // The functions name their schema. Data that is so damaged that it has none stays as it is.
    let mut work = vec![name];
    work.extend(kept.then_some(aside));
    for space in work {
        session.batch("SAVEPOINT functions")?;
        if let Err(fault) = session.batch(&bookkeeping::functions(space)) {
            if fault.is_link() {
                return Err(fault);
            }
            session.batch("ROLLBACK TO SAVEPOINT functions")?;
        }
    }
    let disk = migrate::meta(session, name);
    if let Ok(Some(meta)) = disk {
        migrate::grant(session, target, &meta.disk)?;
    }
    session.batch("COMMIT")?;
    Ok(kept)
}

/// A second file with the same content.
pub(crate) fn copy_file(mut source: &File, name: &Path, dest: &Path) -> PluginResult<()> {
    let failed = |error: std::io::Error| from_io(&error, name, "cannot copy");
    source.rewind().map_err(failed)?;
    let mut to = crate::os::create_private(dest).map_err(|error| from_io(&error, dest, "cannot create"))?;
    let copied = std::io::copy(&mut source, &mut to).and_then(|_| to.sync_all());
    copied.map_err(|error| {
        // Half a copy is of no use.
        let _ = fs::remove_file(dest);
        from_io(&error, dest, "cannot write")
    })
}
