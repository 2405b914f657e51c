"""From the world's feeds and pages to what an editor reads: bytes in, plain values out; no database, no network."""
