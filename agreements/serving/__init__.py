"""How answers reach people quickly and without fail: caches, replicas, timeouts and the checks before the start."""
