//! Every pair of colours that stands on each other reaches WCAG AA in both themes, computed from the tokens themselves.

use std::collections::BTreeMap;

const THEME: &str = include_str!("../slint/design/theme.slint");

/// Texts of the size of reading, and what carries a meaning without a text.
const TEXT: f64 = 4.5;
const SHAPE: f64 = 3.0;

type Colours = BTreeMap<&'static str, [f64; 3]>;

/// The lines `out property <color> name: root.dark ? #DARK : #LIGHT;` as (light, dark).
fn tokens() -> (Colours, Colours) {
    let (mut light, mut dark) = (Colours::new(), Colours::new());
    for line in THEME.lines().filter_map(|line| line.trim().strip_prefix("out property <color> ")) {
        let (name, values) = line.split_once(": root.dark ? ").expect("a line of the table");
        let (night, day) = values.trim_end_matches(';').split_once(" : ").expect("two literals");
        dark.insert(name, channels(night));
        light.insert(name, channels(day));
    }
    (light, dark)
}

fn channels(literal: &str) -> [f64; 3] {
    let hex = literal.strip_prefix('#').expect("a plain literal");
    assert!(hex.len() == 6 || hex.len() == 8, "{literal} is no plain literal");
    [0, 2, 4].map(|at| {
        let byte = u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
        let share = f64::from(byte) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |c: [f64; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What is written on what, and how much it has to stand off.
fn pairs() -> Vec<(String, String, f64)> {
    let mut pairs = Vec::new();
    let mut add = |ink: &str, ground: &str, least: f64| pairs.push((ink.to_owned(), ground.to_owned(), least));
    let softs = ["accent-soft", "accent-soft-hover", "pay-soft", "danger-soft", "warn-soft"];
    let plain = ["bg", "surface", "raised", "hover", "pressed", "raised-hover", "disabled"];
    for ground in plain.iter().chain(&softs) {
        add("text", ground, TEXT);
        add("muted", ground, TEXT);
    }
    add("text", "raised-pressed", TEXT);
    add("text", "selection", TEXT);
    // A toast is the theme turned round.
    add("surface", "text", TEXT);
    for ground in ["bg", "surface", "disabled"] {
        add("on-disabled", ground, TEXT);
    }
    for ground in ["bg", "surface", "hover", "raised"] {
        add("accent", ground, TEXT);
        add("danger", ground, TEXT);
        add("pay", ground, if ground == "raised" { SHAPE } else { TEXT });
        add("warn-mark", ground, if ground == "raised" { SHAPE } else { TEXT });
    }
    for name in ["accent", "pay", "danger"] {
        for state in ["", "-hover", "-pressed"] {
            add(&format!("on-{name}"), &format!("{name}{state}"), TEXT);
        }
        add(&format!("on-{name}-soft"), &format!("{name}-soft"), TEXT);
    }
    add("on-accent-soft", "accent-soft-hover", TEXT);
    add("on-warn", "warn", TEXT);
    add("on-warn-soft", "warn-soft", TEXT);
    add("on-paper", "paper", TEXT);
    for ground in ["bg", "surface"] {
        add("border", ground, SHAPE);
    }
    for ground in ["bg", "surface", "raised", "accent-soft"] {
        add("focus", ground, SHAPE);
    }
    pairs
}

#[test]
fn every_pair_of_both_themes_reaches_aa() {
    let (light, dark) = tokens();
    assert!(light.len() > 30, "the table of {} colours was not read", light.len());
    let mut weak = Vec::new();
    for (theme, colours) in [("light", &light), ("dark", &dark)] {
        for (ink, ground, least) in pairs() {
            let of = |name: &str| *colours.get(name).unwrap_or_else(|| panic!("no colour {name}"));
            let reached = contrast(of(&ink), of(&ground));
            if reached < least {
                weak.push(format!("{theme}: {ink} on {ground} reaches {reached:.2} of {least}"));
            }
        }
    }
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn black_on_white_is_twenty_one() {
    assert!((contrast(channels("#000000"), channels("#FFFFFF")) - 21.0).abs() < 0.001);
    assert!(contrast(channels("#777777"), channels("#FFFFFF")) < TEXT, "a grey known to miss AA by little");
}
