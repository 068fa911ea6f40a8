"""Fast and reliable answers: caches, replicas, timeouts, preloading and the checks before a server starts."""
