"""The page that `companion serve` shows, and the reference JavaScript client; `serve` hands both out."""
