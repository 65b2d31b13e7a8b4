//! The form of a plugin's settings: its fields as the manifest gives them, what was typed, what is wrong with it.
//!
//! Must not know: what a setting means, which plugin it is for.

use crate::host::{FieldKind, SettingField, Typed};
use crate::markup::{FieldLook, FormFault, FormLine};
use crate::presenter::secret::Secret;
use slint::{ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// A form. Its debug form shows nothing that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<SettingField>,
    texts: Vec<Secret>,
    faults: Vec<Fault>,
    /// Counts up when faults were found.
    pub attempt: i32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    Empty,
    Number,
    Told(String),
}

impl Form {
    /// Another plugin's fields, or the same ones in another language: what was typed under a key stays.
    pub fn show(&mut self, fields: &[SettingField]) {
        let known = std::mem::take(self);
        self.attempt = known.attempt;
        let same = known.fields.len() == fields.len() && known.fields.iter().zip(fields).all(|(a, b)| a.key == b.key);
        for (place, field) in fields.iter().enumerate() {
            let mut text = Secret::default();
            text.set(if same { known.texts[place].text() } else { &field.text });
            self.texts.push(text);
            self.faults.push(if same { known.faults[place].clone() } else { Fault::None });
        }
        self.fields = fields.to_vec();
    }

    /// A field was typed in, switched or chosen.
    pub fn edited(&mut self, place: usize, text: &str) {
        if let (Some(typed), Some(fault)) = (self.texts.get_mut(place), self.faults.get_mut(place)) {
            typed.set(text);
            *fault = Fault::None;
        }
    }

    /// One of the choices of a field was chosen.
    pub fn chosen(&mut self, place: usize, choice: usize) {
        let text = match self.fields.get(place).map(|field| &field.kind) {
            Some(FieldKind::Choice(choices)) => choices.get(choice).cloned(),
            _ => None,
        };
        if let Some(text) = text {
            self.edited(place, &text);
        }
    }

    /// Looks at every field that is shown; whether all is well, as far as the manifest tells.
    pub fn check(&mut self) -> bool {
        for place in 0..self.fields.len() {
            self.faults[place] = if self.is_shown(place) { self.fault(place) } else { Fault::None };
        }
        let good = self.faults.iter().all(|fault| *fault == Fault::None);
        if !good {
            self.attempt = self.attempt.wrapping_add(1);
        }
        good
    }

    /// What somebody else says is wrong with a field; whether there is such a field.
    pub fn blame(&mut self, key: &str, sentence: &str) -> bool {
        let Some(place) = self.fields.iter().position(|field| field.key == key) else { return false };
        self.faults[place] = Fault::Told(sentence.to_owned());
        self.attempt = self.attempt.wrapping_add(1);
        true
    }

    fn fault(&self, place: usize) -> Fault {
        let (field, text) = (&self.fields[place], self.texts[place].text().trim());
        match field.kind {
            _ if text.is_empty() && field.required => Fault::Empty,
            FieldKind::Number(from, to) if !text.is_empty() => match text.parse::<i64>() {
                Ok(number) if from.is_none_or(|from| number >= from) && to.is_none_or(|to| number <= to) => Fault::None,
                _ => Fault::Number,
            },
            _ => Fault::None,
        }
    }

    /// A field is shown while the one that it hangs on is shown and has its value.
    fn is_shown(&self, place: usize) -> bool {
        let Some((key, value)) = self.fields.get(place).and_then(|field| field.show_if.as_ref()) else { return true };
        let other = self.fields.iter().position(|field| field.key == *key);
        // A manifest whose fields hang on each other in a circle is refused before it comes here.
        other.is_some_and(|other| other != place && self.texts[other].text() == value && self.is_shown(other))
    }

    /// What was typed into the fields that are shown.
    pub fn typed(&self) -> Vec<Typed> {
        let shown = (0..self.fields.len()).filter(|place| self.is_shown(*place));
        let typed = shown.map(|place| Typed {
            key: self.fields[place].key.clone(),
            text: self.texts[place].text().to_owned(),
            secret: self.fields[place].kind == FieldKind::Secret,
        });
        typed.collect()
    }

    /// The fields that are shown, for the markup; the first one that is wrong is marked.
    pub fn lines(&self) -> Vec<FormLine> {
        let mut first = true;
        let shown = (0..self.fields.len()).filter(|place| self.is_shown(*place));
        shown.map(|place| self.line(place, &mut first)).collect()
    }

    fn line(&self, place: usize, first: &mut bool) -> FormLine {
        let (field, text) = (&self.fields[place], self.texts[place].text());
        let (fault, told) = match &self.faults[place] {
            Fault::None => (FormFault::None, String::new()),
            Fault::Empty => (FormFault::Empty, String::new()),
            Fault::Number => (FormFault::Number, limits(&field.kind)),
            Fault::Told(sentence) => (FormFault::Told, sentence.clone()),
        };
        let focus = fault != FormFault::None && std::mem::take(first);
        let (look, choices) = match &field.kind {
            FieldKind::Text => (FieldLook::Text, Vec::new()),
            FieldKind::Secret => (FieldLook::Secret, Vec::new()),
            FieldKind::Number(..) => (FieldLook::Number, Vec::new()),
            FieldKind::Switch => (FieldLook::Switch, Vec::new()),
            FieldKind::Choice(choices) => (FieldLook::Choice, choices.clone()),
        };
        let choice = choices.iter().position(|choice| choice == text).and_then(|at| i32::try_from(at).ok());
        let choices: Vec<SharedString> = choices.into_iter().map(SharedString::from).collect();
        FormLine {
            place: i32::try_from(place).unwrap_or_default(),
            label: field.label.as_str().into(),
            help: field.help.as_str().into(),
            look,
            text: text.into(),
            on: text == "true",
            choices: ModelRc::from(Rc::new(VecModel::from(choices))),
            choice: choice.unwrap_or(-1),
            required: field.required,
            fault,
            told: told.into(),
            focus,
        }
    }
}

/// `1 – 65535`
fn limits(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Number(Some(from), Some(to)) => format!("{from} – {to}"),
        FieldKind::Number(Some(from), None) => format!("≥ {from}"),
        FieldKind::Number(None, Some(to)) => format!("≤ {to}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, kind: FieldKind, text: &str) -> SettingField {
        let key = key.to_owned();
        SettingField {
            label: key.clone(),
            key,
            help: String::new(),
            kind,
            text: text.to_owned(),
            required: false,
            show_if: None,
        }
    }

    fn form() -> Form {
        let shown_with_tls = |key: &str, equals: &str| Some((key.to_owned(), equals.to_owned()));
        let mut form = Form::default();
        form.show(&[
            SettingField { required: true, ..field("host", FieldKind::Text, "localhost") },
            field("port", FieldKind::Number(Some(1), Some(65535)), "5432"),
            field("password", FieldKind::Secret, ""),
            field("tls", FieldKind::Switch, "true"),
            SettingField { show_if: shown_with_tls("tls", "true"), ..field("authority", FieldKind::Text, "") },
            SettingField { show_if: shown_with_tls("authority", "x"), ..field("deep", FieldKind::Text, "") },
        ]);
        form
    }

    #[test]
    fn what_is_wrong_is_found_by_field_and_the_first_one_gets_the_focus() {
        for (place, text, expected) in [
            (0, " ", FormFault::Empty),
            (1, "0", FormFault::Number),
            (1, "65536", FormFault::Number),
            (1, "x", FormFault::Number),
            (1, "", FormFault::None),
            (2, "", FormFault::None),
        ] {
            let mut form = form();
            form.edited(place, text);
            assert_eq!(form.check(), expected == FormFault::None, "{place} {text}");
            assert_eq!(form.lines()[place].fault, expected, "{place} {text}");
            assert_eq!(form.lines()[place].focus, expected != FormFault::None);
            assert_eq!(form.attempt, i32::from(expected != FormFault::None));
            form.edited(place, "1");
            assert_eq!(form.lines()[place].fault, FormFault::None, "typing clears it");
        }
        let mut form = form();
        assert!(form.blame("port", "taken") && !form.blame("none", "x"));
        assert_eq!(form.lines()[1].told, "taken");
    }

    #[test]
    fn a_field_hangs_on_another_one_and_hidden_ones_are_not_given() {
        let mut form = form();
        let keys = |form: &Form| form.typed().into_iter().map(|one| one.key).collect::<Vec<_>>();
        assert_eq!(keys(&form), ["host", "port", "password", "tls", "authority"]);
        form.edited(4, "x");
        assert_eq!(form.lines().len(), 6);
        form.edited(3, "false");
        assert_eq!(keys(&form), ["host", "port", "password", "tls"]);
    }

    #[test]
    fn another_language_keeps_what_was_typed_and_nothing_typed_is_shown_in_a_log() {
        let mut form = form();
        form.edited(2, "sesame");
        let again: Vec<SettingField> = form.fields.clone();
        form.show(&again);
        assert_eq!(form.typed()[2].text, "sesame");
        assert!(form.typed()[2].secret && !format!("{form:?} {:?}", form.typed()).contains("sesame"));
        form.show(&again[..1]);
        assert_eq!(form.typed()[0].text, "localhost", "another plugin begins afresh");
    }
}
