"""Turns a configuration into a companion that is ready: settings, models, engines."""
