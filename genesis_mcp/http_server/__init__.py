"""One server for a team over HTTP: who may come in, what it costs at most, and what is answered."""
