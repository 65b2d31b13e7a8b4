//! Answers that are owed: given once, also when the work that should have given them was lost.

use aurapos_ui::host::{Answer, HostResult, Trouble};

/// An answer that somebody waits for.
pub(super) struct Owed<T>(Option<Answer<HostResult<T>>>);

impl<T> Owed<T> {
    pub(super) fn new(answer: Answer<HostResult<T>>) -> Self {
        Owed(Some(answer))
    }

    /// Gives it.
    pub(super) fn give(mut self, result: HostResult<T>) {
        if let Some(answer) = self.0.take() {
            answer(result);
        }
    }
}

impl<T> Drop for Owed<T> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(lost()));
        }
    }
}

/// What is told when the work was lost: a fault of the program, or its end.
fn lost() -> Trouble {
    super::trouble::trouble(
        "AP-0901",
        "This was not finished, because the program ended or has a fault.",
        "Try again; the log file in the data folder tells more.",
    )
}
