use super::*;
use crate::connect::Use;
use std::fs;
use std::path::PathBuf;

/// A database whose log is as a kill leaves it: the connection that would move it is never closed.
struct Place {
    folder: tempfile::TempDir,
    database: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("AuraPOS.db");
        connect::create(&database).unwrap();
        place::expect_log(&database).unwrap();
        Place { folder, database }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One opening with some commits and moves of the log; then it is killed.
    fn live(&self, commits: i64, moves: i64) {
        let had_log = look(&self.database).unwrap();
        let connection = connect::open(&self.database, Use::Write, true).unwrap();
        connect::settle(&connection, had_log).unwrap();
        turn(&connection).unwrap();
        for number in 0..commits {
            connect::set_meta_number(&connection, "n", connect::meta_number(&connection, "n").unwrap() + 1).unwrap();
            if number < moves {
                renew(&connection).unwrap();
                let _: i64 = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(0)).unwrap();
                turn(&connection).unwrap();
            }
        }
        connection.flush_prepared_statement_cache();
        // As after kill -9: nothing is tidied, and the lock on the shared memory is gone with the process.
        let (file, log) = (fs::read(&self.database).unwrap(), fs::read(beside(&self.database, "-wal")).unwrap());
        connection.close().unwrap();
        fs::write(&self.database, file).unwrap();
        fs::write(beside(&self.database, "-wal"), log).unwrap();
    }

    /// The number of commits, read with the log.
    fn count(&self) -> i64 {
        let connection = connect::open(&self.database, Use::Write, true).unwrap();
        connect::meta_number(&connection, "n").unwrap()
    }

    fn keep(&self, name: &str) {
        fs::copy(&self.database, self.path(name)).unwrap();
        fs::copy(beside(&self.database, "-wal"), beside(&self.path(name), "-wal")).unwrap();
    }
}

#[test]
fn an_honest_crash_always_recovers() {
    for (commits, moves) in [(0, 0), (1, 0), (5, 0), (5, 1), (5, 3), (5, 5)] {
        let place = Place::new();
        let mut all = 0;
        for _ in 0..3 {
            place.live(commits, moves);
            all += commits;
            assert!(look(&place.database).unwrap(), "{commits} {moves}");
        }
        assert_eq!(place.count(), all);
    }
}

#[test]
fn another_state_beside_the_log_is_noticed_in_both_directions() {
    let place = Place::new();
    place.live(3, 0);
    place.keep("early");
    place.live(3, 1);
    place.keep("late");
    place.live(3, 2);
    let log = beside(&place.database, "-wal");
    let (own, own_log) = (fs::read(&place.database).unwrap(), fs::read(&log).unwrap());
    for name in ["early", "late"] {
        // An older file under the log, as `cp` leaves it; an older log beside the file.
        fs::copy(place.path(name), &place.database).unwrap();
        let error = look(&place.database).unwrap_err();
        assert_eq!(error.code, ErrorCode::Damaged, "{name}");
        assert!(error.message.contains("-wal") && error.detail.next.contains("backup restore"), "{error:?}");
        fs::write(&place.database, &own).unwrap();
        fs::copy(beside(&place.path(name), "-wal"), &log).unwrap();
        assert_eq!(look(&place.database).unwrap_err().code, ErrorCode::Damaged, "{name}");
        fs::write(&log, &own_log).unwrap();
        assert!(look(&place.database).unwrap());
    }
    // A file from before a crash, when nothing but the crash ended its log.
    let crashed = Place::new();
    crashed.live(3, 0);
    crashed.keep("before");
    crashed.live(3, 0);
    fs::copy(crashed.path("before"), &crashed.database).unwrap();
    assert_eq!(look(&crashed.database).unwrap_err().code, ErrorCode::Damaged);
    // Of another register.
    let other = Place::new();
    other.live(4, 1);
    fs::copy(beside(&other.database, "-wal"), &log).unwrap();
    assert_eq!(look(&place.database).unwrap_err().code, ErrorCode::Damaged);
    // Of another program.
    let foreign = place.path("foreign.db");
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE a (b); INSERT INTO a VALUES (1);").unwrap();
    fs::copy(beside(&foreign, "-wal"), &log).unwrap();
    assert_eq!(look(&place.database).unwrap_err().code, ErrorCode::Damaged);
    // None of them is anything by itself.
    for nothing in [&b""[..], b"half a head", &own_log[..HEAD_BYTES + 100], &[0x55; 9000]] {
        fs::write(&log, nothing).unwrap();
        assert!(!look(&place.database).unwrap());
    }
}

#[test]
fn data_from_before_there_were_marks_is_believed_and_gets_one() {
    let place = Place::new();
    let old = connect::open(&place.database, Use::Write, true).unwrap();
    old.execute_batch(r#"DROP TABLE "_log""#).unwrap();
    old.close().unwrap();
    let before = fs::read(&place.database).unwrap();
    let old = connect::open(&place.database, Use::Write, true).unwrap();
    connect::set_meta_number(&old, "n", 7).unwrap();
    fs::copy(beside(&place.database, "-wal"), place.path("old-wal")).unwrap();
    old.flush_prepared_statement_cache();
    old.close().unwrap();
    fs::write(&place.database, &before).unwrap();
    fs::copy(place.path("old-wal"), beside(&place.database, "-wal")).unwrap();
    assert!(look(&place.database).unwrap(), "a log without marks beside a file without one");
    place.live(2, 0);
    assert_eq!(place.count(), 9);
    place.live(2, 1);
    let log = fs::read(beside(&place.database, "-wal")).unwrap();
    fs::write(&place.database, &before).unwrap();
    assert_eq!(look(&place.database).unwrap_err().code, ErrorCode::Damaged, "the old file under the new log");
    place.live_is_refused(&log);
}

impl Place {
    fn live_is_refused(&self, log: &[u8]) {
        assert_eq!(fs::read(beside(&self.database, "-wal")).unwrap(), log, "looking changes nothing");
    }
}

#[test]
fn killed_while_the_first_log_is_begun_it_is_still_its_own() {
    let place = Place::new();
    let file = fs::read(&place.database).unwrap();
    let connection = connect::open(&place.database, Use::Write, true).unwrap();
    connect::settle(&connection, false).unwrap();
    connection.close().unwrap();
    let done = fs::read(&place.database).unwrap();
    // Every step of `settle`, with the file as it was before and after the log was moved.
    type Step = fn(&Connection) -> rusqlite::Result<()>;
    let steps: [&[Step]; 3] = [&[turn], &[turn, renew], &[turn, renew, turn]];
    for steps in steps {
        fs::write(&place.database, &file).unwrap();
        let _ = fs::remove_file(beside(&place.database, "-wal"));
        let connection = connect::open(&place.database, Use::Write, true).unwrap();
        steps.iter().for_each(|step| step(&connection).unwrap());
        let log = fs::read(beside(&place.database, "-wal")).unwrap();
        connection.flush_prepared_statement_cache();
        connection.close().unwrap();
        fs::write(&place.database, &file).unwrap();
        fs::write(beside(&place.database, "-wal"), log).unwrap();
        assert!(look(&place.database).unwrap());
    }
    assert_ne!(file, done);
}

#[test]
fn a_journal_that_would_be_played_back_is_refused_and_one_that_is_over_is_not() {
    let place = Place::new();
    let journal = beside(&place.database, "-journal");
    fs::write(&journal, [&[0xd9, 0xd5, 0x05, 0xf9][..], &[7; 2000]].concat()).unwrap();
    let error = look(&place.database).unwrap_err();
    assert!(error.code == ErrorCode::Damaged && error.message.contains("-journal"), "{error:?}");
    for over in [vec![], vec![0; 512]] {
        fs::write(&journal, over).unwrap();
        assert!(!look(&place.database).unwrap());
    }
}

#[test]
fn a_page_that_was_half_moved_is_the_logs_to_mend() {
    let place = Place::new();
    place.live(3, 0);
    let mut file = fs::read(&place.database).unwrap();
    let connection = connect::open_copy(&place.database, false).unwrap();
    let page: usize = connection
        .query_row(r#"SELECT "rootpage" FROM "sqlite_schema" WHERE "name" = '_log'"#, [], |row| row.get::<_, i64>(0))
        .unwrap() as usize;
    file[(page - 1) * 4096..(page - 1) * 4096 + 512].fill(0xee);
    fs::write(&place.database, file).unwrap();
    assert!(look(&place.database).unwrap());
    assert_eq!(place.count(), 3);
}
