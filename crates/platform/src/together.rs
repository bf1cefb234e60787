//! Group commit: callers who come while a batch runs ride together in the next one, so that one commit serves many.
//!
//! Nobody waits for company: whoever comes first begins at once, alone. When work is slower than callers, batches grow by themselves.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::Fault;

/// The most callers of one batch.
const BATCH_MAX: usize = 256;
/// The most batches of one key that run at once: while one commits, the next is already at work.
const BATCHES_MAX: usize = 2;
/// The most callers that wait for a key; the next is told that the server is busy.
const WAITING_MAX: usize = 16_384;

/// Work of one kind, put together by a key: the tenant, for work behind a tenant's fence.
pub struct Together<K, I, O>(Mutex<HashMap<K, Queue<I, O>>>);

struct Queue<I, O> {
    waiting: Vec<Waiting<I, O>>,
    running: usize,
}

struct Waiting<I, O> {
    input: I,
    answer: oneshot::Sender<Result<O, Fault>>,
}

impl<K, I, O> Default for Together<K, I, O> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, I, O> Together<K, I, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    I: Send + Sync + 'static,
    O: Send + 'static,
{
    /// Has an input worked on together with others of its key, and waits for its answer.
    ///
    /// `run` does a batch and answers each input, in their order; it must be the same work for every caller. Its fault is told to everyone in
    /// the batch. Fails with [`Fault::Busy`] when too many wait, with [`Fault::Interrupted`] when the batch ended without an answer.
    pub async fn ask<R, F>(self: &Arc<Self>, key: K, input: I, run: R) -> Result<O, Fault>
    where
        R: Fn(K, Arc<[I]>) -> F + Send + 'static,
        F: Future<Output = Result<Vec<O>, Fault>> + Send,
    {
        let (answer, answered) = oneshot::channel();
        if self.push(&key, Waiting { input, answer })? {
            let mut turn = Turn { together: Arc::clone(self), key, has_ended: false };
            // A task of its own: a caller who goes away must not take the others' batch along.
            tokio::spawn(async move {
                while let Some(batch) = turn.next() {
                    let (inputs, answers): (Vec<I>, Vec<_>) =
                        batch.into_iter().map(|waiting| (waiting.input, waiting.answer)).unzip();
                    let outputs = run(turn.key.clone(), inputs.into()).await;
                    // Whoever has gone away does not need the answer.
                    match outputs {
                        Ok(outputs) => {
                            answers.into_iter().zip(outputs).for_each(|(answer, output)| drop(answer.send(Ok(output))));
                        }
                        Err(fault) => {
                            let fault = Arc::new(fault);
                            answers.into_iter().for_each(|answer| {
                                drop(answer.send(Err(Fault::Shared(Arc::clone(&fault)))));
                            });
                        }
                    }
                }
            });
        }
        answered.await.map_err(|_| Fault::Interrupted("a batch ended without an answer".to_owned()))?
    }

    /// Queues a caller; tells whether a task is needed that works for it.
    fn push(&self, key: &K, waiting: Waiting<I, O>) -> Result<bool, Fault> {
        let mut queues = self.queues();
        let queue = queues.entry(key.clone()).or_insert_with(|| Queue { waiting: Vec::new(), running: 0 });
        if queue.waiting.len() >= WAITING_MAX {
            return Err(Fault::Busy);
        }
        queue.waiting.push(waiting);
        let is_needed = queue.running < BATCHES_MAX && queue.waiting.len() == 1;
        queue.running += usize::from(is_needed);
        Ok(is_needed)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<K, Queue<I, O>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of one task.
struct Turn<K: Clone + Eq + Hash, I, O> {
    together: Arc<Together<K, I, O>>,
    key: K,
    has_ended: bool,
}

impl<K: Clone + Eq + Hash, I, O> Turn<K, I, O> {
    /// The next batch, the longest waiting first. When there is none the turn ends, in the same moment, so that nobody waits for it.
    fn next(&mut self) -> Option<Vec<Waiting<I, O>>> {
        let mut queues = self.together.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(mut queue) = queues.entry(self.key.clone()) else { return None };
        queue.get_mut().waiting.retain(|waiting| !waiting.answer.is_closed());
        let count = BATCH_MAX.min(queue.get().waiting.len());
        if count > 0 {
            return Some(queue.get_mut().waiting.drain(..count).collect());
        }
        self.has_ended = true;
        leave(queue);
        None
    }
}

/// However a turn ends, by a panic too, the next caller finds the key free.
impl<K: Clone + Eq + Hash, I, O> Drop for Turn<K, I, O> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let mut queues = self.together.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(queue) = queues.entry(self.key.clone()) {
            leave(queue);
        }
    }
}

/// One task less. Callers who wait for a task that is no more are told so.
fn leave<K, I, O>(mut queue: std::collections::hash_map::OccupiedEntry<'_, K, Queue<I, O>>) {
    queue.get_mut().running = queue.get().running.saturating_sub(1);
    if queue.get().running == 0 {
        queue.remove();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    type Sums = Together<&'static str, usize, usize>;

    /// A queue without callers goes away, as soon as its task has looked once more.
    async fn retired(together: &Sums) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(together.queues().is_empty());
    }

    #[tokio::test]
    async fn each_caller_gets_its_own_answer_and_few_batches_serve_many() {
        let (together, batches) = (Arc::new(Sums::default()), Arc::new(AtomicUsize::new(0)));
        let gate = Arc::new(Semaphore::new(0));
        let callers: Vec<_> = (0..1_000)
            .map(|number| {
                let (together, batches, gate) = (Arc::clone(&together), Arc::clone(&batches), Arc::clone(&gate));
                tokio::spawn(async move {
                    let run = move |_, numbers: Arc<[usize]>| {
                        let gate = Arc::clone(&gate);
                        batches.fetch_add(1, Ordering::SeqCst);
                        async move {
                            drop(gate.acquire().await);
                            Ok(numbers.iter().map(|number| number * 2).collect())
                        }
                    };
                    (number, together.ask("doubles", number, run).await.unwrap())
                })
            })
            .collect();
        for _ in 0..callers.len() {
            tokio::task::yield_now().await;
        }
        gate.add_permits(1);
        for caller in callers {
            let (number, answer) = caller.await.unwrap();
            assert_eq!(answer, number * 2);
        }
        // They rode in batches of up to 256.
        let count = batches.load(Ordering::SeqCst);
        assert!((4..=8).contains(&count), "{count} batches");
        retired(&together).await;
    }

    #[tokio::test]
    async fn a_panic_is_told_to_those_it_struck_and_the_key_goes_on() {
        let together = Arc::new(Sums::default());
        let run = |_, numbers: Arc<[usize]>| async move {
            assert!(!numbers.contains(&13), "an unlucky number");
            Ok(numbers.to_vec())
        };
        assert!(matches!(together.ask("a", 13, run).await, Err(Fault::Interrupted(_))));
        assert_eq!(together.ask("a", 14, run).await.unwrap(), 14);
        retired(&together).await;
    }

    #[tokio::test]
    async fn a_missing_answer_and_a_fault_are_errors_not_waits() {
        let together = Arc::new(Sums::default());
        let answer = together.ask("a", 1, |_, _| async { Ok(Vec::new()) }).await;
        assert!(matches!(answer, Err(Fault::Interrupted(_))));
        let fault = together.ask("a", 1, |_, _| async { Err(Fault::Busy) }).await;
        assert!(matches!(fault, Err(Fault::Shared(fault)) if matches!(*fault, Fault::Busy)));
    }
}
