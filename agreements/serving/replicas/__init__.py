"""Replicas of the database answer what the public reads, while everything else queries the primary.

They are PostgreSQL standbys, named in the settings as `replica1`, `replica2`, …. `reading` decides which database a
query goes to, `choosing` which replica is fit for a request, `positions` remembers how far a replica must be for
somebody who has just saved something, and `middleware` applies all this to each request. Without replicas none of it
runs.
"""
