//! The conformance suite of events, and what it cannot know: what is in the file, and half a line.

use super::*;
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::events::{EventsFixture, run};
use std::fs;
use std::sync::Arc;

fn over(host: &Arc<TestHost>) -> JsonLines {
    json_lines(host.context(Settings::default().with("file", "events.jsonl"))).unwrap()
}

/// Remembers the place of the last sink, for the restart over it.
#[derive(Default)]
struct Fresh(Mutex<Option<Arc<TestHost>>>);

impl EventsFixture for Fresh {
    fn fresh(&self) -> Arc<dyn EventSink> {
        let host = TestHost::new();
        let sink = Arc::new(over(&host));
        *self.0.lock().unwrap() = Some(host);
        sink
    }

    fn again(&self) -> Arc<dyn EventSink> {
        Arc::new(over(self.0.lock().unwrap().as_ref().unwrap()))
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh::default());
    assert!(report.passed(), "{report}");
}

#[test]
fn half_a_line_is_told_again_and_nothing_twice() {
    let host = TestHost::new();
    let event = |sequence| HostEvent { sequence, text: "a \"quoted\"\nword".into(), ..Default::default() };
    over(&host).deliver(&[event(1), event(2), event(2)]).unwrap();
    let file = host.folder().join("events.jsonl");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    let sink = over(&host);
    assert_eq!(sink.position(Uuid::nil()).unwrap(), 1);
    sink.deliver(&[event(2)]).unwrap();
    assert_eq!(fs::read(&file).unwrap(), whole);
}
