//! What the tests share: the real tools that serve as oracles, and how to drive them.
//!
//! Nothing here decides a policy question. An oracle runs a vendor's program on emitted artifacts and reports what that
//! program did; the tests compare it with the models of `backends` and with `ir::decide`.

pub mod oracle;
