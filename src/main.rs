//! `foyer serve | worker | migrate | seed | demo`.

fn main() -> std::process::ExitCode {
    foyer::server::command::run()
}
