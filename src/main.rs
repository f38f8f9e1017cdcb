//! foyer
fn main() {}
