//! Tasks that go on beside requests, and are waited for when the process stops.

use std::future::Future;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The process's tasks; cheap to clone.
#[derive(Clone, Default)]
pub struct Background {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Background {
    /// Starts a task. It ends by itself soon after [`Self::stopping`] is cancelled.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Cancelled when the process stops, after its last request.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Tells the tasks to stop and waits until they have.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
