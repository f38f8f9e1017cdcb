//! The platform from outside.

mod security;
