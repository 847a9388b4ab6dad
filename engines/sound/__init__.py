"""Sound and speech sounds: resampling, phones, array names."""
