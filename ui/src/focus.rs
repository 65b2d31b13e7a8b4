//! Nothing typed or scanned may go nowhere: something in the window has the focus at all times.
//!
//! Slint delivers keys to the focused element and drops them when there is none, which happens whenever a screen, a row or
//! a dialog that had the focus goes away. Its public interface cannot tell, so we look at the pinned `i-slint-core`.

use crate::markup::AppWindow;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;

/// Whether some element has the focus.
pub fn is_somewhere(window: &AppWindow) -> bool {
    let inner = WindowInner::from_pub(window.window());
    let focused = inner.focus_item.borrow().upgrade();
    focused.is_some_and(|item| item.is_visible())
}

/// Gives the focus to the root of the window when nothing has it.
pub(crate) fn keep(window: &AppWindow) {
    if !is_somewhere(window) {
        window.invoke_focus_root();
    }
}
