//! The use cases of a register as a step function.
