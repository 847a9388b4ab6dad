"""The languages that people are written in: their words for what a person is, and their lines. Data, and its reader."""
