//! What is in the window, as a person and a screen reader find it: controls, texts, what has the focus.
//!
//! The element interface of Slint's testing backend does not tell the focus, the room a text would like to have or what
//! is cut off, so this looks at the pinned `i-slint-core`. Must not know: what the screens are about.

use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{AccessibleRole, ComplexText, Orientation, SimpleText, TextOverflow, TextWrap};
use i_slint_core::window::WindowInner;
use slint::{ComponentHandle, SharedString};

use aurapos_ui::markup::AppWindow;

/// How many parents a control's own focus scope or text input may be below it.
const DEPTH: usize = 6;

/// A rectangle of the window, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Place {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Place {
    /// What both have.
    pub fn common(self, other: Place) -> Place {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = (self.x + self.width).min(other.x + other.width);
        let bottom = (self.y + self.height).min(other.y + other.height);
        Place { x, y, width: (right - x).max(0.0), height: (bottom - y).max(0.0) }
    }

    /// Whether this lies within the other, but for a pixel of rounding.
    pub fn is_in(self, other: Place) -> bool {
        let common = self.common(other);
        (common.width - self.width).abs() <= 1.0 && (common.height - self.height).abs() <= 1.0
    }

    /// Nothing of it is left.
    pub fn is_empty(self) -> bool {
        self.width < 1.0 || self.height < 1.0
    }
}

/// Tells one control from another, also when both have the same name.
#[derive(Clone, PartialEq)]
pub struct Id(ItemRc);

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0.index())
    }
}

/// Something that is touched or typed into.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Which one it is.
    pub id: Id,
    /// What it is for a screen reader.
    pub role: AccessibleRole,
    /// Its accessible name.
    pub label: String,
    /// It can be used; a disabled control may still say why.
    pub enabled: bool,
    /// Where it is.
    pub place: Place,
    /// What of it is not cut off by a list or the window.
    pub seen: Place,
}

/// A text that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// What it says.
    pub text: String,
    /// Where it is.
    pub place: Place,
    /// What of it is not cut off by a list or the window.
    pub seen: Place,
    /// The room that all of it needs: its width in one line, or its height in the width it has.
    pub needs: (f32, f32),
    /// It is shortened with dots where there is no room.
    pub elides: bool,
}

impl Words {
    /// Not all of it is drawn.
    pub fn is_cut(&self) -> bool {
        self.needs.0 > self.place.width + 1.0 || self.needs.1 > self.place.height + 1.5
    }
}

/// What has the focus.
#[derive(Debug, Clone, PartialEq)]
pub enum Focus {
    /// Nothing: keys would be lost.
    Nothing,
    /// A control.
    Control(Box<Control>),
    /// Something that takes keys and is no control: the window itself, a list that scrolls.
    Other(Place),
}

/// A part of the window.
#[derive(Clone)]
pub struct Part(ItemRc);

fn text_of(item: &ItemRc, what: AccessibleStringProperty) -> Option<SharedString> {
    item.accessible_string_property(what)
}

fn place_of(item: &ItemRc) -> Place {
    let geometry = item.geometry();
    let corner = item.map_to_window(geometry.origin);
    Place { x: corner.x, y: corner.y, width: geometry.size.width, height: geometry.size.height }
}

/// The control that an item is.
fn control(item: &ItemRc, seen: Place) -> Option<Control> {
    let role = item.accessible_role();
    let enabled = text_of(item, AccessibleStringProperty::Enabled)?;
    if role == AccessibleRole::None {
        return None;
    }
    let label = text_of(item, AccessibleStringProperty::Label).unwrap_or_default().to_string();
    let place = place_of(item);
    Some(Control { id: Id(item.clone()), role, label, enabled: enabled == "true", place, seen: place.common(seen) })
}

fn words(item: &ItemRc, seen: Place) -> Option<Words> {
    let (text, wraps, elides) = if let Some(text) = item.downcast::<ComplexText>() {
        let text = text.as_pin_ref();
        (text.text(), text.wrap() != TextWrap::NoWrap, text.overflow() == TextOverflow::Elide)
    } else {
        (item.downcast::<SimpleText>()?.as_pin_ref().text(), false, false)
    };
    if text.trim().is_empty() {
        return None;
    }
    let adapter = item.window_adapter()?;
    let place = place_of(item);
    let wish = |orientation, cross| item.borrow().as_ref().layout_info(orientation, cross, &adapter, item).preferred;
    let needs = if wraps {
        (0.0, wish(Orientation::Vertical, place.width))
    } else {
        (wish(Orientation::Horizontal, -1.0), wish(Orientation::Vertical, -1.0))
    };
    Some(Words { text: text.to_string(), place, seen: place.common(seen), needs, elides })
}

fn walk(item: &ItemRc, seen: Place, visit: &mut dyn FnMut(&ItemRc, Place)) {
    visit(item, seen);
    let mut child = item.first_child();
    while let Some(here) = child {
        let cut = if item.borrow().as_ref().clips_children() { seen.common(place_of(item)) } else { seen };
        if here.is_visible() || cut == seen {
            walk(&here, cut, visit);
        }
        child = here.next_sibling();
    }
}

impl Part {
    /// The whole window.
    pub fn window(window: &AppWindow) -> Part {
        Part(ItemRc::new_root(WindowInner::from_pub(window.window()).component()))
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        place_of(&self.0)
    }

    fn each(&self, mut visit: impl FnMut(&ItemRc, Place)) {
        let mut seen = self.place();
        // What lies around this part cuts it off too.
        let mut around = self.0.parent_item(ParentItemTraversalMode::StopAtPopups);
        while let Some(parent) = around {
            if parent.borrow().as_ref().clips_children() {
                seen = seen.common(place_of(&parent));
            }
            around = parent.parent_item(ParentItemTraversalMode::StopAtPopups);
        }
        walk(&self.0, seen, &mut visit);
    }

    /// Every control in it.
    pub fn controls(&self) -> Vec<Control> {
        let mut found = Vec::new();
        self.each(|item, seen| found.extend(control(item, seen)));
        found
    }

    /// Every text in it that says something.
    pub fn words(&self) -> Vec<Words> {
        let mut found = Vec::new();
        self.each(|item, seen| found.extend(words(item, seen)));
        found
    }

    /// What is announced when it changes: role and name.
    pub fn live(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.each(|item, _| {
            let live = text_of(item, AccessibleStringProperty::LiveRegion);
            if live.is_some_and(|live| live != "off") {
                found.push(text_of(item, AccessibleStringProperty::Label).unwrap_or_default().to_string());
            }
        });
        found
    }

    /// The dialog on top: a group whose veil covers the window.
    pub fn dialog(&self) -> Option<Part> {
        let whole = self.place();
        let covers = |item: &ItemRc| {
            let place = place_of(item);
            place.width >= whole.width * 0.99 && place.height >= whole.height * 0.85
        };
        let mut found = None;
        self.each(|item, _| {
            if item.accessible_role() == AccessibleRole::Groupbox {
                let parent = item.parent_item(ParentItemTraversalMode::StopAtPopups);
                if covers(item) || parent.is_some_and(|parent| covers(&parent)) {
                    found = Some(Part(item.clone()));
                }
            }
        });
        found
    }
}

/// What has the focus.
pub fn focus(window: &AppWindow) -> Focus {
    let focused = WindowInner::from_pub(window.window()).focus_item.borrow().upgrade();
    let Some(focused) = focused.filter(ItemRc::is_visible) else { return Focus::Nothing };
    let whole = Part::window(window).place();
    let mut item = Some(focused.clone());
    for _ in 0..DEPTH {
        let Some(here) = item else { break };
        if let Some(control) = control(&here, whole) {
            return Focus::Control(Box::new(control));
        }
        item = here.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    Focus::Other(place_of(&focused))
}
