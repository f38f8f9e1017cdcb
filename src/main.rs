//! `foyer serve | worker | migrate | seed | demo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // At least four threads: on one or two cores leptos' resources can wait for each other (leptos issue 4647).
    let threads = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(foyer::server::command::run()),
        Err(error) => {
            eprintln!("foyer: the runtime cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
