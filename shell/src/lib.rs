//! Shell lines.
