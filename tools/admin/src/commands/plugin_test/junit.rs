//! The report as JUnit XML, which every CI reads.
//!
//! Owns: the few elements and their escaping. Written by hand: four elements and one rule of escaping weigh less than a crate
//! with an XML writer, a calendar and ids of its own below it (ADR 0015); a test reads it back with a real XML reader.

use super::Suite;
use aurapos_plugin_testkit::conformance::CaseResult;
use std::fmt::Write as _;
use std::time::Duration;

/// The whole document.
pub(super) fn xml(plugin: &str, suites: &[Suite]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = suites.iter().map(|suite| suite.report.cases.len()).sum::<usize>();
    let failures = suites.iter().map(|suite| suite.report.failed().len()).sum::<usize>();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failures}\">", escaped(plugin));
    for suite in suites {
        let report = &suite.report;
        let (name, tests, failures) = (escaped(report.suite), report.cases.len(), report.failed().len());
        let took = seconds(suite.took.iter().sum());
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{took}\">"
        );
        for (case, took) in report.cases.iter().zip(&suite.took) {
            case_xml(&mut text, plugin, report.suite, case, *took);
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case_xml(text: &mut String, plugin: &str, suite: &str, case: &CaseResult, took: Duration) {
    let class = escaped(&format!("{plugin}.{suite}"));
    let (name, took) = (escaped(&format!("{}: {}", case.name, case.promise)), seconds(took));
    let head = format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"{took}\"");
    let _ = match &case.result {
        Ok(()) => writeln!(text, "{head}/>"),
        Err(failure) => {
            let first = failure.0.lines().next().unwrap_or_default();
            let (first, whole) = (escaped(first), escaped(&failure.0));
            writeln!(text, "{head}>\n      <failure message=\"{first}\">{whole}</failure>\n    </testcase>")
        }
    };
}

/// Seconds with three decimals.
fn seconds(took: Duration) -> String {
    format!("{}.{:03}", took.as_secs(), took.subsec_millis())
}

/// For attributes and content alike. What XML 1.0 cannot say at all (control characters, U+FFFE and U+FFFF) becomes the sign
/// for an unknown character: a plugin's own words may hold anything.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // As they are, a reader turns them into spaces inside an attribute.
            '\t' | '\n' | '\r' => safe.push_str(&format!("&#{};", letter as u32)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::Case;
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_place() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected);
        check("a <b> & \"c\"", "a &lt;b&gt; &amp; &quot;c&quot;");
        check("é\u{1F600}\t\r\n", "é\u{1F600}&#9;&#13;&#10;");
        check("\0\u{1b}[31m\u{ffff}]]>", "\u{fffd}\u{fffd}[31m\u{fffd}]]&gt;");
    }

    #[test]
    fn a_failed_case_and_a_passed_one() {
        let mut suite = Suite::of("payment");
        suite.add(Case { name: "a", promise: "works" }, Ok(()), Duration::from_millis(1_234));
        suite.add(Case { name: "b", promise: "<holds>" }, Err("no \"x\"\nmore".to_owned()), Duration::ZERO);
        assert_eq!(
            xml("acme", &[suite]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"acme\" tests=\"2\" failures=\"1\">\n\
             \x20 <testsuite name=\"payment\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"1.234\">\n\
             \x20   <testcase classname=\"acme.payment\" name=\"a: works\" time=\"1.234\"/>\n\
             \x20   <testcase classname=\"acme.payment\" name=\"b: &lt;holds&gt;\" time=\"0.000\">\n\
             \x20     <failure message=\"no &quot;x&quot;\">no &quot;x&quot;&#10;more</failure>\n\
             \x20   </testcase>\n\
             \x20 </testsuite>\n\
             </testsuites>\n"
        );
    }
}
