//! The program `aurapos`: the runtime and the screens, put together.
