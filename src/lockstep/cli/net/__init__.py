"""`lockstep net`: a network of nodes on one machine, and what becomes of it while nodes fail and cheat."""
