//! `foyer serve | worker | migrate | seed | token | demo`.

fn main() -> std::process::ExitCode {
    foyer::server::command::run()
}
