//! `foyer serve | worker | migrate | audit | seed | token | demo`.

/// Rendering a page is mostly allocation (bench/dashboard).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    foyer::server::command::run()
}
