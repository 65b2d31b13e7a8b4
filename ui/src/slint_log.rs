//! What Slint has to say goes into the program's log, as everything else does, and not onto a terminal that nobody reads.
//!
//! Slint's public interface has no door for it, so we use the pinned `i-slint-core` (ADR 0011).

use crate::markup::AppWindow;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;

/// How Slint begins the sentence that it could not ask the desktop for its colours.
const NO_DESKTOP: &str = "Error watching for xdg desktop settings";

/// From now on; of the thread of this window.
pub(crate) fn begin(window: &AppWindow) {
    let context = WindowInner::from_pub(window.window()).context();
    context.set_log_message_handler(Some(Box::new(|message| {
        let text = message.message_arguments().to_string();
        // A register without a desktop is how most of them run: nothing is wrong and nobody has to look.
        if is_missing_desktop(&text) {
            tracing::debug!("Slint: {text}");
        } else {
            tracing::warn!("Slint: {text}");
        }
    })));
}

fn is_missing_desktop(text: &str) -> bool {
    text.starts_with(NO_DESKTOP)
}

#[cfg(test)]
mod tests {
    use super::is_missing_desktop;

    #[test]
    fn a_missing_desktop_is_no_warning_and_anything_else_is() {
        let missing =
            "Error watching for xdg desktop settings: Failed to connect to address `unix:path=/run/user/0/bus`";
        assert!(is_missing_desktop(missing));
        assert!(!is_missing_desktop("Could not load the image"));
    }
}
