//! The second factor as people use it.
